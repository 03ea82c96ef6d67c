#include "experiments/report/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

using Numbers = std::vector<double>;

TEST(Agreement, JaccardIsWhatBothHaveOfAll) {
  EXPECT_DOUBLE_EQ(jaccard(std::vector{1, 3}, std::vector{3, 5, 7}), 0.25);
  EXPECT_EQ(jaccard(std::vector{1, 3}, std::vector{1, 3}), 1);
  EXPECT_EQ(jaccard(std::vector{1}, std::vector{2}), 0);
}

// With ties, by hand: ranks 1 2.5 2.5 4 and 1 2 3 4 have covariance 4.5 and squares 4.5 and 5.
TEST(Agreement, SpearmanIsTheCorrelationOfMeanRanks) {
  EXPECT_DOUBLE_EQ(*spearman(Numbers{1, 20, 300}, Numbers{-3, 0, 0.5}), 1);
  EXPECT_DOUBLE_EQ(*spearman(Numbers{1, 2, 3}, Numbers{3, 2, 1}), -1);
  EXPECT_DOUBLE_EQ(*spearman(Numbers{5, 6, 6, 9}, Numbers{1, 2, 3, 4}), 4.5 / std::sqrt(4.5 * 5));
  EXPECT_FALSE(spearman(Numbers{2, 2, 2}, Numbers{1, 2, 3}));  // no variance
  EXPECT_FALSE(spearman(Numbers{2}, Numbers{1}));
  EXPECT_FALSE(spearman(Numbers{}, Numbers{}));
}

Sample found(std::vector<int> cleann, std::vector<int> knockout) {
  Sample out = made_up_sample(0);
  out.methods["cleann"] = explained_by(found_set(std::move(cleann), 2), {2, 0, 0});
  out.methods["knockout"] = explained_by(found_set(std::move(knockout), 2), {2, 0, 0});
  return out;
}

TEST(Agreement, OfTwoMethodsCountsWhatBothExplained) {
  Agreements agreements;
  agreements.add(found({1}, {1}));
  agreements.add(found({0, 1}, {1}));
  Sample one_only = found({1}, {1});
  one_only.methods["cleann"] = unexplained(SearchStatus::none, SearchBound::none, {1});
  agreements.add(one_only);
  const std::vector<std::string> names = {"knockout", "cleann", "permuted"};
  const auto out = agreements.of_methods(names);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0].one, "knockout");
  EXPECT_EQ(out[0].other, "cleann");
  EXPECT_EQ(out[0].n, 2);
  EXPECT_DOUBLE_EQ(*out[0].jaccard, 0.75);
  EXPECT_DOUBLE_EQ(*out[0].identical, 0.5);
  EXPECT_EQ(out[1].n, 0);  // permuted explained nothing
  EXPECT_FALSE(out[1].jaccard || out[1].identical);
}

TEST(Agreement, OfTwoRankingsLeavesConstantOnesOut) {
  Agreements agreements;
  Sample sample = made_up_sample(0);
  sample.rankings = {{"attention", {{1, 2, 3, 4}, {}, {}}}, {"rollout", {{4, 3, 2, 1}, {}, {}}}};
  agreements.add(sample);
  sample.rankings["rollout"].scores = {1, 1, 1, 1};
  agreements.add(sample);
  const std::vector<std::string> names = {"rollout", "attention"}, none;
  const auto out = agreements.of_rankings(names);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].n, 1);
  EXPECT_DOUBLE_EQ(*out[0].spearman, -1);
  EXPECT_TRUE(agreements.of_rankings(none).empty());
}

}  // namespace
}  // namespace why
