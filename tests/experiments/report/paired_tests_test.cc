#include "experiments/report/paired_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace why {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

using Values = std::vector<std::int64_t>;

// ---- McNemar ----

// scipy 1.17.1: binomtest(b, b + c).pvalue
TEST(McNemar, IsTheBinomialTestOfTheDifferingPairs) {
  EXPECT_NEAR(mcnemar_p(3, 12), 0.03515625, 1e-15);
  EXPECT_NEAR(mcnemar_p(12, 3), 0.03515625, 1e-15);
  EXPECT_NEAR(mcnemar_p(1, 9), 0.021484375, 1e-15);
  EXPECT_NEAR(mcnemar_p(40, 75), 0.001412957498607674, 1e-14);
}

TEST(McNemar, OfPairsThatTellNothingIsOne) {
  EXPECT_EQ(mcnemar_p(0, 0), 1);
  EXPECT_EQ(mcnemar_p(5, 5), 1);
  EXPECT_EQ(mcnemar_p(0, 1), 1);
  EXPECT_EQ(mcnemar_p(5, 6), 1);
}

TEST(McNemar, EqualsTheSumOfBinomialChances) {
  for (std::int64_t n = 1; n <= 30; ++n)
    for (std::int64_t k = 0; k <= n; ++k) {
      double sum = 0;
      for (std::int64_t i = 0; i <= std::min(k, n - k); ++i)
        sum += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1)) / std::exp2(n);
      EXPECT_NEAR(mcnemar_p(k, n - k), std::min(1.0, 2 * sum), 1e-12) << k << " of " << n;
    }
}

// ---- Wilcoxon ----

// All signs of the mean ranks, one after the other.
double p_by_enumeration(const Values& differences) {
  std::vector<double> ranks;
  double positive = 0, total = 0;
  for (const auto value : differences) {
    if (value == 0) continue;
    double below = 0, same = 0;
    for (const auto other : differences) {
      if (other == 0) continue;
      below += std::abs(other) < std::abs(value);
      same += std::abs(other) == std::abs(value);
    }
    ranks.push_back(below + (same + 1) / 2);
    total += ranks.back();
    if (value > 0) positive += ranks.back();
  }
  const double seen = std::abs(positive - total / 2);
  int extreme = 0;
  const int all = 1 << ranks.size();
  for (int signs = 0; signs < all; ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) sum += signs >> i & 1 ? ranks[i] : 0;
    extreme += std::abs(sum - total / 2) >= seen;
  }
  return static_cast<double>(extreme) / all;
}

Values without_order(int count, int shift) {
  Values out;
  for (int i = 0; i < count; ++i) out.push_back(37 * i % 23 - shift);
  return out;
}

// scipy 1.17.1: wilcoxon(d, method="exact").pvalue
TEST(SignedRank, IsExactForFewSamples) {
  EXPECT_DOUBLE_EQ(signed_rank_p(Values{7, -2, 5, 11, -1, 9, 4, -3, 12, 8}), 0.02734375);
  Values fifty;
  for (int i = 1; i <= 50; ++i) fifty.push_back(i % 3 == 0 ? -i : i);
  EXPECT_NEAR(signed_rank_p(fifty), 0.02616696817119646, 1e-14);
}

// scipy 1.17.1: wilcoxon(d, method=PermutationMethod(n_resamples=10**9)).pvalue
TEST(SignedRank, IsExactWithTiesAndDropsZeros) {
  EXPECT_DOUBLE_EQ(signed_rank_p(Values{1, 1, -1, 2, 0, 2, 1, -1, 0, 3, 1, 2}), 0.04296875);
  EXPECT_EQ(signed_rank_p(Values{3, 0, 0, 1, -1}), signed_rank_p(Values{3, 1, -1}));
}

TEST(SignedRank, EqualsTheShareOfAllSigns) {
  for (int count = 1; count <= 14; ++count)
    for (int shift = 0; shift < 6; ++shift) {
      Values values = without_order(count, 3 * shift);
      EXPECT_DOUBLE_EQ(signed_rank_p(values), p_by_enumeration(values)) << count << " " << shift;
      for (auto& value : values) value /= 6;  // many ties, and zeros
      EXPECT_DOUBLE_EQ(signed_rank_p(values), p_by_enumeration(values)) << count << " " << shift;
    }
}

// scipy 1.17.1: wilcoxon(d, correction=True, method="asymptotic").pvalue
TEST(SignedRank, IsApproximateForManySamples) {
  EXPECT_NEAR(signed_rank_p(without_order(80, 9)), 0.027063972472957155, 1e-14);
  EXPECT_NEAR(signed_rank_p(without_order(80, 11)), 0.7578056494008537, 1e-14);
}

TEST(SignedRank, OfDifferencesThatTellNothingIsOne) {
  EXPECT_EQ(signed_rank_p(Values{}), 1);
  EXPECT_EQ(signed_rank_p(Values{0, 0, 0}), 1);
  EXPECT_EQ(signed_rank_p(Values{4}), 1);
  EXPECT_EQ(signed_rank_p(Values{2, -2}), 1);
  Values even;
  for (int i = 1; i <= 100; ++i) even.insert(even.end(), {i, -i});
  EXPECT_EQ(signed_rank_p(even), 1);
}

// ---- bootstrap ----

// numpy 2, 200,000 resamples of the same values: 0.3125 to 3.2375 about 1.775. The bounds of 2,000 differ
// from draw to draw, with a standard deviation of about 0.05.
TEST(Bootstrap, IntervalIsThatOfManyMoreResamples) {
  const auto interval = bootstrap_interval(without_order(80, 9), Random(1));
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 0.3125, 0.2);
  EXPECT_NEAR(interval->high, 3.2375, 0.2);
}

TEST(Bootstrap, IsTheSameForTheSameSeed) {
  const Values values = without_order(40, 9);
  const auto one = bootstrap_interval(values, Random(7)), same = bootstrap_interval(values, Random(7)),
             other = bootstrap_interval(values, Random(8));
  EXPECT_EQ(one->low, same->low);
  EXPECT_EQ(one->high, same->high);
  EXPECT_TRUE(one->low != other->low || one->high != other->high);
}

TEST(Bootstrap, OfOneValueThereIsNoneAndOfEqualOnesThatValue) {
  EXPECT_FALSE(bootstrap_interval(Values{}, Random(1)));
  EXPECT_FALSE(bootstrap_interval(Values{3}, Random(1)));
  const auto interval = bootstrap_interval(Values{3, 3, 3}, Random(1));
  EXPECT_EQ(interval->low, 3);
  EXPECT_EQ(interval->high, 3);
}

// ---- Holm ----

// statsmodels: multipletests(p, method="holm")
TEST(Holm, StepsDownFromTheSmallest) {
  const std::vector<double> p = {.01, .04, .03, .005, .5};
  EXPECT_THAT(holm(p),
              ElementsAre(DoubleEq(.04), DoubleEq(.09), DoubleEq(.09), DoubleEq(.025), DoubleEq(.5)));
  EXPECT_THAT(holm(std::vector<double>{.6, 1}), ElementsAre(1, 1));
  EXPECT_THAT(holm(std::vector<double>{}), ElementsAre());
}

}  // namespace
}  // namespace why
