#include "discovery/stats/contingency.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace why {
namespace {

constexpr auto kG2 = ContingencyStatistic::g2;
constexpr auto kChi2 = ContingencyStatistic::chi2;

TEST(Contingency, WorkedByHand) {
  // margins 30, 30 and 30, 30: all expected counts 15
  const std::vector<int> counts = {20, 10, 10, 20};
  const ContingencyResult chi2 = contingency_test(counts, 2, 2, kChi2),
                          g2 = contingency_test(counts, 2, 2, kG2);
  EXPECT_NEAR(chi2.statistic, 4 * 25.0 / 15, 1e-14);
  EXPECT_NEAR(g2.statistic, 2 * (40 * std::log(20.0 / 15) + 20 * std::log(10.0 / 15)), 1e-13);
  EXPECT_EQ(chi2.df, 1);
  EXPECT_EQ(chi2.cells, 4);
  EXPECT_EQ(chi2.rows, 60);
  EXPECT_NEAR(chi2.p_value, std::erfc(std::sqrt(chi2.statistic / 2)), 1e-15);  // df = 1
  // df = 2: p = exp(-statistic / 2)
  const ContingencyResult wide = contingency_test(std::vector<int>{10, 20, 30, 20, 20, 20}, 2, 3, kChi2);
  EXPECT_EQ(wide.df, 2);
  EXPECT_NEAR(wide.p_value, std::exp(-wide.statistic / 2), 1e-15);
}

TEST(Contingency, AddsStrataAndCountsOnlyWhatOccurs) {
  // the first stratum as above; the second lacks a category of y and varies in none of x
  const std::vector<int> counts = {20, 10, 0, 10, 20, 0, /**/ 5, 6, 7, 0, 0, 0};
  const ContingencyResult found = contingency_test(counts, 2, 3, kChi2);
  EXPECT_NEAR(found.statistic, 4 * 25.0 / 15, 1e-14);
  EXPECT_EQ(found.df, 1);
  EXPECT_EQ(found.cells, 4 + 3);
  EXPECT_EQ(found.rows, 78);
}

TEST(Contingency, EqualSharesAreNoEvidence) {
  for (const auto statistic : {kG2, kChi2}) {
    const ContingencyResult found = contingency_test(std::vector<int>{3, 6, 7, 14}, 2, 2, statistic);
    EXPECT_NEAR(found.statistic, 0, 1e-13);
    EXPECT_GE(found.statistic, 0);
    EXPECT_NEAR(found.p_value, 1, 1e-6);
  }
}

TEST(Contingency, NothingVariesInAnEmptyTable) {
  EXPECT_EQ(contingency_test({}, 2, 2, kG2).df, 0);
  EXPECT_EQ(contingency_test(std::vector<int>{4, 0, 0, 0}, 2, 2, kG2).df, 0);
  EXPECT_EQ(contingency_test(std::vector<int>{4, 0, 0, 0}, 2, 2, kG2).cells, 1);
}

}  // namespace
}  // namespace why
