#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "core/files.h"
#include "core/parallel.h"
#include "core/printable.h"
#include "core/progress.h"
#include "experiments/commands/commands.h"
#include "experiments/commands/explain_input.h"
#include "experiments/datasets/interactions.h"
#include "experiments/methods.h"
#include "experiments/paths.h"
#include "experiments/report/explanation_page.h"
#include "experiments/report/task_words.h"
#include "experiments/tasks/explanation_text.h"
#include "experiments/tasks/recommendation.h"
#include "experiments/tasks/recommender.h"
#include "experiments/tasks/text_task.h"
#include "models/backend.h"
#include "models/formats/bundle.h"

namespace why {
namespace {

constexpr char kDefaultModel[] = "checkpoints/bert4rec-ml-100k", kDefaultData[] = ".deps/ml-100k";
constexpr char kDefaultTextModel[] = "checkpoints/minilm-sst2";
constexpr std::size_t kBlock = 16;  // inputs whose graphs share the threads

struct Options {
  std::string model, data, items, text, input, html, unit, method = "cleann", device = "cpu", instead_of;
  // an empty one is a mistake of its own
  bool has_items = false, has_text = false, has_instead = false;
  std::vector<CLI::Option*> graph_options;  // that only a graph heeds
  int threads = 0;
  bool json = false;
  ExplanationOptions explanation;
};

// ---- What is asked of a kind of model

class Questions {
 public:
  virtual ~Questions() = default;
  ItemTitles titles;  // empty for texts

  virtual void check(const ExplainInput& input) const = 0;  // UserError for one that cannot be explained
  // The output that --instead-of means; UserError for one that cannot be an answer to the input.
  virtual int output(const std::string& written, const ExplainInput& input) const = 0;
  virtual std::string output_name(int output) const = 0;  // as records name it
  virtual Subject subject(Model& model, const ExplainInput& input, std::int64_t number,
                          const TaskOptions& options) const = 0;
};

// Titles come from the data folder; without one, items go by their ids.
ItemTitles load_titles(const std::string& data) {
  if (!data.empty()) return read_interactions(find_path(data, "the data")).titles;
  try {
    return read_interactions(find_path(kDefaultData, "the data")).titles;
  } catch (const UserError&) {
    return {};
  }
}

class HistoryQuestions : public Questions {
 public:
  HistoryQuestions(const BundleInfo& model, const std::string& data) : model_(model) {
    titles = load_titles(data);
  }

  void check(const ExplainInput& input) const override { parse_history(input.items); }

  int output(const std::string& written, const ExplainInput& input) const override {
    const auto item = parse_item(written);
    const Sequence history = parse_history(input.items);
    const int output = static_cast<int>(item - model_.first_item);
    WHY_CHECK(std::find(history.begin(), history.end(), item) == history.end(), "\"",
              titles.title(output_name(output)),
              "\" is in the history, and what was watched is not recommended again");
    return output;
  }

  std::string output_name(int output) const override {
    return model_.items[static_cast<std::size_t>(output)];
  }

  Subject subject(Model& model, const ExplainInput& input, std::int64_t number,
                  const TaskOptions& options) const override {
    RecommendationOptions task;
    static_cast<TaskOptions&>(task) = options;
    return recommendation_subject(model, {number, input.source, parse_history(input.items)}, task);
  }

 private:
  std::int64_t parse_item(const std::string& written) const {
    const bool by_title = titles.size() > 0;
    const std::string id = by_title ? titles.find(written) : written;
    const auto item = std::find(model_.items.begin(), model_.items.end(), id);
    WHY_CHECK(item != model_.items.end(), "\"", written, "\" is not one of the ", model_.items.size(),
              " items of ", model_.path,
              by_title ? "" : "; without a data folder (--data) items go by their ids");
    return model_.first_item + (item - model_.items.begin());
  }

  Sequence parse_history(const std::vector<std::string>& items) const {
    Sequence out;
    try {
      for (const auto& written : items) out.push_back(parse_item(written));
    } catch (const UserError& error) {
      const bool commas = items.size() == 1 && items[0].find(',') != std::string::npos;
      throw UserError(text(error.what(), commas ? "; items are separated by ';', not ','" : ""));
    }
    WHY_CHECK(!out.empty(),
              "the history is empty: --items \"Toy Story (1995); Heat (1995)\" names what was watched, ",
              "oldest first");
    const auto longest = static_cast<std::size_t>(longest_history(model_));
    WHY_CHECK(out.size() <= longest, "the history holds ", out.size(), " items, more than the ", longest,
              " that ", model_.path, " takes; leave out the oldest");
    WHY_CHECK(out.size() > 1, "the history holds one item, \"",
              titles.title(model_.items[static_cast<std::size_t>(out[0] - model_.first_item)]),
              "\"; without it nothing is left to recommend from, so --items needs at least two");
    return out;
  }

  const BundleInfo& model_;
};

class TextQuestions : public Questions {
 public:
  TextQuestions(const BundleInfo& model, const std::string& unit)
      : model_(model),
        reader_(model, open_tokenizer(model.tokenizer_path()), parse_unit(unit.empty() ? "word" : unit)) {}

  void check(const ExplainInput& input) const override {
    WHY_CHECK(is_utf8(input.text), "the text is not UTF-8: \"", printable(input.text, 40), "\"");
    reader_.read(input.text);
    check_label(model_, input.label);
  }

  int output(const std::string& written, const ExplainInput&) const override {
    WHY_CHECK(model_.kind == "classifier", "it takes an item or a label, and ", model_.path, " is a ",
              model_.kind);
    check_label(model_, written);
    const auto label = std::find(model_.labels.begin(), model_.labels.end(), label_of_model(model_, written));
    WHY_CHECK(label != model_.labels.end(), "the label is empty");
    return static_cast<int>(label - model_.labels.begin());
  }

  std::string output_name(int output) const override {
    return model_.labels[static_cast<std::size_t>(output)];
  }

  Subject subject(Model& model, const ExplainInput& input, std::int64_t number,
                  const TaskOptions& options) const override {
    return text_subject(model, reader_, {number, input.source, input.text, input.label}, options);
  }

 private:
  const BundleInfo& model_;
  TextReader reader_;
};

// ---- The command

void check_options(const Options& options, const BundleInfo& model, const TaskWords& task) {
  const int ways = options.has_items + options.has_text + !options.input.empty();
  WHY_CHECK(ways == 1, "explain takes one of --text, --items and --input, not ",
            ways == 0 ? "none" : "several");
  WHY_CHECK(!options.has_text || task.of_text, options.model, " is a ", model.kind,
            ", which takes --items, not --text");
  WHY_CHECK(!options.has_items || !task.of_text, options.model, " is a ", model.kind,
            ", which takes --text, not --items");
  WHY_CHECK(options.unit.empty() || task.of_text, "--unit is for texts, and ", options.model, " is a ",
            model.kind);
  WHY_CHECK(options.data.empty() || !task.of_text, "--data is for titles of items, and ", options.model,
            " is a ", model.kind);
  WHY_CHECK(!options.has_instead || options.input.empty(),
            "--instead-of asks about one answer; a line of --input may have \"instead_of\"");
  WHY_CHECK(options.html.empty() || options.input.empty(),
            "--html is a page of one answer; for those of --input take --json, or `whyformer run`");
  if (!options.html.empty()) check_can_hold_file("--html", options.html);
}

void warn_of_idle_options(const Options& options) {
  if (learns_graphs(options.method)) return;
  for (const auto* option : options.graph_options)
    if (option->count() > 0)
      print_warnings({text(option->get_name(), " says how a graph is learned, and method \"", options.method,
                           "\" learns none")});
}

std::vector<ExplainInput> inputs_of(const Options& options, bool of_text) {
  if (!options.input.empty()) return read_explain_inputs(options.input, of_text);
  ExplainInput input;
  input.text = options.text;
  input.items = split_items(options.items);
  input.instead_of = options.instead_of;
  return {input};
}

void check_inputs(const std::vector<ExplainInput>& inputs, const Questions& questions) {
  for (const auto& input : inputs) {
    try {
      questions.check(input);
    } catch (const UserError& error) {
      throw UserError(input.place.empty() ? error.what() : text(input.place, ": ", error.what()));
    }
  }
}

// The output that each input's other answer is; -1: any.
std::vector<int> others_of(const std::vector<ExplainInput>& inputs, const Options& options,
                           const Questions& questions) {
  std::vector<int> out;
  for (const auto& input : inputs) {
    out.push_back(-1);
    if (input.instead_of.empty() && !options.has_instead) continue;
    const std::string place = options.has_instead ? "--instead-of" : input.place + ": instead_of";
    WHY_CHECK(parse_method(options.method).base != "accent", place,
              ": method \"accent\" chooses the other answer itself; all other methods take one");
    try {
      out.back() = questions.output(input.instead_of, input);
    } catch (const UserError& error) {
      throw UserError(text(place, ": ", error.what()));
    }
  }
  return out;
}

// What is written of each sample, and how.
class Writer {
 public:
  Writer(const Options& options, const BundleInfo& model, const ItemTitles& titles)
      : options_(options),
        settings_{options.model, options.explanation, sample_size(options.explanation.graph, model),
                  options.method, ""},
        titles_(titles) {}

  // `instead_of`: the other answer that was asked about, as records name it; empty: any.
  void write(const Sample& sample, const std::string& instead_of) {
    settings_.instead_of = instead_of;
    const bool many = !options_.input.empty();
    if (options_.json) {
      fmt::print(
          "{}", explanation_json(sample, titles_, settings_, many ? JsonLayout::line : JsonLayout::indented));
    } else {
      if (many) fmt::print("{}== {}\n\n", first_ ? "" : "\n", printable(sample.source));
      fmt::print("{}", explanation_text(sample, titles_, settings_));
    }
    first_ = false;
    std::fflush(stdout);
    if (!options_.html.empty()) write_file(options_.html, explanation_page(sample, titles_, settings_));
  }

 private:
  const Options& options_;
  ExplanationSettings settings_;
  const ItemTitles& titles_;
  bool first_ = true;
};

void explain_all(Model& model, const Questions& questions, const std::vector<ExplainInput>& inputs,
                 const std::vector<int>& others, TaskOptions task, Writer& writer) {
  std::optional<Progress> progress;
  if (!::isatty(STDOUT_FILENO) && inputs.size() > 1) progress.emplace("explaining", inputs.size());
  for (std::size_t first = 0; first < inputs.size(); first += kBlock) {
    const std::size_t end = std::min(first + kBlock, inputs.size());
    std::vector<Subject> subjects;
    for (std::size_t i = first; i < end; ++i) {
      task.instead_of = others[i];
      subjects.push_back(questions.subject(model, inputs[i], static_cast<std::int64_t>(i), task));
      WHY_CHECK(subjects.back().judge->original().output != others[i], inputs[i].place,
                inputs[i].place.empty() ? "--instead-of: \"" : ": instead_of: \"",
                questions.titles.title(subjects.back().sample.answer), "\" is what the model answers");
    }
    for (std::size_t i = first; const auto& sample : explain(model, std::move(subjects), task)) {
      writer.write(sample, others[i] < 0 ? "" : questions.output_name(others[i]));
      ++i;
    }
    if (progress) progress->add(end - first);
  }
}

void explain_command(Options options) {
  if (options.model.empty()) {
    std::error_code ignored;  // a pipe can be read only once
    const bool of_text = options.has_text || (std::filesystem::is_regular_file(options.input, ignored) &&
                                              holds_texts(options.input));
    options.model = of_text ? kDefaultTextModel : kDefaultModel;
  }
  const auto bundle = find_path(options.model, "the model");
  const BundleInfo info = read_bundle(bundle);
  const TaskWords& words = words_of(task_of_kind(info.kind));
  check_options(options, info, words);
  check_methods({options.method});
  resolve(options.explanation, words.task);
  check(options.explanation, info);

  std::unique_ptr<Questions> questions;
  if (words.of_text)
    questions = std::make_unique<TextQuestions>(info, options.unit);
  else
    questions = std::make_unique<HistoryQuestions>(info, options.data);
  const auto inputs = inputs_of(options, words.of_text);
  check_inputs(inputs, *questions);
  const auto others = others_of(inputs, options, *questions);
  warn_of_idle_options(options);

  TaskOptions task;
  task.explanation = options.explanation;
  task.methods = {options.method};
  task.threads = options.threads > 0 ? options.threads : hardware_threads();
  task.device = parse_device(options.device);
  backend().set_threads(task.threads);
  const auto model = backend().load(bundle.string(), task.device);
  Writer writer(options, info, questions->titles);
  explain_all(*model, *questions, inputs, others, task, writer);
}

void add_inputs(CLI::App& command, const std::shared_ptr<Options>& options) {
  auto* items = command.add_option("--items", options->items,
                                   "a history by title or id, oldest first, separated by ';'");
  auto* text =
      command.add_option("--text", options->text,
                         "a text; for a masked-lm with [MASK] in the place of the word that is asked about");
  command
      .add_option("--input", options->input,
                  "many: a file with a JSON object a line, {\"text\": …} or {\"items\": […]}; \"id\", "
                  "\"instead_of\" and, of a text, the right \"label\" on request")
      ->type_name("FILE")
      ->check(not_empty());
  command.add_option("--model", options->model, "a model bundle")
      ->type_name("DIR")
      ->default_str(std::string(kDefaultTextModel) + " for texts, else " + kDefaultModel);
  command.add_option("--data", options->data, "the folder with the items' titles")
      ->type_name("DIR")
      ->default_str(kDefaultData);
  command.add_option("--unit", options->unit, "what a text is taken apart into")
      ->check(CLI::IsMember(kUnits))
      ->default_str("word");
  auto* instead = command.add_option(
      "--instead-of", options->instead_of,
      "why the answer and not this item (title or id) or label: only what makes it the answer counts");
  instead->type_name("ITEM|LABEL");
  command.callback([options, items, text, instead] {
    options->has_instead = instead->count() > 0;
    options->has_items = items->count() > 0;
    options->has_text = text->count() > 0;
    explain_command(*options);
  });
}

void add_method(CLI::App& command, const std::shared_ptr<Options>& options) {
  command
      .add_option("--method", options->method,
                  "what explains; `whyformer list` knows the methods and their ways")
      ->type_name("METHOD[:WAY]")
      ->capture_default_str();
}

// Returns the options.
std::vector<CLI::Option*> add_graph(CLI::App& command, GraphOptions& graph) {
  return {
      command
          .add_option("--search", graph.search,
                      "how the graphs are learned; ordicd where attention is causal")
          ->check(CLI::IsMember(kSearches))
          ->capture_default_str(),
      command.add_option("--alpha", graph.alpha, "independent iff p > alpha")
          ->check(between_zero_and_one())
          ->capture_default_str(),
      command
          .add_option("--samples", graph.samples, "sample size of the test: hidden, head_dim, or a number")
          ->capture_default_str(),
      command.add_option("--estimator", graph.estimator, "what the graphs are learned from")
          ->check(CLI::IsMember(kModelEstimators))
          ->capture_default_str(),
      command
          .add_option("--layer", graph.layer,
                      "whose attention the graphs are learned from: from 0, or from the end below 0")
          ->capture_default_str(),
      command.add_option("--max-order", graph.max_order, "largest conditioning set; -1: no bound")
          ->check(CLI::Range(-1, 1000))
          ->capture_default_str()};
}

void add_sets(CLI::App& command, SetOptions& sets) {
  command
      .add_option("--heads", sets.heads,
                  "union: sets of any head, up to the first size that explains; each: every head up to "
                  "its own such size; or the number of a head")
      ->capture_default_str();
  command
      .add_option("--removal", sets.removal,
                  "how a part is taken away; auto: delete an item, mask a word, pad a word beside a mask")
      ->check(CLI::IsMember(kRemovals))
      ->capture_default_str();
  command.add_option("--max-set-size", sets.max_set_size, "largest set that is tried")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  command.add_option("--max-calls", sets.max_calls, "model calls")
      ->check(at_least_one())
      ->capture_default_str();
}

}  // namespace

void add_explain(CLI::App& app) {
  auto* command =
      app.add_subcommand("explain", "which words made a verdict, which watched items a recommendation");
  const auto options = std::make_shared<Options>();
  add_inputs(*command, options);
  add_method(*command, options);
  options->graph_options = add_graph(*command, options->explanation.graph);
  add_sets(*command, options->explanation.sets);
  command->add_flag("--json", options->json, "the full record as JSON; with --input a line each");
  command->add_option("--html", options->html, "also a page of its own, with the graph drawn")
      ->type_name("FILE")
      ->check(not_empty());
  command->add_option("--device", options->device, "cpu, cuda, cuda:N, or auto")->capture_default_str();
  command->add_option("--threads", options->threads, "CPU threads; all by default")
      ->check(one_to(kMostThreads));
}

}  // namespace why
