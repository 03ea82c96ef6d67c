#include "discovery/search/correlation_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "discovery/stats/covariance.h"
#include "discovery/stats/partial_correlations.h"
#include "tests/discovery/search/separations.h"

namespace why {
namespace {

// Correlations that leave some sets separating and some not.
constexpr int kVariables = 15;

Correlation random_model(std::uint64_t seed, int samples = 400) {
  return correlation_of({kVariables, .25, .6, samples}, seed);
}

std::vector<Node> some_order(Node x, Node y, Random& random) {
  std::vector<Node> out;
  for (Node v = 0; v < kVariables; ++v)
    if (v != x && v != y) out.push_back(v);
  random.shuffle(std::span(out));
  return out;
}

class BatchOfSize : public testing::TestWithParam<int> {};  // k

INSTANTIATE_TEST_SUITE_P(Orders, BatchOfSize, testing::Values(0, 1, 2, 3, 4, 7, 9, 12));

TEST_P(BatchOfSize, AnswersPoolsAsOneQuestionAtATimeDoes) {
  CorrelationTest test(random_model(2));
  Random random(3);
  std::vector<std::vector<Node>> pools;
  std::vector<PoolTask> tasks;
  for (Node x = 0; x < kVariables; ++x)
    for (Node y = x + 1; y < kVariables; ++y) {
      pools.push_back(some_order(x, y, random));
      pools.back().resize(std::min<std::size_t>(10, pools.back().size()));
      if ((x + y) % 3) std::sort(pools.back().begin(), pools.back().end());
    }
  std::size_t at = 0;
  for (Node x = 0; x < kVariables; ++x)
    for (Node y = x + 1; y < kVariables; ++y) tasks.push_back({x, y, pools[at++], GetParam()});

  const auto wanted = test.CiTest::separate(std::span<const PoolTask>(tasks));
  for (const int threads : {1, 3}) {
    test.threads = threads;
    expect_equal(test.separate(std::span<const PoolTask>(tasks)), wanted);
  }
  if (GetParam() <= 10) {  // both answers occur
    EXPECT_TRUE(std::ranges::any_of(wanted, [](const Separation& s) { return s.rank >= 0; }));
    EXPECT_TRUE(std::ranges::any_of(wanted, [](const Separation& s) { return s.rank < 0; }));
  }
}

TEST_P(BatchOfSize, AnswersListsAsOneQuestionAtATimeDoes) {
  CorrelationTest test(random_model(4));
  Random random(5);
  std::vector<std::vector<Node>> lists;
  std::vector<PoolTask> pairs;
  for (Node x = 0; x < kVariables; ++x)
    for (Node y = x + 1; y < kVariables; ++y) {
      lists.emplace_back();
      for (int set = 0; set < 12; ++set) {
        const auto order = some_order(x, y, random);
        lists.back().insert(lists.back().end(), order.begin(), order.begin() + GetParam());
      }
      pairs.push_back({x, y, {}, 0});
    }
  std::vector<ListTask> tasks;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    tasks.push_back({pairs[i].x, pairs[i].y, lists[i], GetParam(), 12});

  const auto wanted = test.CiTest::separate(std::span<const ListTask>(tasks));
  for (const int threads : {1, 4}) {
    test.threads = threads;
    expect_equal(test.separate(std::span<const ListTask>(tasks)), wanted);
  }
}

// Pools of which many sets are answered at a time; few rows, so that the first that separates comes late.
TEST(CorrelationTest, AnswersLargePoolsAsOneQuestionAtATimeDoes) {
  constexpr int kMany = 300, kRows = 60;
  Random random(8);
  std::vector<double> table;
  for (int row = 0; row < kRows; ++row) {
    const double common = random.normal();
    for (int v = 0; v < kMany; ++v) table.push_back(common + random.normal());
  }
  CorrelationTest test(correlation_from_table(table, kRows, kMany), {.alpha = .05});
  std::vector<std::vector<Node>> pools;
  for (Node x = 0; x < 20; ++x) {
    pools.emplace_back(kMany - 2);
    std::iota(pools.back().begin(), pools.back().end(), 0);
    for (Node& z : pools.back()) z += (z >= x) + (z >= x);  // x and x + 1 left out
  }
  for (const int k : {1, 2}) {
    std::vector<PoolTask> tasks;
    for (Node x = 0; x < 20; ++x) tasks.push_back({x, x + 1, pools[static_cast<std::size_t>(x)], k});
    const auto wanted = test.CiTest::separate(std::span<const PoolTask>(tasks));
    test.threads = 2;
    expect_equal(test.separate(std::span<const PoolTask>(tasks)), wanted);
    EXPECT_TRUE(std::ranges::any_of(wanted, [](const Separation& s) { return s.rank > 128; }));
    if (k == 1) {
      EXPECT_TRUE(std::ranges::any_of(wanted, [](const Separation& s) { return s.rank < 0; }));
    }
  }
}

TEST(CorrelationTest, AsksWhatPartialCorrelationAndFisherSay) {
  const Correlation r = random_model(6);
  const CorrelationTest test(r, {.alpha = .05});
  Random random(7);
  for (int i = 0; i < 500; ++i) {
    const int k = static_cast<int>(random.below(11));
    auto z = some_order(1, 5, random);
    z.resize(static_cast<std::size_t>(k));
    const CiAnswer answer = test.ask(1, 5, z);
    std::sort(z.begin(), z.end());
    const std::vector<int> x = {1}, y = {5};
    const PartialCorrelation rho = partial_correlations(r, {x, y, z, k}).front();
    const FisherZ fisher(400, {.alpha = .05});
    EXPECT_EQ(answer.p_value, fisher.p_value(rho, k));
    EXPECT_EQ(answer.independent, fisher.p_value(rho, k) > .05 && !rho.degenerate);
    EXPECT_EQ(answer.degenerate, rho.degenerate);
  }
}

TEST(CorrelationTest, AnswersASetHoweverItIsListed) {
  const CorrelationTest test(random_model(8));
  Random random(9);
  for (int i = 0; i < 200; ++i) {
    auto z = some_order(2, 11, random);
    z.resize(5);
    const CiAnswer once = test.ask(2, 11, z);
    random.shuffle(std::span(z));
    const CiAnswer again = test.ask(11, 2, z);
    EXPECT_EQ(once.p_value, again.p_value);
    EXPECT_EQ(once.degenerate, again.degenerate);
  }
}

TEST(CorrelationTest, ChainIsSeparatedByItsMiddle) {
  // a -> b -> c with correlations .8 and .5, r_ac = .4, N = 1000
  SquareMatrix r(3);
  r.values = {1, .8, .4, .8, 1, .5, .4, .5, 1};
  const CorrelationTest test({r, 1000});
  EXPECT_FALSE(test.ask(0, 2, {}).independent);
  const std::vector<Node> middle = {1};
  EXPECT_TRUE(test.ask(0, 2, middle).independent);
  EXPECT_NEAR(test.ask(0, 2, middle).p_value, 1, 1e-12);
  EXPECT_EQ(test.max_order(), 996);
}

TEST(CorrelationTest, CountsDegenerateQuestionsAndKeepsTheEdge) {
  const CorrelationTest test(random_model(10));
  const std::vector<Node> copies = {13, 14}, pool = {0, 13, 14};
  EXPECT_TRUE(test.ask(1, 2, copies).degenerate);
  EXPECT_FALSE(test.ask(1, 2, copies).independent);
  // {0,13}, {0,14}, {13,14}: all singular
  const std::vector<PoolTask> tasks = {{1, 2, pool, 2}};
  const auto found = test.separate(std::span<const PoolTask>(tasks));
  EXPECT_FALSE(found[0]);
  EXPECT_EQ(found[0].tests, 3);
  EXPECT_EQ(found[0].degenerate, 3);
}

TEST(CorrelationTest, WithThreeSamplesAnswersNothing) {
  const CorrelationTest test(Correlation{SquareMatrix(2), 3});
  EXPECT_EQ(test.max_order(), 0);
  EXPECT_TRUE(test.ask(0, 1, {}).degenerate);
}

TEST(CorrelationTest, SetsLargerThanThePoolAskNothing) {
  const CorrelationTest test(random_model(11));
  const std::vector<Node> pool = {3, 4};
  const std::vector<PoolTask> tasks = {{1, 2, pool, 3}};
  EXPECT_EQ(test.separate(std::span<const PoolTask>(tasks))[0].tests, 0);
  EXPECT_TRUE(test.separate(std::span<const PoolTask>{}).empty());
}

}  // namespace
}  // namespace why
