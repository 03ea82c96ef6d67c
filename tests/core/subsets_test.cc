#include "core/subsets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

namespace why {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Binomial, CountsSubsetsAndSaturates) {
  EXPECT_EQ(binomial(5, 2), 10);
  EXPECT_EQ(binomial(0, 0), 1);
  EXPECT_EQ(binomial(3, 4), 0);
  EXPECT_EQ(binomial(3, -1), 0);
  EXPECT_EQ(binomial(62, 31), 465428353255261088);
  EXPECT_EQ(binomial(200, 100), std::numeric_limits<std::int64_t>::max());
}

TEST(NextSubset, ListsThePairsOfFour) {
  auto at = first_subset(2);
  std::vector<std::vector<int>> pairs{at};
  while (next_subset(at, 4)) pairs.push_back(at);
  EXPECT_THAT(pairs, ElementsAre(ElementsAre(0, 1), ElementsAre(0, 2), ElementsAre(0, 3), ElementsAre(1, 2),
                                 ElementsAre(1, 3), ElementsAre(2, 3)));
}

TEST(NextSubset, EmptyAndFullSubsetsAreAlone) {
  auto empty = first_subset(0);
  EXPECT_FALSE(next_subset(empty, 5));
  auto full = first_subset(3);
  EXPECT_FALSE(next_subset(full, 3));
}

TEST(SubsetAt, AgreesWithTheOrderOfNextSubset) {
  for (const int n : {1, 4, 7})
    for (int k = 0; k <= n; ++k) {
      std::vector<int> pool(static_cast<std::size_t>(n));
      std::iota(pool.begin(), pool.end(), 0);
      auto at = first_subset(k);
      std::int64_t rank = 0;
      do EXPECT_EQ(subset_at(pool, k, rank++), at);
      while (next_subset(at, n));
      EXPECT_EQ(rank, binomial(n, k));
    }
}

TEST(SubsetAt, PicksFromThePoolAsItStands) {
  const std::vector<int> pool{9, 4, 7};
  EXPECT_THAT(subset_at(pool, 2, 1), ElementsAre(9, 7));
  EXPECT_THAT(subset_at(pool, 0, 0), IsEmpty());
}

}  // namespace
}  // namespace why
