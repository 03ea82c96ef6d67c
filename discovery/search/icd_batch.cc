#include "discovery/search/icd_batch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/parallel.h"
#ifdef WHYFORMER_HAS_CUDA
#include "discovery/search/small_icd_cuda.h"
#include "discovery/search/small_marks.h"
#endif

namespace why {
namespace {

#ifdef WHYFORMER_HAS_CUDA

bool fits_device(const CorrelationTest& test, const IcdOptions& options) {
  const bool has_answers = test.sure_dependence(0).above < INFINITY;  // there are enough samples
  return test.num_nodes() <= kMostInWord && has_answers && !options.keep_snapshots &&
         knowledge_or_none(options.knowledge).empty() && options.max_sets_per_edge >= cuda::kMostListed;
}

int last_order(const CorrelationTest& test, const IcdOptions& options) {
  const int order = std::min(test.max_order(), kLargestSmallSet);
  return options.max_order < 0 ? order : std::min(order, options.max_order);
}

cuda::SmallIcdProblem problem_of(const CorrelationTest& test, const IcdOptions& options) {
  cuda::SmallIcdProblem out{
      &test.correlation().matrix, last_order(test, options), !test.sure_dependence(0).either_sign, {}, {}};
  for (int k = 0; k <= kLargestSmallSet; ++k) {
    out.below[k] = test.sure_independence(k);
    out.above[k] = test.sure_dependence(k).above;
  }
  return out;
}

// What icd would have returned.
SearchResult result_of(const cuda::SmallIcdOutcome& outcome, const CorrelationTest& test,
                       const IcdOptions& options) {
  const int n = test.num_nodes();
  SearchResult found = nothing_separated(test);
  for (int k = 0; k < outcome.rounds; ++k) count_tests(found, k, {.tests = outcome.tests[k]});
  found.degenerate = outcome.degenerate;
  found.rounds = outcome.rounds;
  for (int k = 0; k < outcome.rounds; ++k)
    for (Node x = 0; x < n; ++x)
      for (Node y = x + 1; y < n; ++y) {
        const auto pair = static_cast<std::size_t>(pair_index(x, y));
        if (outcome.order[pair] != k) continue;
        const NodeWord& set = outcome.sets[pair];
        found.sepsets.store(x, y, NodeSet(Bits(&set, 1)).members(),
                            test.p_value({outcome.rho[pair], false}, k), Stage::icd_sep);
        found.graph.disconnect(x, y);
      }
  if (outcome.bounded) within_bounds(found, test, outcome.rounds, options.max_order, "max-order");
  take_orientation(found, orient(found.graph, found.sepsets, options.rules));
  return found;
}

// The numbers of those that are still to be searched.
std::vector<std::size_t> search_on_device(std::span<const CorrelationTest> tests, const IcdOptions& options,
                                          int index, int threads, std::vector<SearchResult>& out) {
  std::vector<std::size_t> asked, left;
  std::vector<cuda::SmallIcdProblem> problems;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (tests[i].stop_requested() || !fits_device(tests[i], options)) {
      left.push_back(i);
      continue;
    }
    asked.push_back(i);
    problems.push_back(problem_of(tests[i], options));
  }
  if (asked.empty()) return left;
  const std::vector<cuda::SmallIcdOutcome> outcomes = cuda::search_small_graphs(problems, index);
  parallel_for(asked.size(), threads, [&](std::size_t i) {
    if (outcomes[i].done) out[asked[i]] = result_of(outcomes[i], tests[asked[i]], options);
  });
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (!outcomes[i].done) left.push_back(asked[i]);
  return left;
}

#endif

}  // namespace

std::vector<SearchResult> icd_of_each(std::span<const CorrelationTest> tests, const IcdOptions& options,
                                      Device device, int threads) {
  std::vector<SearchResult> out(tests.size());
  std::vector<std::size_t> left(tests.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  check_kernels_for(device);
#ifdef WHYFORMER_HAS_CUDA
  if (device.is_cuda()) left = search_on_device(tests, options, device.index, threads, out);
#endif
  parallel_for(left.size(), threads, [&](std::size_t i) { out[left[i]] = icd(tests[left[i]], options); });
  return out;
}

}  // namespace why
