// Many searches in one call give what each gives alone. On a device with our kernels, and on the CPU where
// these are compiled against the stand-in, that is said of the kernels.
#include "discovery/search/search_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "core/errors.h"
#include "core/random.h"
#include "discovery/search/small_search_cuda.h"
#include "discovery/stats/head_correlations.h"
#include "tests/available_devices.h"
#include "tests/copy_on.h"
#include "tests/discovery/search/separations.h"

namespace why {
namespace {

void expect_same(const SearchResult& found, const SearchResult& wanted) {
  EXPECT_EQ(found.graph, wanted.graph);
  EXPECT_EQ(found.tests, wanted.tests);
  EXPECT_EQ(found.degenerate, wanted.degenerate);
  EXPECT_EQ(found.rounds, wanted.rounds);
  EXPECT_EQ(found.bounds_hit, wanted.bounds_hit);
  EXPECT_EQ(found.conflicts, wanted.conflicts);
  EXPECT_EQ(found.unsure, wanted.unsure);
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

// A search of one, and of each of many.
struct Search {
  std::function<SearchResult(const CorrelationTest&)> alone;
  std::function<std::vector<SearchResult>(std::span<const CorrelationTest>, Device)> of_each;
};

Search searching(const IcdOptions& options) {
  return {[=](const CorrelationTest& test) { return icd(test, options); },
          [=](auto tests, Device device) { return icd_of_each(tests, options, device, 2); }};
}
Search searching(const FciOptions& options) {
  return {[=](const CorrelationTest& test) { return fci(test, options); },
          [=](auto tests, Device device) { return fci_of_each(tests, options, device, 2); }};
}
Search searching(const RfciOptions& options) {
  return {[=](const CorrelationTest& test) { return rfci(test, options); },
          [=](auto tests, Device device) { return rfci_of_each(tests, options, device, 2); }};
}
Search searching(const PcOptions& options) {
  return {[=](const CorrelationTest& test) { return pc(test, options); },
          [=](auto tests, Device device) { return pc_of_each(tests, options, device, 2); }};
}

const std::vector<std::string> kNames = {"icd", "fci", "rfci", "pc"};

Search searching(const std::string& name, int max_order = -1) {
  if (name == "icd") return searching(IcdOptions{.max_order = max_order});
  if (name == "fci") return searching(FciOptions{.max_order = max_order, .max_pds_order = max_order});
  if (name == "rfci") return searching(RfciOptions{.max_order = max_order});
  return searching(PcOptions{.max_order = max_order});
}

void expect_each(const Search& search, const std::vector<CorrelationTest>& tests, Device device) {
  const std::vector<SearchResult> found = search.of_each(tests, device);
  ASSERT_EQ(found.size(), tests.size());
  for (std::size_t i = 0; i < tests.size(); ++i) {
    SCOPED_TRACE(i);
    expect_same(found[i], search.alone(tests[i]));
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

class SearchOfEach : public testing::TestWithParam<std::tuple<Device, std::string>> {
 protected:
  Device device() const { return std::get<0>(GetParam()); }
  Search search(int max_order = -1) const { return searching(std::get<1>(GetParam()), max_order); }
  void expect_each(const std::vector<CorrelationTest>& tests, int max_order = -1) const {
    why::expect_each(search(max_order), tests, device());
  }
};

TEST_P(SearchOfEach, GivesWhatEachGivesAlone) { expect_each(many_models()); }

TEST_P(SearchOfEach, WithBounds) {
  for (const int max_order : {0, 1, 2, 3}) {
    SCOPED_TRACE(max_order);
    expect_each(many_models(), max_order);
  }
}

TEST_P(SearchOfEach, OfDenseGraphs) {
  expect_each({clean_model(9, .9, 1), clean_model(10, .7, 2, 60), clean_model(12, .5, 4, 40)});
}

TEST_P(SearchOfEach, OfEverySize) {
  std::vector<CorrelationTest> tests;
  for (const int variables : {3, 32, 33, 64, 65, 70}) tests.push_back(clean_model(variables, .04, 5));
  for (const int variables : {1, 2}) {
    Correlation tiny{SquareMatrix(variables), 50};
    for (int x = 0; x < variables; ++x) tiny.matrix(x, x) = 1;
    tests.emplace_back(tiny);
  }
  expect_each(tests, 3);
  expect_each({});
}

TEST_P(SearchOfEach, WithFewSamples) {
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

TEST_P(SearchOfEach, ByOtherTests) {
  std::vector<CorrelationTest> tests;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const Correlation correlation = correlation_of({12, .2, .6, 200}, seed);
    tests.push_back(CorrelationTest::exact(correlation, .05));
    tests.emplace_back(correlation, FisherZOptions{.alpha = .05, .positive_only = true});
  }
  expect_each(tests);
}

// Copies of variables: no set that holds both has an answer, and nothing separates them.
TEST_P(SearchOfEach, OfCopies) {
  std::vector<CorrelationTest> tests;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Correlation once = clean_model(6, .5, seed).correlation();
    Correlation correlation{SquareMatrix(12), 300};
    for (int x = 0; x < 12; ++x)
      for (int y = 0; y < 12; ++y) correlation.matrix(x, y) = once.matrix(x % 6, y % 6);
    for (const bool positive_only : {false, true})
      tests.emplace_back(correlation, FisherZOptions{.alpha = .01, .positive_only = positive_only});
  }
  expect_each(tests, 3);
}

// Three variables of which the last two have this correlation with the first, and the others are such that
// p is .01 given the third, up to rounding.
CorrelationTest in_doubt_given_one(double with_third, int samples) {
  const double critical = std::tanh(2.5758293035489004 / std::sqrt(samples - 4.0));
  Correlation correlation{SquareMatrix(3), samples};
  for (int x = 0; x < 3; ++x)
    for (int y = 0; y < 3; ++y) correlation.matrix(x, y) = x == y ? 1 : with_third;
  correlation.matrix(0, 1) = correlation.matrix(1, 0) =
      critical * (1 - with_third * with_third) + with_third * with_third;
  return CorrelationTest(correlation, {.alpha = .01});
}

// What only a p-value decides is decided on the CPU: a correlation at which p is alpha, up to rounding.
TEST_P(SearchOfEach, WhereAnAnswerIsInDoubt) {
  const int samples = 100;
  const double critical = 2.5758293035489004 / std::sqrt(samples - 3.0);  // p = .01
  Correlation correlation{SquareMatrix(4), samples};
  for (int x = 0; x < 4; ++x)
    for (int y = 0; y < 4; ++y) correlation.matrix(x, y) = x == y ? 1 : x + y == 3 ? .5 : std::tanh(critical);
  expect_each(
      {CorrelationTest(correlation, {.alpha = .01}), clean_model(6, .4, 1), in_doubt_given_one(.6, samples)});
}

TEST_P(SearchOfEach, StopsWhereATestSaysSo) {
  std::vector<CorrelationTest> tests = {clean_model(8, .3, 1), clean_model(8, .3, 2)};
  tests[1].should_stop = [] { return true; };
  const auto found = search().of_each(tests, device());
  EXPECT_FALSE(found[0].stopped);
  EXPECT_TRUE(found[1].stopped);
}

std::string device_and_search(const testing::TestParamInfo<std::tuple<Device, std::string>>& given) {
  return text(std::get<0>(given.param).is_cuda() ? "cuda_" : "cpu_", std::get<1>(given.param));
}

INSTANTIATE_TEST_SUITE_P(Devices, SearchOfEach,
                         testing::Combine(testing::ValuesIn(available_devices()), testing::ValuesIn(kNames)),
                         device_and_search);

class OptionsOfEach : public testing::TestWithParam<Device> {
 protected:
  template <class Options>
  void expect_each(const std::vector<CorrelationTest>& tests, const Options& options) const {
    why::expect_each(searching(options), tests, GetParam());
  }
};

TEST_P(OptionsOfEach, BoundsOfFcisTwoStages) {
  for (const int max_order : {-1, 0, 1, 2})
    for (const int max_pds_order : {-1, 0, 1, 3}) {
      SCOPED_TRACE(text(max_order, " ", max_pds_order));
      const FciOptions options{.max_order = max_order, .max_pds_order = max_pds_order};
      expect_each({clean_model(9, .5, 1), model(11, .25, 2), clean_model(16, .2, 3)}, options);
    }
}

TEST_P(OptionsOfEach, LeaveOutRules) {
  const RuleChoice rules{.selection_bias = false, .tails = false};
  const std::vector<CorrelationTest> tests = {clean_model(12, .25, 3)};
  expect_each(tests, IcdOptions{.rules = rules});
  expect_each(tests, FciOptions{.rules = rules});
  expect_each(tests, RfciOptions{.rules = rules});
}

TEST_P(OptionsOfEach, TakeAnotherColliderRule) {
  const std::vector<CorrelationTest> tests = {clean_model(9, .4, 1), model(10, .3, 2)};
  for (const ColliderRule rule : {ColliderRule::conservative, ColliderRule::majority, ColliderRule::max_p}) {
    expect_each(tests, PcOptions{.colliders = rule});
    expect_each(tests, FciOptions{.max_pds_order = 2, .colliders = rule});
  }
}

TEST_P(OptionsOfEach, AskForSnapshotsOrFewSets) {
  const std::vector<CorrelationTest> tests = {clean_model(10, .3, 1), clean_model(11, .3, 2)};
  expect_each(tests, IcdOptions{.keep_snapshots = true});
  expect_each(tests, IcdOptions{.max_sets_per_edge = 3});
}

TEST_P(OptionsOfEach, BringKnowledge) {
  Knowledge knowledge(10);
  knowledge.require(0, 5);
  knowledge.forbid(3, 1);
  const std::vector<CorrelationTest> tests = {clean_model(10, .3, 1)};
  const RuleChoice rules{.selection_bias = false};
  expect_each(tests, IcdOptions{.rules = rules, .knowledge = &knowledge});
  expect_each(tests, FciOptions{.rules = rules, .knowledge = &knowledge});
  expect_each(tests, RfciOptions{.rules = rules, .knowledge = &knowledge});
  expect_each(tests, PcOptions{.knowledge = &knowledge});
}

INSTANTIATE_TEST_SUITE_P(Devices, OptionsOfEach, testing::ValuesIn(available_devices()), device_label);

TEST(SearchOfEachOnADevice, ThatTheProgramWasBuiltWithout) {
  if (has_cuda_kernels()) GTEST_SKIP() << "it was built with CUDA";
  for (const std::string& name : kNames)
    EXPECT_THROW(searching(name).of_each({}, {Device::Kind::cuda, 0}), UserError) << name;
}

// Of random outputs of attention heads, computed on the device.
std::vector<CorrelationTest> heads_on(Device device, int most_tokens) {
  constexpr int kWidth = 24;
  std::vector<std::shared_ptr<const float>> outputs;
  std::vector<HeadValues> heads;
  for (int n = 2; n <= most_tokens; n += 4) {
    Random random(static_cast<std::uint64_t>(n));
    std::vector<float> values;
    for (int i = 0; i < n * kWidth; ++i) {
      values.push_back(static_cast<float>(random.normal()));
      if (i >= kWidth) values.back() += .5f * values[values.size() - 1 - kWidth];  // of the token before
    }
    outputs.push_back(copy_on(device, values));
    heads.push_back({outputs.back().get(), n, kWidth});
  }
  std::vector<CorrelationTest> out;
  for (const Correlation& each : correlate_heads(heads, Estimator::outputs, 64, device, 2))
    out.emplace_back(each, FisherZOptions{.alpha = .001});
  return out;
}

TEST_P(SearchOfEach, OfCorrelationsThatLieThere) { expect_each(heads_on(device(), 70), 2); }

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

using cuda::SmallSearch;

cuda::SmallProblem problem_of(const CorrelationTest& test, int max_order) {
  cuda::SmallProblem out{&test.correlation().matrix, {max_order, max_order, false, {}, {}}};
  for (int k = 0; k <= kLargestSmallSet; ++k) {
    out.limits.below[k] = test.sure_independence(k);
    out.limits.above[k] = test.sure_dependence(k).above;
  }
  return out;
}

cuda::SmallOutcome searched(SmallSearch search, const cuda::SmallProblem& problem) {
  return cuda::search_small_graphs(search, {&problem, 1}, 0).front();
}

class SearchOnADevice : public testing::TestWithParam<SmallSearch> {
 protected:
  void SetUp() override {
    if (available_devices().size() < 2) GTEST_SKIP() << "no CUDA device";
  }
};

// Else the suites above could pass on the CPU alone.
TEST_P(SearchOnADevice, DoesTheSearches) {
  const CorrelationTest test = clean_model(20, .12, 1);
  const std::vector<cuda::SmallProblem> problems(9, problem_of(test, 3));
  for (const auto& outcome : cuda::search_small_graphs(GetParam(), problems, 0)) {
    EXPECT_TRUE(outcome.done);
    EXPECT_GT(outcome.sizes.asked, 2);
    EXPECT_GT(outcome.tests[2], 0);
    EXPECT_EQ(outcome.pds.asked > 0, GetParam() == SmallSearch::fci);
  }
  int done = 0;
  for (const CorrelationTest& each : many_models()) done += searched(GetParam(), problem_of(each, 3)).done;
  EXPECT_GE(done, 20);  // of 24
}

// The host's copy is not looked at.
TEST_P(SearchOnADevice, TakesMatricesThatLieThere) {
  const std::vector<CorrelationTest> tests = heads_on({Device::Kind::cuda, 0}, kMostInWord);
  std::vector<cuda::SmallProblem> there, copied;
  std::vector<SquareMatrix> wrong;
  for (const CorrelationTest& test : tests) wrong.emplace_back(test.num_nodes());
  for (std::size_t i = 0; i < tests.size(); ++i) {
    copied.push_back(problem_of(tests[i], 3));
    there.push_back(copied.back());
    if (i % 4 == 3) continue;  // some are copied among them
    there.back().matrix = &wrong[i];
    there.back().on_device = tests[i].correlation().on_device.get();
  }
  const auto found = cuda::search_small_graphs(GetParam(), there, 0),
             wanted = cuda::search_small_graphs(GetParam(), copied, 0);
  int done = 0;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    done += found[i].done;
    EXPECT_EQ(found[i].done, wanted[i].done);
    EXPECT_EQ(found[i].stage, wanted[i].stage);
    EXPECT_EQ(found[i].sets, wanted[i].sets);
    EXPECT_EQ(found[i].rho, wanted[i].rho);
  }
  EXPECT_GT(done, 10);  // of 16
}

TEST_P(SearchOnADevice, GivesBackWhatIsInDoubt) {
  const CorrelationTest test = clean_model(20, .12, 1);
  for (const int k : {0, 1, 2}) {
    cuda::SmallProblem in_doubt = problem_of(test, 3);
    in_doubt.limits.above[k] = 2;
    EXPECT_FALSE(searched(GetParam(), in_doubt).done) << k;
  }
  EXPECT_FALSE(searched(GetParam(), problem_of(in_doubt_given_one(.6, 100), 3)).done);
}

// An edge of icd's third round with too many sets; too many questions of pc and fci.
TEST_P(SearchOnADevice, GivesBackTooManySets) {
  const CorrelationTest test = hub();
  const bool icd = GetParam() == SmallSearch::icd;
  cuda::SmallProblem problem = problem_of(test, icd ? 2 : 1);
  const cuda::SmallOutcome bounded = searched(GetParam(), problem);
  EXPECT_TRUE(bounded.done);
  EXPECT_TRUE(bounded.sizes.bounded);
  if (icd) problem.limits.max_order = 3;
  problem.limits.max_tests = static_cast<int>(bounded.tests[0] + bounded.tests[1]);
  EXPECT_EQ(searched(GetParam(), problem).done, !icd);
  --problem.limits.max_tests;
  EXPECT_FALSE(searched(GetParam(), problem).done);
}

TEST_P(SearchOnADevice, GivesBackLargeSets) {
  const CorrelationTest test = clean_model(11, 1, 1, 100'000);
  EXPECT_TRUE(searched(GetParam(), problem_of(test, 3)).sizes.bounded);
  EXPECT_FALSE(searched(GetParam(), problem_of(test, 100)).done);
}

TEST(CorrelationsOnADevice, AreReadThereUnlessItIsAnother) {
  if (available_devices().size() < 2) GTEST_SKIP() << "no CUDA device";
  const Device device{Device::Kind::cuda, 0};
  const CorrelationTest test = heads_on(device, 18).back();
  ASSERT_TRUE(searched(SmallSearch::icd, problem_of(test, 2)).done);
  Correlation there = test.correlation(), elsewhere = there;
  there.matrix = SquareMatrix(18);
  elsewhere.on_device = std::make_shared<double>(0);
  elsewhere.device.index = 1;
  const FisherZOptions significance{.alpha = .001};
  const std::vector<CorrelationTest> tests{CorrelationTest(there, significance),
                                           CorrelationTest(elsewhere, significance)};
  const IcdOptions options{.max_order = 2};
  const MixedGraph wanted = icd(test, options).graph;
  for (const SearchResult& found : icd_of_each(tests, options, device, 1)) EXPECT_EQ(found.graph, wanted);
}

// Else possible-d-sep might never separate anything.
TEST(SmallFciOnADevice, SeparatesByPossibleDSep) {
  if (available_devices().size() < 2) GTEST_SKIP() << "no CUDA device";
  int separated = 0;
  for (const CorrelationTest& test : many_models()) {
    const cuda::SmallOutcome outcome = searched(SmallSearch::fci, problem_of(test, 100));
    if (!outcome.done) continue;
    separated += static_cast<int>(std::ranges::count(outcome.stage, static_cast<int>(Stage::possible_d_sep)));
  }
  EXPECT_GT(separated, 3);
}

std::string search_name(const testing::TestParamInfo<SmallSearch>& given) {
  return given.param == SmallSearch::icd ? "icd" : given.param == SmallSearch::pc ? "pc" : "fci";
}

INSTANTIATE_TEST_SUITE_P(Kernels, SearchOnADevice,
                         testing::Values(SmallSearch::icd, SmallSearch::pc, SmallSearch::fci), search_name);

#endif

}  // namespace
}  // namespace why
