#include "experiments/attention_graphs.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/errors.h"
#include "core/parallel.h"
#include "core/subsets.h"
#include "discovery/search/correlation_test.h"
#include "discovery/stats/covariance.h"
#include "experiments/report/markup.h"
#include "experiments/searches.h"

namespace why {
namespace {

constexpr int kFewNodes = 5;              // below, a full or an empty graph is nothing to warn of
constexpr double kNearlyComplete = 0.95;  // of all pairs
constexpr double kNearlyEmpty = 0.25;     // edges a node

SquareMatrix covariance(const Attention& attention, int head, const std::string& estimator) {
  const auto tokens = static_cast<std::size_t>(attention.tokens),
             width = static_cast<std::size_t>(attention.width);
  const auto of_head = [&](const std::vector<float>& values, std::size_t row) {
    const std::size_t size = tokens * row;
    return std::span(values).subspan(static_cast<std::size_t>(head) * size, size);
  };
  // what rollout and gradient differ in was done to the probabilities (tasks/mixing.h)
  const bool of_model = std::find(kEstimators.begin(), kEstimators.end(), estimator) == kEstimators.end();
  return estimated_covariance(
      estimator == "outputs" ? of_head(attention.outputs, width) : of_head(attention.probabilities, tokens),
      attention.tokens, of_model ? "attention" : estimator);
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

CorrelationTest test_of_head(const HeadOfInput& input, const GraphOptions& options, int samples) {
  WHY_ASSERT(input.head >= 0 && input.head < input.attention->heads);
  const SquareMatrix of_tokens = covariance(*input.attention, input.head, options.estimator);
  return CorrelationTest(
      correlation_from_covariance(
          input.groups->empty() ? of_tokens : mean_covariance(of_tokens, *input.groups), samples),
      {.alpha = options.alpha, .positive_only = options.positive_only});
}

SearchOptions search_options(const GraphOptions& options) {
  return {.algorithm = options.search, .max_order = options.max_order, .max_pds_order = options.max_order};
}

std::vector<MixedGraph> learn_together(std::span<const HeadOfInput> heads, const GraphOptions& options,
                                       int samples, Device device, int threads) {
  std::vector<std::optional<CorrelationTest>> made(heads.size());
  parallel_for(heads.size(), threads,
               [&](std::size_t i) { made[i] = test_of_head(heads[i], options, samples); });
  std::vector<CorrelationTest> tests;
  for (auto& test : made) tests.push_back(std::move(*test));
  std::vector<MixedGraph> out;
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
  if (estimator == "outputs")
    return output_covariance(values, tokens, tokens == 0 ? 0 : static_cast<int>(values.size()) / tokens);
  if (estimator == "centered") return centered_attention_covariance(values, tokens);
  return attention_covariance(values, tokens);
}

MixedGraph learn_graph(const Attention& attention, int head, const GraphOptions& options, int samples,
                       const std::vector<std::vector<int>>& groups) {
  const CorrelationTest test = test_of_head({&attention, head, &groups}, options, samples);
  SearchOptions search = search_options(options);
  if (options.search != "ordicd") return run_search(test, search).graph;
  const Knowledge order = order_of_reading(groups, test.num_nodes());
  search.knowledge = &order;
  return run_search(test, search).graph;
}

std::vector<MixedGraph> learn_graphs(std::span<const HeadOfInput> heads, const GraphOptions& options,
                                     int samples, Device device, int threads) {
  const bool together = device.is_cuda() && has_cuda_kernels() && options.search != "ordicd";
  if (together) return learn_together(heads, options, samples, device, threads);
  // one by one, so that no test and no separating sets outlive their search
  std::vector<MixedGraph> out(heads.size());
  parallel_for(heads.size(), threads, [&](std::size_t i) {
    out[i] = learn_graph(*heads[i].attention, heads[i].head, options, samples, *heads[i].groups);
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
