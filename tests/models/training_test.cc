#include "models/training.h"

#include <gmock/gmock.h>

#include <cmath>

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HoldOut, TestIsTheLastItemAndValidationTheOneBefore) {
  const Sequence whole = {5, 6, 7, 8, 9};
  EXPECT_THAT(hold_out(whole, Fold::test, 50).history, ElementsAre(5, 6, 7, 8));
  EXPECT_EQ(hold_out(whole, Fold::test, 50).target, 9);
  EXPECT_THAT(hold_out(whole, Fold::validation, 50).history, ElementsAre(5, 6, 7));
  EXPECT_EQ(hold_out(whole, Fold::validation, 50).target, 8);
}

TEST(HoldOut, ShowsTheLatestItemsOfALongHistoryAndKnowsTheOthers) {
  const auto question = hold_out({1, 2, 3, 4, 5}, Fold::test, 2);
  EXPECT_THAT(question.history, ElementsAre(3, 4));
  EXPECT_THAT(question.seen, ElementsAre(1, 2, 3, 4));
}

TEST(HoldOut, UsersOfFewerThanThreeItemsAreOnlyLearnedFrom) {
  const std::vector<Sequence> users = {{1, 2}, {1, 2, 3}, {}, {4, 3, 2, 1}};
  EXPECT_EQ(held_out(users, Fold::test, 50).size(), 2u);
  EXPECT_THAT(training_part(users),
              ElementsAre(ElementsAre(1, 2), ElementsAre(1), IsEmpty(), ElementsAre(4, 3)));
}

TEST(Popularity, CountsTheTrainingPartAlone) {
  // Training parts {1, 2}, {2}: item 2 is first, then 1, then 3 and 4 in their order.
  const InteractionSplit data{{{1, 2, 3, 4}, {2, 1, 3}}, {"a", "b", "c", "d"}};
  const auto report = popularity_report(data, Fold::test, 50);
  EXPECT_DOUBLE_EQ(report.all.ndcg[0],
                   (0.4306765580733931 + 0.5) / 2);  // places 4 and 3: 1/log2(5), 1/log2(4)
  EXPECT_DOUBLE_EQ(report.unseen.ndcg[0], 1);        // nothing else is unseen before them
}

TEST(RankingReport, AsksInBlocksAndAnswersThePlacesOfAll) {
  std::vector<HeldOut> questions;
  for (std::int64_t i = 0; i < 7; ++i) questions.push_back({{1}, {1}, 1 + i % 3});
  std::vector<std::size_t> blocks;
  const auto report = ranking_report(
      questions,
      [&](std::size_t first, std::size_t last) {
        blocks.push_back(last - first);
        Scores scores{static_cast<int>(last - first), 3, {}};
        for (std::size_t i = first; i < last; ++i) scores.values.insert(scores.values.end(), {3, 2, 1});
        return scores;
      },
      3);
  EXPECT_THAT(blocks, ElementsAre(3, 3, 1));
  EXPECT_DOUBLE_EQ(report.all.hit_rate[0], 1);
  EXPECT_NEAR(report.all.ndcg[0], (3 * 1.0 + 2 / std::log2(3.0) + 2 / 2.0) / 7, 1e-12);
}

}  // namespace
}  // namespace why
