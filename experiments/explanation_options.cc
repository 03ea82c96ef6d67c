#include "experiments/explanation_options.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "core/errors.h"
#include "experiments/report/task_words.h"

namespace why {
namespace {

// A whole number of at least `least`, or nothing.
std::optional<int> whole_number(const std::string& word, int least) {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < least) return std::nullopt;
  return value;
}

constexpr int kFewestSamples = 4;  // Fisher's z has N - 3 in its root

}  // namespace

const std::vector<std::string> kRemovals = {"delete", "mask", "pad", "attention-mask", "auto"};

namespace {

std::string resolved_removal(const std::string& name, const std::string& task) {
  if (name != "auto") return name;
  return task == "recommendation" ? "delete" : task == "sentiment" ? "mask" : "pad";
}

}  // namespace

Removal parse_removal(const std::string& name, const std::string& task) {
  check_known("removal", name, kRemovals);
  const auto found = std::find(kRemovals.begin(), kRemovals.end(), resolved_removal(name, task));
  return static_cast<Removal>(found - kRemovals.begin());  // in the order of the enumeration
}

void resolve(ExplanationOptions& options, const std::string& task) {
  options.sets.removal = resolved_removal(options.sets.removal, task);
}

void describe(Fields& fields, GraphOptions& options) {
  fields.field("search", options.search, "how the graph is learned; ordicd where attention is causal",
               one_of(kSearches));
  fields.field("alpha", options.alpha, "independent iff p > alpha", in_range(0, 1));
  fields.field("samples", options.samples, "sample size of the test: hidden, head_dim, or a number");
  fields.field("estimator", options.estimator,
               "covariance: A·Aᵀ, the outputs A·V, A centered, all layers, or by gradient",
               one_of(kModelEstimators));
  fields.field("layer", options.layer,
               "whose attention the graph is learned from: from 0, or from the end below 0");
  fields.field("max_order", options.max_order, "largest conditioning set; -1: no bound", in_range(-1));
  fields.field("positive_only", options.positive_only, "negative correlation counts as independence");
}

void describe(Fields& fields, SetOptions& options) {
  fields.field("heads", options.heads, "union, each, or the number of a head");
  fields.field("removal", options.removal, "how a part of the input is taken away", one_of(kRemovals));
  fields.field("max_set_size", options.max_set_size, "largest set that is tried", in_range(1, 5));
  fields.field("max_calls", options.max_calls, "model calls a sample", in_range(1, 1'000'000));
}

void describe(Fields& fields, ExplanationOptions& options) {
  fields.section("graph", options.graph, "from attention to a causal graph");
  fields.section("sets", options.sets, "from graphs to the smallest sets");
}

void check(const ExplanationOptions& options) {
  const auto& [samples, heads] = std::tie(options.graph.samples, options.sets.heads);
  WHY_CHECK(options.graph.alpha > 0 && options.graph.alpha < 1, "alpha must lie between 0 and 1, not be ",
            options.graph.alpha);
  WHY_CHECK(samples == "hidden" || samples == "head_dim" || whole_number(samples, kFewestSamples),
            "samples must be hidden, head_dim, or a number of at least ", kFewestSamples, ", not \"", samples,
            "\"");
  WHY_CHECK(heads == "union" || heads == "each" || whole_number(heads, 0),
            "heads must be union, each, or the number of a head, not \"", heads, "\"");
}

namespace {

void check_removal(const std::string& written, const BundleInfo& model) {
  const std::string name = resolved_removal(written, task_of_kind(model.kind));
  const Removal removal = parse_removal(name, task_of_kind(model.kind));
  const bool of_text = model.kind != "recommender";
  WHY_CHECK(of_text || removal == Removal::remove || removal == Removal::mask, "removal \"", name,
            "\" is for texts; a history's items are deleted or masked");
  WHY_CHECK(model.kind != "masked-lm" || removal != Removal::mask,
            "removal \"mask\" would add masks to the one that is asked about; pad, delete and attention-mask "
            "do not");
  WHY_CHECK(removal != Removal::mask || model.mask_id >= 0, "removal \"mask\" needs a mask token, and ",
            model.path, " has none", of_text ? "; delete, pad and attention-mask need none" : "");
}

}  // namespace

void check(const ExplanationOptions& options, const BundleInfo& model) {
  check(options);
  const auto head = single_head(options.sets);
  WHY_CHECK(!head || *head < model.heads, "there is no head ", head.value_or(0), ": ", model.path,
            " has heads 0 to ", model.heads - 1);
  const int layer = layer_of(options.graph, model);
  WHY_CHECK(layer >= 0 && layer < model.layers, "there is no layer ", options.graph.layer, ": ", model.path,
            " has layers 0 to ", model.layers - 1, ", or -", model.layers, " to -1 from the end");
  WHY_CHECK(options.graph.estimator != "gradient" || layer == model.layers - 1,
            "estimator \"gradient\" knows the last layer only, and layer is ", options.graph.layer);
  check_removal(options.sets.removal, model);
  WHY_CHECK(sample_size(options.graph, model) >= kFewestSamples, "samples \"", options.graph.samples,
            "\" is ", sample_size(options.graph, model), " for ", model.path,
            ", and the test needs at least ", kFewestSamples);
}

void check_search(const GraphOptions& options, const BundleInfo& loaded) {
  WHY_CHECK(options.search != "ordicd" || loaded.causal, "search \"ordicd\" needs causal attention, and in ",
            loaded.path, " a token reads later ones too; icd, fci, rfci and pc do not");
}

int layer_of(const GraphOptions& options, const BundleInfo& model) {
  return options.layer < 0 ? model.layers + options.layer : options.layer;
}

int sample_size(const GraphOptions& options, const BundleInfo& model) {
  if (options.samples == "hidden") return model.hidden;
  if (options.samples == "head_dim") return model.hidden / model.heads;
  return whole_number(options.samples, kFewestSamples).value();
}

std::optional<int> single_head(const SetOptions& options) { return whole_number(options.heads, 0); }

}  // namespace why
