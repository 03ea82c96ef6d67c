#include "core/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <span>

namespace why {
namespace {

TEST(Random, SameSeedSameStreamAndChildrenDoNotDisturb) {
  Random a(7), b(7);
  (void)b.child("other").below(10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(a.below(1000), b.below(1000));
  EXPECT_NE(a.child("user", 1).seed(), a.child("user", 2).seed());
  EXPECT_NE(a.child("user").seed(), a.child("item").seed());
}

TEST(Random, FixedAcrossPlatforms) {
  Random random(1);
  EXPECT_EQ(random.below(1000000), 532465u);
}

TEST(Random, ShuffleIsAPermutationAndEvenlySpread) {
  std::array<int, 3> first_counts{};
  Random random(3);
  for (int i = 0; i < 3000; ++i) {
    std::array<int, 3> values{0, 1, 2};
    random.shuffle(std::span<int>(values));
    EXPECT_EQ(values[0] + values[1] + values[2], 3);
    ++first_counts[static_cast<std::size_t>(values[0])];
  }
  for (const int count : first_counts) EXPECT_NEAR(count, 1000, 110);  // 4 standard deviations
}

TEST(Random, NormalHasUnitVariance) {
  Random random(5);
  double sum = 0, squares = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.03);
  EXPECT_NEAR(squares / kDraws, 1, 0.04);
}

}  // namespace
}  // namespace why
