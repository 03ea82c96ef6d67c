#include "experiments/tasks/text_task.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/printable.h"
#include "experiments/report/task_words.h"
#include "experiments/tasks/rankings.h"

namespace why {
namespace {

constexpr std::size_t kTokensAtOnce = 8192, kMostAtOnce = 64;  // of a batch of removed sets
constexpr std::size_t kMostShown = 40;                         // letters of a label in an error

// All labels; all tokens but the special ones, which are no words.
std::vector<std::uint8_t> possible_answers(const BundleInfo& model, const Tokenizer& tokenizer) {
  WHY_CHECK(model.outputs >= 2, model.path, " has one output, and a verdict needs two to choose from");
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(model.outputs), 1);
  if (model.kind == "classifier") return allowed;
  const SpecialIds& special = tokenizer.special();
  for (const int id : {special.cls, special.sep, special.pad, special.mask, special.unknown})
    if (id >= 0 && id < model.outputs) allowed[static_cast<std::size_t>(id)] = 0;
  for (int id = tokenizer.size(); id < model.outputs; ++id) allowed[static_cast<std::size_t>(id)] = 0;
  return allowed;
}

// A token as a reader of the text would see it, without the blank before it; a blank alone as the vocabulary
// writes it.
std::string word_of(const Tokenizer& tokenizer, int id) {
  const std::string text = tokenizer.text(id);
  const auto begin = text.find_first_not_of(" \n\r\t");
  return begin == std::string::npos ? tokenizer.token(id) : text.substr(begin);
}

// The kMostNodes most attended nodes, in the order of the text; of equally attended ones the earlier.
void keep_most_attended(TextInput& input, const Sequence& observed, Model& model) {
  const std::size_t all = input.nodes.size();
  if (all <= kMostNodes) return;
  const auto weights = attention_row(model.attend(std::span(&observed, 1)).front(), input.target);
  const auto weight_of = [&](const TextNode& node) {
    return std::accumulate(node.tokens.begin(), node.tokens.end(), 0.0f, [&](float sum, int token) {
      return sum + weights[static_cast<std::size_t>(token)];
    });
  };
  std::stable_sort(input.nodes.begin(), input.nodes.end(),
                   [&](const TextNode& a, const TextNode& b) { return weight_of(a) > weight_of(b); });
  input.nodes.resize(kMostNodes);
  std::sort(input.nodes.begin(), input.nodes.end(),
            [](const TextNode& a, const TextNode& b) { return a.tokens < b.tokens; });
  input.warnings.push_back(text("of the text's ", all, " parts the ", kMostNodes,
                                " that the target attends to most in the last layer can explain; the others "
                                "were never removed"));
}

std::string written(const TextInput& input, const TextNode& node) {
  return input.text.substr(node.span.begin, node.span.end - node.span.begin);
}

// The label of the model that is meant, whatever its capitals; the end where there is none like it.
auto find_label(const BundleInfo& model, const std::string& label) {
  return std::find_if(model.labels.begin(), model.labels.end(), [&](const std::string& other) {
    return std::equal(label.begin(), label.end(), other.begin(), other.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  });
}

void describe_text(Sample& sample, const TextInput& input, const TextReader& reader) {
  SampleText& out = sample.text.emplace();
  out.text = input.text;
  out.unit = kUnits[static_cast<std::size_t>(reader.unit())];
  for (const auto& node : input.nodes) {
    sample.parts.push_back(written(input, node));
    out.spans.push_back(node.span);
  }
  sample.warnings = input.warnings;
}

}  // namespace

void check_label(const BundleInfo& model, const std::string& label) {
  if (model.kind == "classifier" && !label.empty() && find_label(model, label) == model.labels.end())
    check_known("label", printable(label, kMostShown), model.labels);
}

std::string label_of_model(const BundleInfo& model, const std::string& label) {
  const auto found = find_label(model, label);
  return found == model.labels.end() ? label : *found;
}

Subject text_subject(Model& model, const TextReader& reader, const TextQuery& query,
                     const TaskOptions& options) {
  const BundleInfo& info = model.info();
  const std::string place = place_of(task_of_kind(info.kind), query.source);
  TextInput input = told_of(place, [&] { return reader.read(query.text); });
  const Answer answer = told_of(place, [&] {
    return best_answer(model.predict(std::span(&input.ids, 1)).row(0),
                       possible_answers(info, reader.tokenizer()), info.path, options.instead_of);
  });

  Subject out;
  out.sample.task = task_of_kind(info.kind);
  out.observed = input.ids;
  if (info.kind == "masked-lm") {
    out.observed[static_cast<std::size_t>(input.target)] = answer.output;
    out.output_name = [&reader](int output) { return word_of(reader.tokenizer(), output); };
  } else {
    out.output_name = [&info](int output) { return info.labels[static_cast<std::size_t>(output)]; };
  }
  keep_most_attended(input, out.observed, model);
  for (const auto& node : input.nodes) out.tokens.push_back(node.tokens);
  out.nodes = out.tokens;
  out.nodes.push_back({input.target});
  out.asked = input.ids;
  out.reads_at = input.target;
  out.judge = std::make_unique<TextJudge>(model, answer, input,
                                          parse_removal(options.explanation.sets.removal, out.sample.task));
  out.batch_size = std::clamp<std::size_t>(kTokensAtOnce / input.ids.size(), 1, kMostAtOnce);

  Sample& sample = out.sample;
  sample.number = query.number;
  sample.source = query.source;
  describe_text(sample, input, reader);
  sample.text->label = label_of_model(info, query.label);
  sample.text->probability = rounded(answer.probability);
  sample.answer = out.output_name(answer.output);
  sample.score = rounded(answer.score);
  out.top = answer.top;
  for (const int output : out.top) sample.top10.push_back(out.output_name(output));
  return out;
}

TextJudge::TextJudge(Model& model, Answer original, const TextInput& input, Removal removal)
    : ModelJudge(model, std::move(original)), ids_(input.ids), removal_(removal) {
  for (const auto& node : input.nodes) tokens_.push_back(node.tokens);
}

ReducedInput TextJudge::reduced(const KeepMask& keep) const {
  TokenFlags removed(ids_.size(), 0);
  for (std::size_t i = 0; i < keep.size(); ++i)
    if (!keep[i])
      for (const int token : tokens_[i]) removed[static_cast<std::size_t>(token)] = 1;

  ReducedInput out;
  for (std::size_t token = 0; token < ids_.size(); ++token) {
    if (!removed[token] || removal_ == Removal::hide)
      out.ids.push_back(ids_[token]);
    else if (removal_ != Removal::remove)
      out.ids.push_back(removal_ == Removal::mask ? info().mask_id : info().pad_id);
  }
  if (removal_ == Removal::hide) {
    for (const auto flag : removed) out.visible.push_back(!flag);
  }
  return out;
}

}  // namespace why
