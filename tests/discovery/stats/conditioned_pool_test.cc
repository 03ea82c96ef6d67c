#include "discovery/stats/conditioned_pool.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "core/subsets.h"
#include "discovery/stats/correlation.h"

namespace why {
namespace {

constexpr int kVariables = 13, kPool = 11;  // x = 0, y = 1, the pool is the rest

// 5 repeats 3, 9 is the opposite of x, 12 adds 2 and 4 up.
SquareMatrix correlations(std::uint64_t seed) {
  constexpr int kRows = 40;
  Random random(seed);
  std::vector<double> table;
  for (int row = 0; row < kRows; ++row) {
    std::vector<double> v(kVariables);
    double sum = 0;
    for (double& value : v) value = random.normal() + .2 * (sum += value);
    v[5] = v[3];
    v[9] = -v[0];
    v[12] = v[2] + v[4];
    table.insert(table.end(), v.begin(), v.end());
  }
  return correlation_from_table(table, kRows, kVariables).matrix;
}

class SetsOfSize : public testing::TestWithParam<int> {};  // k

INSTANTIATE_TEST_SUITE_P(Orders, SetsOfSize, testing::Values(1, 2, 3, 5, 11));

// Calls use(sets, the set, its last place in the pool) for every set that the first variables of which
// condition_on takes, and left_out(the set) for the others.
template <class Use, class LeftOut>
void for_each_set(const SquareMatrix& matrix, int k, Use&& use, LeftOut&& left_out) {
  std::vector<int> pool(kPool);
  std::iota(pool.begin(), pool.end(), 2);
  std::vector<int> at = first_subset(k);
  do {
    ConditionedPool sets(matrix, 0, 1, pool, k);
    std::vector<int> z;
    for (const int t : at) z.push_back(pool[static_cast<std::size_t>(t)]);
    bool taken = true;
    for (int i = 0; i + 1 < k && taken; ++i) taken = sets.condition_on(i, at[static_cast<std::size_t>(i)]);
    if (taken)
      use(sets, z, at.back());
    else
      left_out(z);
  } while (next_subset(at, kPool));
}

PartialCorrelation alone(const SquareMatrix& matrix, const std::vector<int>& z, int x = 0, int y = 1) {
  const int k = static_cast<int>(z.size());
  std::vector<double> workspace(static_cast<std::size_t>(ConditionedPair::workspace_size(k)));
  return partial_correlation(matrix.values.data(), matrix.n, x, y, z.data(), k, workspace.data());
}

TEST_P(SetsOfSize, HaveTheBitsOfOneSetAlone) {
  const SquareMatrix matrix = correlations(1);
  for_each_set(
      matrix, GetParam(),
      [&](ConditionedPool& sets, const std::vector<int>& z, int last) {
        const PartialCorrelation found = sets.given(last), wanted = alone(matrix, z);
        ASSERT_EQ(found.degenerate, wanted.degenerate);
        if (!std::isnan(wanted.rho)) {
          ASSERT_EQ(std::bit_cast<std::int64_t>(found.rho), std::bit_cast<std::int64_t>(wanted.rho));
        }
      },
      [&](const std::vector<int>& z) { ASSERT_TRUE(alone(matrix, z).degenerate); });
}

TEST_P(SetsOfSize, AreInDoubtUnlessDependentForSure) {
  const SquareMatrix matrix = correlations(2);
  for (const SureDependence sure : {SureDependence{.2}, {.2, false}, {INFINITY}, {0}}) {
    int surely = 0, could_be = 0;
    for_each_set(
        matrix, GetParam(),
        [&](ConditionedPool& sets, const std::vector<int>& z, int last) {
          std::int64_t doubtful = 0;
          ASSERT_EQ(sets.mark_doubtful(last, last + 1, sure, &doubtful), doubtful);
          const auto [rho, degenerate] = alone(matrix, z);
          const bool dependent = !degenerate && (sure.either_sign ? std::abs(rho) : rho) > sure.above;
          if (!dependent) {
            ASSERT_EQ(doubtful, 1);
          }
          could_be += dependent;
          surely += doubtful == 0;
        },
        [](const std::vector<int>&) {});
    EXPECT_EQ(surely, could_be);  // nothing here lies within rounding of a bound
  }
}

// Whether the weakest of all is above the threshold by little or below it.
TEST(SetsOfOne, AreInDoubtWhereTheWeakestIs) {
  constexpr int kMany = 60;
  for (const double common : {0., .1, .5, 2., 30.}) {
    Random random(4);
    std::vector<double> table;
    for (int row = 0; row < 100; ++row) {
      const double shared = common * random.normal();
      for (int v = 0; v < kMany; ++v) table.push_back(shared + random.normal());
    }
    const SquareMatrix matrix = correlation_from_table(table, 100, kMany).matrix;
    for (int x = 0; x < kMany; ++x) {
      const int y = (x + 7) % kMany;
      std::vector<int> pool;
      double weakest = 1, weakest_positive = 1;
      for (int z = 0; z < kMany; ++z) {
        if (z == x || z == y) continue;
        pool.push_back(z);
        const double rho = alone(matrix, {z}, x, y).rho;
        weakest = std::min(weakest, std::abs(rho));
        weakest_positive = std::min(weakest_positive, rho);
      }
      ConditionedPool sets(matrix, x, y, pool, 1);
      std::vector<std::int64_t> marks(pool.size());
      const auto in_doubt = [&](double above, bool either_sign) {
        return sets.mark_doubtful(0, sets.size(), {above, either_sign}, marks.data());
      };
      EXPECT_EQ(in_doubt(weakest * (1 - 1e-9), true), 0);
      EXPECT_GE(in_doubt(weakest * (1 + 1e-9), true), 1);
      if (weakest_positive > 0) {
        EXPECT_EQ(in_doubt(weakest_positive * (1 - 1e-9), false), 0);
      }
      EXPECT_GE(in_doubt(std::max(0., weakest_positive) * (1 + 1e-9), false), 1);
    }
  }
}

// Stretches of rows with x, y and variables that are not in the pool among them.
TEST(SetsOfOne, AreMarkedAcrossGaps) {
  const SquareMatrix matrix = correlations(3);
  const std::vector<int> pool{0, 1, 3, 5, 6, 8, 9, 12};
  for (const auto& [x, y] : std::vector<std::pair<int, int>>{{4, 7}, {7, 4}, {2, 10}, {10, 11}})
    for (const double above : {0., .05, .1, .2, .3, .4})
      for (int begin = 0; begin < 8; ++begin)
        for (int end = begin + 1; end <= 8; ++end) {
          ConditionedPool sets(matrix, x, y, pool, 1);
          std::vector<std::int64_t> marks(8), wanted(8);
          std::int64_t in_doubt = 0;
          for (int t = begin; t < end; ++t) {
            const auto [rho, degenerate] = alone(matrix, {pool[static_cast<std::size_t>(t)]}, x, y);
            wanted[static_cast<std::size_t>(t - begin)] = degenerate || !(std::abs(rho) > above);
            in_doubt += wanted[static_cast<std::size_t>(t - begin)];
          }
          ASSERT_EQ(sets.mark_doubtful(begin, end, {above}, marks.data()), in_doubt);
          if (in_doubt > 0) {
            ASSERT_EQ(marks, wanted);
          }
        }
}

}  // namespace
}  // namespace why
