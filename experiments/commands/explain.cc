#include <fmt/format.h>

#include <memory>

#include "core/parallel.h"
#include "experiments/commands/commands.h"
#include "experiments/datasets/interactions.h"
#include "experiments/paths.h"
#include "experiments/tasks/explanation_text.h"
#include "experiments/tasks/recommendation.h"
#include "experiments/tasks/recommender.h"
#include "models/backend.h"
#include "models/formats/bundle.h"

namespace why {
namespace {

constexpr char kDefaultModel[] = "checkpoints/bert4rec-ml-100k", kDefaultData[] = ".deps/ml-100k";

struct Options {
  std::string model = kDefaultModel, data, items, device = "cpu";
  int threads = 0;
  bool json = false;
  ExplanationOptions explanation;
};

std::vector<std::string> split_items(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(';', start), list.size());
    const std::string piece = list.substr(start, end - start);
    const auto first = piece.find_first_not_of(" \t\n"), last = piece.find_last_not_of(" \t\n");
    if (first != std::string::npos) out.push_back(piece.substr(first, last - first + 1));
    start = end + 1;
  }
  return out;
}

// Titles come from the data folder; without one, items go by their ids.
ItemTitles load_titles(const std::string& data) {
  if (!data.empty()) return read_interactions(find_path(data, "the data")).titles;
  try {
    return read_interactions(find_path(kDefaultData, "the data")).titles;
  } catch (const UserError&) {
    return {};
  }
}

std::int64_t parse_item(const std::string& written, const ItemTitles& titles, const BundleInfo& model) {
  const bool by_title = titles.size() > 0;
  const std::string id = by_title ? titles.find(written) : written;
  const auto item = std::find(model.items.begin(), model.items.end(), id);
  WHY_CHECK(item != model.items.end(), "\"", written, "\" is not one of the ", model.items.size(),
            " items of ", model.path,
            by_title ? "" : "; without a data folder (--data) items go by their ids");
  return model.first_item + (item - model.items.begin());
}

Sequence parse_history(const std::string& list, const ItemTitles& titles, const BundleInfo& model) {
  Sequence out;
  try {
    for (const auto& written : split_items(list)) out.push_back(parse_item(written, titles, model));
  } catch (const UserError& error) {
    const bool commas = list.find(',') != std::string::npos && list.find(';') == std::string::npos;
    throw UserError(text(error.what(), commas ? "; items are separated by ';', not ','" : ""));
  }
  WHY_CHECK(!out.empty(),
            "the history is empty: --items \"Toy Story (1995); Heat (1995)\" names what was watched, ",
            "oldest first");
  const auto longest = static_cast<std::size_t>(longest_history(model));
  WHY_CHECK(out.size() <= longest, "the history holds ", out.size(), " items, more than the ", longest,
            " that ", model.path, " takes; leave out the oldest");
  WHY_CHECK(out.size() > 1, "the history holds one item, \"",
            titles.title(model.items[static_cast<std::size_t>(out[0] - model.first_item)]),
            "\"; without it nothing is left to recommend from, so --items needs at least two");
  return out;
}

void explain(const Options& options) {
  const auto bundle = find_path(options.model, "the model");
  const BundleInfo info = read_bundle(bundle);
  WHY_CHECK(info.kind == "recommender", options.model, " is a ", info.kind,
            "; --items explains recommenders");
  check(options.explanation, info);
  const ItemTitles titles = load_titles(options.data);

  RecommendationQuery query;
  query.history = parse_history(options.items, titles, info);
  RecommendationOptions task;
  task.explanation = options.explanation;
  task.threads = options.threads > 0 ? options.threads : hardware_threads();

  const Device device = parse_device(options.device);
  backend().set_threads(task.threads);
  const auto model = backend().load(bundle.string(), device);
  const Sample sample = explain_recommendations(*model, std::span(&query, 1), task).front();
  fmt::print("{}", options.json ? explanation_json(sample, titles)
                                : explanation_text(sample, titles, options.explanation,
                                                   sample_size(options.explanation.graph, info)));
}

}  // namespace

void add_explain(CLI::App& app) {
  auto* command = app.add_subcommand("explain", "which watched items caused a recommendation");
  const auto options = std::make_shared<Options>();
  auto& [graph, sets] = options->explanation;
  command->add_option("--items", options->items, "the history by title or id, oldest first, separated by ';'")
      ->required();
  command->add_option("--model", options->model, "a model bundle")->type_name("DIR")->capture_default_str();
  command->add_option("--data", options->data, "the folder with the titles")
      ->type_name("DIR")
      ->default_str(kDefaultData);
  command->add_option("--search", graph.search, "how the graphs are learned")
      ->check(CLI::IsMember(kSearchesWithoutOrder))
      ->capture_default_str();
  command->add_option("--alpha", graph.alpha, "independent iff p > alpha")
      ->check(between_zero_and_one())
      ->capture_default_str();
  command->add_option("--samples", graph.samples, "sample size of the test: hidden, head_dim, or a number")
      ->capture_default_str();
  command->add_option("--max-order", graph.max_order, "largest conditioning set; -1: no bound")
      ->check(CLI::Range(-1, 1000))
      ->capture_default_str();
  command
      ->add_option("--heads", sets.heads,
                   "union: sets of any head, up to the first size that explains; each: every head up to "
                   "its own such size; or the number of a head")
      ->capture_default_str();
  command->add_option("--removal", sets.removal, "delete or mask an item")
      ->check(CLI::IsMember(kRemovals))
      ->capture_default_str();
  command->add_option("--max-set-size", sets.max_set_size, "largest set that is tried")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  command->add_option("--max-calls", sets.max_calls, "model calls")
      ->check(at_least_one())
      ->capture_default_str();
  command->add_flag("--json", options->json, "the full record as JSON");
  command->add_option("--device", options->device, "cpu, cuda, cuda:N, or auto")->capture_default_str();
  command->add_option("--threads", options->threads, "CPU threads; all by default")->check(at_least_one());
  command->callback([options] { explain(*options); });
}

}  // namespace why
