#include "discovery/search/search_batch.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/errors.h"
#include "core/parallel.h"
#include "discovery/search/skeleton.h"
#include "discovery/search/small_marks.h"
#include "discovery/search/small_search_cuda.h"

namespace why {
namespace {

// How one search is done.
struct Plan {
  cuda::SmallSearch search;
  int max_order;
  const Knowledge* knowledge;
  int max_pds_order = -1;                                          // of fci
  bool fits_device = true;                                         // as far as its other options go
  std::function<SearchResult(const CorrelationTest&)> alone = {};  // on the CPU
  // what is left to do when a device has separated the edges
  std::function<SearchResult(SearchResult, const CorrelationTest&)> finish = {};
};

bool fits_device(const CorrelationTest& test, const Plan& plan) {
  const bool has_answers = test.sure_dependence(0).above < INFINITY;  // there are enough samples
  return plan.fits_device && knowledge_or_none(plan.knowledge).empty() && test.num_nodes() <= kMostInWord &&
         has_answers;
}

int largest_sets(const CorrelationTest& test, int max_order) {
  return max_order < 0 ? test.max_order() : std::min(test.max_order(), max_order);
}

cuda::SmallProblem problem_of(const CorrelationTest& test, const Plan& plan, Device device) {
  cuda::SmallLimits limits{.max_order = largest_sets(test, plan.max_order),
                           .max_pds_order = largest_sets(test, plan.max_pds_order),
                           .positive_only = !test.sure_dependence(0).either_sign,
                           .below = {},
                           .above = {}};
  for (int k = 0; k <= kLargestSmallSet; ++k) {
    limits.below[k] = test.sure_independence(k);
    limits.above[k] = test.sure_dependence(k).above;
  }
  const Correlation& correlation = test.correlation();
  return {&correlation.matrix, limits, correlation.device == device ? correlation.on_device.get() : nullptr};
}

// What the search would have found before it orients.
SearchResult separated(const cuda::SmallOutcome& outcome, const CorrelationTest& test, const Plan& plan) {
  SearchResult found = nothing_separated(test);
  for (int k = 0; k <= kLargestSmallSet; ++k)
    if (outcome.tests[k] > 0) count_tests(found, k, {.tests = outcome.tests[k]});
  found.degenerate = outcome.degenerate;
  for (Node y = 0; y < test.num_nodes(); ++y)
    for (Node x = 0; x < y; ++x) {
      const auto pair = static_cast<std::size_t>(pair_index(x, y));
      if (outcome.stage[pair] < 0) continue;
      const NodeWord& set = outcome.sets[pair];
      found.sepsets.store(x, y, NodeSet(Bits(&set, 1)).members(),
                          test.p_value({outcome.rho[pair], false}, count_in(set)),
                          static_cast<Stage>(outcome.stage[pair]));
      found.graph.disconnect(x, y);
    }
  const cuda::SmallSizes &sizes = outcome.sizes, &pds = outcome.pds;
  found.rounds = plan.search == cuda::SmallSearch::fci ? pds.asked : sizes.asked;
  if (sizes.bounded) within_bounds(found, test, sizes.asked, plan.max_order, "max-order");
  if (pds.bounded) within_bounds(found, test, pds.asked + 1, plan.max_pds_order, "max-pds-order");
  return found;
}

std::vector<cuda::SmallOutcome> searched(cuda::SmallSearch search,
                                         std::span<const cuda::SmallProblem> problems, Device device) {
#ifdef WHYFORMER_HAS_CUDA
  return cuda::search_small_graphs(search, problems, device.index);
#else
  static_cast<void>(search);
  static_cast<void>(problems);
  check_kernels_for(device);  // which throws
  return {};
#endif
}

// The numbers of those that are still to be searched.
std::vector<std::size_t> search_on_device(std::span<const CorrelationTest> tests, const Plan& plan,
                                          Device device, int threads, std::vector<SearchResult>& out) {
  std::vector<std::size_t> asked, left;
  std::vector<cuda::SmallProblem> problems;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (tests[i].stop_requested() || !fits_device(tests[i], plan)) {
      left.push_back(i);
      continue;
    }
    asked.push_back(i);
    problems.push_back(problem_of(tests[i], plan, device));
  }
  if (asked.empty()) return left;
  const std::vector<cuda::SmallOutcome> outcomes = searched(plan.search, problems, device);
  parallel_for(asked.size(), threads, [&](std::size_t i) {
    const CorrelationTest& test = tests[asked[i]];
    if (outcomes[i].done) out[asked[i]] = plan.finish(separated(outcomes[i], test, plan), test);
  });
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (!outcomes[i].done) left.push_back(asked[i]);
  return left;
}

std::vector<SearchResult> search_each(std::span<const CorrelationTest> tests, const Plan& plan, Device device,
                                      int threads) {
  check_kernels_for(device);
  std::vector<SearchResult> out(tests.size());
  std::vector<std::size_t> left(tests.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  if (device.is_cuda()) left = search_on_device(tests, plan, device, threads, out);
  parallel_for(left.size(), threads, [&](std::size_t i) { out[left[i]] = plan.alone(tests[left[i]]); });
  return out;
}

SearchResult oriented(SearchResult found, const RuleChoice& rules) {
  take_orientation(found, orient(found.graph, found.sepsets, rules));
  return found;
}

}  // namespace

std::vector<SearchResult> icd_of_each(std::span<const CorrelationTest> tests, const IcdOptions& options,
                                      Device device, int threads) {
  Plan plan{cuda::SmallSearch::icd, options.max_order, options.knowledge};
  plan.fits_device = !options.keep_snapshots && options.max_sets_per_edge >= cuda::kMostListed;
  plan.alone = [&](const CorrelationTest& test) { return icd(test, options); };
  plan.finish = [&](SearchResult found, const CorrelationTest&) {
    return oriented(std::move(found), options.rules);
  };
  return search_each(tests, plan, device, threads);
}

std::vector<SearchResult> fci_of_each(std::span<const CorrelationTest> tests, const FciOptions& options,
                                      Device device, int threads) {
  Plan plan{cuda::SmallSearch::fci, options.max_order, options.knowledge, options.max_pds_order};
  plan.fits_device = options.colliders == ColliderRule::sepset;
  plan.alone = [&](const CorrelationTest& test) { return fci(test, options); };
  plan.finish = [&](SearchResult found, const CorrelationTest&) {
    return oriented(std::move(found), options.rules);
  };
  return search_each(tests, plan, device, threads);
}

std::vector<SearchResult> rfci_of_each(std::span<const CorrelationTest> tests, const RfciOptions& options,
                                       Device device, int threads) {
  Plan plan{cuda::SmallSearch::pc, options.max_order, options.knowledge};
  plan.alone = [&](const CorrelationTest& test) { return rfci(test, options); };
  plan.finish = [&](SearchResult skeleton, const CorrelationTest& test) {
    return rfci_from_skeleton(std::move(skeleton), test, options);
  };
  return search_each(tests, plan, device, threads);
}

std::vector<SearchResult> pc_of_each(std::span<const CorrelationTest> tests, const PcOptions& options,
                                     Device device, int threads) {
  Plan plan{cuda::SmallSearch::pc, options.max_order, options.knowledge};
  plan.alone = [&](const CorrelationTest& test) { return pc(test, options); };
  plan.finish = [&](SearchResult skeleton, const CorrelationTest& test) {
    return pc_from_skeleton(std::move(skeleton), test, options);
  };
  return search_each(tests, plan, device, threads);
}

}  // namespace why
