#include "discovery/explain/greedy_removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/random.h"
#include "tests/discovery/explain/toy_judge.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Sets = std::vector<std::vector<Node>>;

struct Walked {
  MinimalSets result;
  Sets asked;
};

Walked walk(Walk kind, const std::vector<double>& scores, MarginJudge judge, double margin,
            const SearchBounds& bounds = {}) {
  VerdictMemo memo(judge);
  auto result = greedy_removal(scores, kind, margin, memo, bounds);
  return {std::move(result), judge.asked};
}

// Margin 4; removing 0, 1, 2, 3 lowers it by -2, 3, 1, 2.
MarginJudge four() { return {4, sum_of_drops(4, {-2, 3, 1, 2})}; }

TEST(GreedyRemoval, PureKeepsEverythingItTook) {
  // 0: margin 6; and 1: 3; and 2: 2; all four may not go
  const auto nothing = walk(Walk::pure, {9, 8, 7, 6}, four(), 4);
  EXPECT_EQ(nothing.asked, (Sets{{0}, {0, 1}, {0, 1, 2}}));
  EXPECT_EQ(nothing.result.status, SearchStatus::none);
  EXPECT_THAT(nothing.result.calls, ElementsAre(1, 1, 1));

  // 1: 1; and 3: -1
  const auto found = walk(Walk::pure, {6, 9, 7, 8}, four(), 4);
  EXPECT_EQ(found.asked, (Sets{{1}, {1, 3}}));
  EXPECT_EQ(found.result.status, SearchStatus::found);
  ASSERT_EQ(found.result.sets.size(), 1u);
  EXPECT_EQ(found.result.sets[0].set.members, (std::vector<Node>{1, 3}));
  EXPECT_EQ(found.result.sets[0].verdict.margin, -1);
  EXPECT_EQ(found.result.first_hit, 2);
  EXPECT_EQ(found.result.total_calls(), 2);
  EXPECT_THAT(found.result.legal, IsEmpty());
}

TEST(GreedyRemoval, SmartPutsBackWhatDoesNotHelp) {
  // 0 raises the margin and is put back; 1: 1; and 2: 0, a tie is no change; and 3: -2
  const auto found = walk(Walk::smart, {9, 8, 7, 6}, four(), 4);
  EXPECT_EQ(found.asked, (Sets{{0}, {1}, {1, 2}, {1, 2, 3}}));
  EXPECT_EQ(found.result.status, SearchStatus::found);
  EXPECT_EQ(found.result.sets[0].set.members, (std::vector<Node>{1, 2, 3}));
  EXPECT_EQ(found.result.sets[0].verdict.margin, -2);
  EXPECT_THAT(found.result.calls, ElementsAre(2, 1, 1));
  EXPECT_EQ(found.result.first_hit, 4);
}

TEST(GreedyRemoval, WhatLeavesTheMarginAsItIsIsPutBack) {
  const auto found = walk(Walk::smart, {3, 2, 1}, {3, sum_of_drops(1, {0, 2, 0})}, 1);
  EXPECT_EQ(found.asked, (Sets{{0}, {1}}));
  EXPECT_EQ(found.result.sets[0].set.members, (std::vector<Node>{1}));
}

TEST(GreedyRemoval, EqualScoresGoByNumber) {
  EXPECT_EQ(walk(Walk::pure, {1, 1, 1}, {3, sum_of_drops(9, {1, 1, 1})}, 9).asked, (Sets{{0}, {0, 1}}));
}

TEST(GreedyRemoval, EndsAtTheCallsNotAtTheSetSize) {
  const auto judge = MarginJudge(6, sum_of_drops(3.5, {1, 1, 1, 1, 1, 1}));
  const std::vector<double> scores(6, 0.0);
  const auto cut = walk(Walk::pure, scores, judge, 3.5, {.max_set_size = 1, .max_calls = 3});
  EXPECT_EQ(cut.result.status, SearchStatus::budget);
  EXPECT_EQ(cut.result.bound, SearchBound::max_calls);
  EXPECT_EQ(cut.result.first_hit, 0);
  const auto found = walk(Walk::pure, scores, judge, 3.5, {.max_set_size = 1, .max_calls = 4});
  EXPECT_EQ(found.result.status, SearchStatus::found);
  EXPECT_EQ(found.result.sets[0].set.members, (std::vector<Node>{0, 1, 2, 3}));
  EXPECT_THROW(walk(Walk::pure, scores, judge, 3.5, {.max_set_size = 1, .max_calls = 0}), UserError);
}

TEST(GreedyRemoval, NothingToTakeAway) {
  for (const int n : {0, 1}) {
    const auto result = walk(Walk::smart, std::vector<double>(static_cast<std::size_t>(n)),
                             {n, [](const auto&) { return -1.0; }}, 1)
                            .result;
    EXPECT_EQ(result.status, SearchStatus::none);
    EXPECT_EQ(result.total_calls(), 0);
  }
}

// With drops that add up, smart takes exactly what lowers the margin, in the order of the ranking.
TEST(GreedyRemoval, SmartOnSumsIsTheHelpfulPartOfTheRanking) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    std::vector<double> drops(7), scores(7);
    for (auto& drop : drops) drop = random.normal();
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = -static_cast<double>(i);
    double margin = 2;
    std::vector<Node> expected;
    for (std::size_t i = 0; i < drops.size() && margin >= 0 && expected.size() + 1 < drops.size(); ++i) {
      if (drops[i] <= 0) continue;
      margin -= drops[i];
      expected.push_back(static_cast<Node>(i));
    }
    const auto result = walk(Walk::smart, scores, {7, sum_of_drops(2, drops)}, 2).result;
    EXPECT_EQ(result.status == SearchStatus::found, margin < 0) << "seed " << seed;
    if (margin < 0) {
      EXPECT_EQ(result.sets[0].set.members, expected) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace why
