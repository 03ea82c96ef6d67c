#include "models/classifier_training.h"

#include <algorithm>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

constexpr std::size_t kPoolBatches = 64;  // sorted by length together

}  // namespace

void describe(Fields& fields, LoraTraining& lora) {
  fields.field("rank", lora.rank, "of the pairs", in_range(1, 4096));
  fields.field("alpha", lora.alpha, "the change of a weight is alpha / rank times B A", in_range(1e-6, 1e6));
  fields.field("dropout", lora.dropout, "of what goes into the pairs", in_range(0, 0.9));
  fields.field("targets", lora.targets,
               "modules of the base whose names end so; all-linear: every linear module of the layers");
}

void describe(Fields& fields, ClassifierTraining& training) {
  fields.field("output", training.output, "the adapter's folder", required());
  fields.field("base", training.base, "the Hugging Face folder of the pre-trained model", required());
  fields.field("start", training.start, "an adapter whose weights are learned on; empty: none");
  fields.field("head", training.head,
               "linear: on the final state of the first token; pooled: as the family has it",
               one_of({"linear", "pooled"}));
  fields.field("max_length", training.max_length, "tokens; what is longer loses its end", in_range(8, 1e5));
  fields.section("lora", training.lora, "low-rank adaptation");
  fields.field("dropout", training.dropout, "of states and attention", in_range(0, 0.9));
  fields.field("learning_rate", training.learning_rate, "highest, after the warm-up", in_range(0, 1));
  fields.field("weight_decay", training.weight_decay, "of AdamW", in_range(0, 10));
  fields.field("label_smoothing", training.label_smoothing, "share of the target spread over all labels",
               in_range(0, 0.9));
  fields.field("warm_up", training.warm_up, "share of all steps in which the rate rises", in_range(0, 1));
  fields.field("batch_size", training.batch_size, "texts of like length", in_range(1, 1e6));
  fields.field("accumulation", training.accumulation, "batches whose gradients make one step",
               in_range(1, 1e6));
  fields.field("max_gradient", training.max_gradient, "longer gradients are cut to this norm",
               in_range(1e-6, 1e6));
  fields.field("precision", training.precision, "bfloat16: mixed precision; weights stay float32",
               one_of({"float32", "bfloat16"}));
  fields.field("max_epochs", training.max_epochs, "passes over the training texts", in_range(1, 1e5));
  fields.field("parts", training.parts, "of an epoch; each ends with a validation and can be resumed at",
               in_range(1, 1e5));
  fields.field("patience", training.patience, "parts without a better validation", in_range(1, 1e6));
  fields.field("seed", training.seed, "of everything random");
}

std::vector<std::vector<std::size_t>> length_batches(const std::vector<TextExample>& examples,
                                                     std::size_t batch_size, Random random) {
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(std::span(order));
  std::vector<std::vector<std::size_t>> batches;
  const std::size_t pool = batch_size * kPoolBatches;
  for (std::size_t first = 0; first < order.size(); first += pool) {
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(pool, order.size() - first));
    std::stable_sort(begin, end, [&](std::size_t a, std::size_t b) {
      return examples[a].ids.size() < examples[b].ids.size();
    });
    for (auto at = begin; at < end;) {
      const auto next = at + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(batch_size), end - at);
      batches.emplace_back(at, next);
      at = next;
    }
  }
  random.shuffle(std::span(batches));
  return batches;
}

TestResult test_result(const TextTestSet& test, const std::vector<int>& predicted) {
  WHY_ASSERT(predicted.size() == test.examples.size());
  TestResult out;
  out.name = test.name;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    const auto& example = test.examples[i];
    const bool right = predicted[i] == example.label;
    const auto length = static_cast<int>(example.ids.size());
    int high = 16;
    while (high < length) high *= 2;
    auto bin = std::find_if(out.by_length.begin(), out.by_length.end(),
                            [&](const LengthAccuracy& one) { return one.high == high; });
    if (bin == out.by_length.end()) {
      out.by_length.push_back({high == 16 ? 1 : high / 2 + 1, high, 0, 0});
      bin = out.by_length.end() - 1;
    }
    ++bin->texts;
    bin->right += right;
    ++out.texts;
    out.right += right;
    out.cut += example.cut;
  }
  std::sort(out.by_length.begin(), out.by_length.end(),
            [](const LengthAccuracy& a, const LengthAccuracy& b) { return a.high < b.high; });
  return out;
}

}  // namespace why
