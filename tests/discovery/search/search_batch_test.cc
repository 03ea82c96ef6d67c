// Many searches in one call give what each gives alone. On a device with our kernels, and on the CPU where
// these are compiled against the stand-in, that is said of the kernels.
#include "discovery/search/search_batch.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <tuple>
#include <vector>

#include "core/errors.h"
#include "core/random.h"
#include "discovery/search/icd.h"
#include "tests/available_devices.h"
#include "tests/discovery/search/separations.h"
#ifdef WHYFORMER_HAS_CUDA
#include "discovery/search/small_search_cuda.h"
#endif

namespace why {
namespace {

void expect_same(const SearchResult& found, const SearchResult& wanted) {
  EXPECT_EQ(found.graph, wanted.graph);
  EXPECT_EQ(found.tests, wanted.tests);
  EXPECT_EQ(found.degenerate, wanted.degenerate);
  EXPECT_EQ(found.rounds, wanted.rounds);
  EXPECT_EQ(found.bounds_hit, wanted.bounds_hit);
  EXPECT_EQ(found.conflicts, wanted.conflicts);
  EXPECT_EQ(found.stopped, wanted.stopped);
  ASSERT_EQ(found.reasons.size(), wanted.reasons.size());
  for (std::size_t i = 0; i < found.reasons.size(); ++i) {
    const MarkReason &reason = found.reasons[i], &same = wanted.reasons[i];
    EXPECT_EQ(std::tie(reason.x, reason.y, reason.mark), std::tie(same.x, same.y, same.mark));
    EXPECT_STREQ(reason.because.rule, same.because.rule);
    EXPECT_EQ(reason.because.path, same.because.path);
    EXPECT_EQ(reason.because.second, same.because.second);
  }
  ASSERT_EQ(found.sepsets.count(), wanted.sepsets.count());
  for (Node x = 0; x < wanted.graph.num_nodes(); ++x)
    for (Node y = x + 1; y < wanted.graph.num_nodes(); ++y) {
      const auto set = found.sepsets.find(x, y), same = wanted.sepsets.find(x, y);
      ASSERT_EQ(set.has_value(), same.has_value()) << x << " " << y;
      if (!set) continue;
      EXPECT_TRUE(std::ranges::equal(set->set, same->set)) << x << " " << y;
      EXPECT_EQ(std::bit_cast<std::uint64_t>(set->p_value), std::bit_cast<std::uint64_t>(same->p_value));
      EXPECT_EQ(set->stage, same->stage);
    }
}

void expect_same(const std::vector<SearchResult>& found, const std::vector<CorrelationTest>& tests,
                 const IcdOptions& options) {
  ASSERT_EQ(found.size(), tests.size());
  for (std::size_t i = 0; i < tests.size(); ++i) {
    SCOPED_TRACE(i);
    expect_same(found[i], icd(tests[i], options));
  }
}

CorrelationTest model(int variables, double edges, std::uint64_t seed, int samples = 300,
                      double alpha = .01) {
  return CorrelationTest(correlation_of({variables, edges, .6, samples}, seed), {.alpha = alpha});
}

// Without the copies that correlation_of adds.
CorrelationTest clean_model(int variables, double edges, std::uint64_t seed, int samples = 300) {
  const Correlation all = correlation_of({variables + 2, edges, .6, samples}, seed);
  Correlation kept = all;
  kept.matrix = SquareMatrix(variables);
  for (int x = 0; x < variables; ++x)
    for (int y = 0; y < variables; ++y) kept.matrix(x, y) = all.matrix(x, y);
  return CorrelationTest(kept, {.alpha = .01});
}

std::vector<CorrelationTest> many_models() {
  std::vector<CorrelationTest> out;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    const int variables = 3 + static_cast<int>(seed);
    out.push_back(seed % 3 == 0 ? model(variables, 2.0 / variables, seed)
                                : clean_model(variables, 2.5 / variables, seed));
  }
  return out;
}

class IcdOfEach : public testing::TestWithParam<Device> {
 protected:
  void expect_each(const std::vector<CorrelationTest>& tests, const IcdOptions& options = {}) const {
    expect_same(icd_of_each(tests, options, GetParam(), 2), tests, options);
  }
};

TEST_P(IcdOfEach, GivesWhatEachGivesAlone) { expect_each(many_models()); }

TEST_P(IcdOfEach, WithBounds) {
  for (const int max_order : {0, 1, 2, 3}) {
    SCOPED_TRACE(max_order);
    expect_each(many_models(), {.max_order = max_order});
  }
}

TEST_P(IcdOfEach, LeavesOutRulesThatAreLeftOut) {
  expect_each({clean_model(12, .25, 3)}, {.rules = {.selection_bias = false, .tails = false}});
}

TEST_P(IcdOfEach, OfDenseGraphs) {
  expect_each({clean_model(9, .9, 1), clean_model(10, .7, 2, 60), clean_model(12, .5, 4, 40)});
}

TEST_P(IcdOfEach, OfEverySize) {
  std::vector<CorrelationTest> tests;
  for (const int variables : {3, 32, 33, 64, 65, 70}) tests.push_back(clean_model(variables, .04, 5));
  for (const int variables : {1, 2}) {
    Correlation tiny{SquareMatrix(variables), 50};
    for (int x = 0; x < variables; ++x) tiny.matrix(x, x) = 1;
    tests.emplace_back(tiny);
  }
  expect_each(tests, {.max_order = 3});
  expect_each({});
}

TEST_P(IcdOfEach, WithFewSamples) {
  std::vector<CorrelationTest> tests;
  for (const int samples : {2, 3, 4, 5, 6, 7}) {
    Correlation correlation = clean_model(8, .4, 4).correlation();
    correlation.sample_size = samples;
    for (const bool positive_only : {false, true})
      tests.emplace_back(correlation, FisherZOptions{.alpha = .01, .positive_only = positive_only});
    tests.push_back(CorrelationTest::exact(correlation, .01));
  }
  expect_each(tests);
}

TEST_P(IcdOfEach, ByOtherTests) {
  std::vector<CorrelationTest> tests;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const Correlation correlation = correlation_of({12, .2, .6, 200}, seed);
    tests.push_back(CorrelationTest::exact(correlation, .05));
    tests.emplace_back(correlation, FisherZOptions{.alpha = .05, .positive_only = true});
  }
  expect_each(tests);
}

// What only a p-value decides is decided on the CPU: a correlation at which p is alpha, up to rounding.
TEST_P(IcdOfEach, WhereAnAnswerIsInDoubt) {
  const int samples = 100;
  const double critical = 2.5758293035489004 / std::sqrt(samples - 3.0);  // p = .01
  Correlation correlation{SquareMatrix(4), samples};
  for (int x = 0; x < 4; ++x)
    for (int y = 0; y < 4; ++y) correlation.matrix(x, y) = x == y ? 1 : x + y == 3 ? .5 : std::tanh(critical);
  expect_each({CorrelationTest(correlation, {.alpha = .01}), clean_model(6, .4, 1)});
}

TEST_P(IcdOfEach, WithKnowledgeSnapshotsOrFewSets) {
  const std::vector<CorrelationTest> tests = {clean_model(10, .3, 1), clean_model(11, .3, 2)};
  expect_each(tests, {.keep_snapshots = true});
  expect_each(tests, {.max_sets_per_edge = 3});
  Knowledge knowledge(10);
  knowledge.require(0, 5);
  knowledge.forbid(3, 1);
  expect_each({tests[0]}, {.rules = {.selection_bias = false}, .knowledge = &knowledge});
}

TEST_P(IcdOfEach, StopsWhereATestSaysSo) {
  std::vector<CorrelationTest> tests = {clean_model(8, .3, 1), clean_model(8, .3, 2)};
  tests[1].should_stop = [] { return true; };
  const auto found = icd_of_each(tests, {}, GetParam(), 1);
  EXPECT_FALSE(found[0].stopped);
  EXPECT_TRUE(found[1].stopped);
}

INSTANTIATE_TEST_SUITE_P(Devices, IcdOfEach, testing::ValuesIn(available_devices()), device_label);

TEST(IcdOfEachOnADevice, ThatTheProgramWasBuiltWithout) {
  if (has_cuda_kernels()) GTEST_SKIP() << "it was built with CUDA";
  EXPECT_THROW(icd_of_each({}, {}, {Device::Kind::cuda, 0}, 1), UserError);
}

#ifdef WHYFORMER_HAS_CUDA

// Two variables, each a sum of the same 58 independent ones and the second of the first too: few edges, of
// which one has C(58, 3) sets of three.
CorrelationTest hub() {
  constexpr int kCauses = 58, kX = kCauses, kY = kCauses + 1;
  SquareMatrix covariance(kCauses + 2);
  const double var_x = .09 * kCauses + 1, cov = var_x / 2, var_y = .09 * kCauses + var_x / 4 + 1;
  for (int z = 0; z < kCauses; ++z) {
    covariance(z, z) = 1;
    covariance(z, kX) = covariance(kX, z) = .3;
    covariance(z, kY) = covariance(kY, z) = .15 + (z % 2 == 0 ? .3 : -.3);
  }
  covariance(kX, kX) = var_x;
  covariance(kY, kY) = var_y;
  covariance(kX, kY) = covariance(kY, kX) = cov;
  return CorrelationTest(correlation_from_covariance(covariance, 1'000'000), {.alpha = .01});
}

cuda::SmallProblem problem_of(const CorrelationTest& test, int max_order) {
  cuda::SmallProblem out{&test.correlation().matrix, {max_order, false, {}, {}}};
  for (int k = 0; k <= kLargestSmallSet; ++k) {
    out.limits.below[k] = test.sure_independence(k);
    out.limits.above[k] = test.sure_dependence(k).above;
  }
  return out;
}

cuda::SmallOutcome searched(cuda::SmallSearch search, const cuda::SmallProblem& problem) {
  return cuda::search_small_graphs(search, {&problem, 1}, 0).front();
}

// Else the suite above could pass on the CPU alone.
TEST(IcdOfEachOnADevice, DoesTheSearches) {
  if (available_devices().size() < 2) GTEST_SKIP() << "no CUDA device";
  const CorrelationTest test = clean_model(20, .12, 1);
  const std::vector<cuda::SmallProblem> problems(9, problem_of(test, kLargestSmallSet));
  for (const auto& outcome : cuda::search_small_graphs(cuda::SmallSearch::icd, problems, 0)) {
    EXPECT_TRUE(outcome.done);
    EXPECT_GT(outcome.sizes.asked, 2);
    EXPECT_GT(outcome.tests[2], 0);
  }
  cuda::SmallProblem in_doubt = problems.front();
  in_doubt.limits.above[0] = 2;
  EXPECT_FALSE(searched(cuda::SmallSearch::icd, in_doubt).done);
}

TEST(IcdOfEachOnADevice, GivesBackAnEdgeWithMoreSetsThanAreListed) {
  if (available_devices().size() < 2) GTEST_SKIP() << "no CUDA device";
  const CorrelationTest test = hub();
  EXPECT_TRUE(searched(cuda::SmallSearch::icd, problem_of(test, 2)).sizes.bounded);
  EXPECT_FALSE(searched(cuda::SmallSearch::icd, problem_of(test, 3)).done);
}

#endif

}  // namespace
}  // namespace why
