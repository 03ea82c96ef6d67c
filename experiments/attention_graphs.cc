#include "experiments/attention_graphs.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/errors.h"
#include "core/parallel.h"
#include "core/subsets.h"
#include "discovery/graph/small_pds.h"
#include "discovery/search/correlation_test.h"
#include "discovery/stats/head_correlations.h"
#include "experiments/report/markup.h"
#include "experiments/searches.h"

namespace why {
namespace {

constexpr int kFewNodes = 5;              // below, a full or an empty graph is nothing to warn of
constexpr double kNearlyComplete = 0.95;  // of all pairs
constexpr double kNearlyEmpty = 0.25;     // edges a node

// What rollout and gradient differ in from attention was done to the probabilities (tasks/mixing.h).
Estimator estimator_named(const std::string& name) {
  if (name == "outputs") return Estimator::outputs;
  return name == "centered" ? Estimator::centered : Estimator::attention;
}

// Where its attention lies.
HeadValues values_of(const HeadOfInput& input, Estimator estimator) {
  const Attention& attention = *input.attention;
  const bool outputs = estimator == Estimator::outputs;
  HeadValues out{nullptr, attention.tokens, outputs ? attention.width : attention.tokens, input.groups};
  WHY_ASSERT(input.head >= 0 && input.head < attention.heads);
  if (attention.device.is_cuda()) {
    out.values = (outputs ? attention.device_outputs : attention.device_probabilities).get();
    WHY_ASSERT(out.values != nullptr);
  } else {
    const std::vector<float>& all = outputs ? attention.outputs : attention.probabilities;
    WHY_ASSERT(all.size() == static_cast<std::size_t>(attention.heads) * out.size());
    out.values = all.data();
  }
  out.values += static_cast<std::size_t>(input.head) * out.size();
  return out;
}

// Each group by its first token, so that groups may be taken apart, or the last be anywhere in a text.
Knowledge order_of_reading(const std::vector<std::vector<int>>& groups, int num_nodes) {
  std::vector<Node> order(static_cast<std::size_t>(num_nodes));
  std::iota(order.begin(), order.end(), 0);
  const auto first_token = [&](Node x) {
    const auto& tokens = groups[static_cast<std::size_t>(x)];
    return *std::min_element(tokens.begin(), tokens.end());
  };
  if (!groups.empty())
    std::stable_sort(order.begin(), order.end(),
                     [&](Node x, Node y) { return first_token(x) < first_token(y); });
  return knowledge_of_order(order, num_nodes);
}

// Each computed where its attention lies.
std::vector<Correlation> correlations_of(std::span<const HeadOfInput> heads, const std::string& estimator,
                                         int samples, int threads) {
  const Estimator read = estimator_named(estimator);
  std::vector<Correlation> out(heads.size());
  std::vector<std::size_t> left(heads.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  while (!left.empty()) {
    const Device device = heads[left.front()].attention->device;
    const auto elsewhere = std::stable_partition(
        left.begin(), left.end(), [&](std::size_t i) { return heads[i].attention->device == device; });
    std::vector<HeadValues> values;
    for (auto i = left.begin(); i != elsewhere; ++i) values.push_back(values_of(heads[*i], read));
    std::vector<Correlation> found = correlate_heads(values, read, samples, device, threads);
    for (std::size_t i = 0; i < found.size(); ++i) out[left[i]] = std::move(found[i]);
    left.erase(left.begin(), elsewhere);
  }
  return out;
}

std::vector<CorrelationTest> tests_of(std::span<const HeadOfInput> heads, const GraphOptions& options,
                                      int samples, int threads) {
  std::vector<CorrelationTest> out;
  for (Correlation& each : correlations_of(heads, options.estimator, samples, threads))
    out.emplace_back(std::move(each),
                     FisherZOptions{.alpha = options.alpha, .positive_only = options.positive_only});
  return out;
}

bool is_small(const HeadOfInput& head) {
  const auto nodes =
      head.groups->empty() ? static_cast<std::size_t>(head.attention->tokens) : head.groups->size();
  return nodes <= kMostInWord;
}

SearchOptions search_options(const GraphOptions& options) {
  return {.algorithm = options.search, .max_order = options.max_order, .max_pds_order = options.max_order};
}

std::vector<MixedGraph> learn_together(std::span<const HeadOfInput> heads, const GraphOptions& options,
                                       int samples, Device device, int threads) {
  std::vector<MixedGraph> out;
  if (heads.empty()) return out;
  const std::vector<CorrelationTest> tests = tests_of(heads, options, samples, threads);
  for (SearchResult& found : run_searches(tests, search_options(options), device, threads))
    out.push_back(std::move(found.graph));
  return out;
}

std::string warning(const MixedGraph& graph) {
  const int n = graph.num_nodes(), edges = graph.num_edges();
  if (graph.degree(n - 1) == 0) return "nothing is joined to the target, so it proposes no set";
  if (n < kFewNodes) return "";
  const double share = edges / static_cast<double>(binomial(n, 2));
  if (share >= kNearlyComplete)
    return fmt::format("nearly complete, {:.0f} % of all pairs are joined", 100 * share);
  if (edges <= kNearlyEmpty * n)
    return fmt::format("nearly empty, {} among {} nodes", counted(edges, "edge"), n);
  return "";
}

}  // namespace

SquareMatrix estimated_covariance(std::span<const float> values, int tokens, const std::string& estimator) {
  check_known("estimator", estimator, kEstimators);
  const int columns = tokens == 0 ? 0 : static_cast<int>(values.size()) / tokens;
  WHY_ASSERT(values.size() == static_cast<std::size_t>(tokens) * static_cast<std::size_t>(columns));
  return head_covariance({values.data(), tokens, columns}, estimator_named(estimator));
}

MixedGraph learn_graph(const Attention& attention, int head, const GraphOptions& options, int samples,
                       const std::vector<std::vector<int>>& groups) {
  const HeadOfInput input{&attention, head, &groups};
  const CorrelationTest test = std::move(tests_of({&input, 1}, options, samples, 1).front());
  SearchOptions search = search_options(options);
  if (options.search != "ordicd") return run_search(test, search).graph;
  const Knowledge order = order_of_reading(groups, test.num_nodes());
  search.knowledge = &order;
  return run_search(test, search).graph;
}

bool learns_together(const GraphOptions& options, Device device) {
  return device.is_cuda() && has_cuda_kernels() && options.search != "ordicd";
}

std::vector<MixedGraph> learn_graphs(std::span<const HeadOfInput> heads, const GraphOptions& options,
                                     int samples, Device device, int threads) {
  std::vector<std::size_t> together, one_by_one;
  for (std::size_t i = 0; i < heads.size(); ++i)
    (learns_together(options, device) && is_small(heads[i]) ? together : one_by_one).push_back(i);

  std::vector<MixedGraph> out(heads.size());
  std::vector<HeadOfInput> small;
  for (const std::size_t i : together) small.push_back(heads[i]);
  std::vector<MixedGraph> graphs = learn_together(small, options, samples, device, threads);
  for (std::size_t i = 0; i < graphs.size(); ++i) out[together[i]] = std::move(graphs[i]);
  // so that no test and no separating sets outlive their search
  parallel_for(one_by_one.size(), threads, [&](std::size_t i) {
    const HeadOfInput& each = heads[one_by_one[i]];
    out[one_by_one[i]] = learn_graph(*each.attention, each.head, options, samples, *each.groups);
  });
  return out;
}

std::vector<std::string> graph_warnings(std::span<const MixedGraph> heads, const SetOptions& options) {
  const auto chosen = single_head(options);
  std::vector<std::string> out;
  for (std::size_t head = 0; head < heads.size(); ++head) {
    if (chosen && head != static_cast<std::size_t>(*chosen)) continue;
    if (const auto sentence = warning(heads[head]); !sentence.empty())
      out.push_back(fmt::format("head {}: {}", head, sentence));
  }
  return out;
}

HeadChoice head_choice(const SetOptions& options) {
  if (const auto head = single_head(options)) return {HeadChoice::Kind::one, *head};
  return {options.heads == "each" ? HeadChoice::Kind::each : HeadChoice::Kind::together, 0};
}

}  // namespace why
