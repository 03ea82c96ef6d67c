#include "discovery/explain/graph_first.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "core/subsets.h"
#include "discovery/graph/notation.h"
#include "tests/discovery/explain/toy_judge.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using Sets = std::vector<std::vector<Node>>;

// Target 4: 3 and 0 are its neighbours, 1 follows the collider 0, and 2 is alone.
TreeCandidates proposed() {
  return TreeCandidates({parse_graph("nodes: 0 1 2 3 4, 3 o-> 4, 0 <-> 4, 1 o-> 0").graph});
}

MarginJudge judge_of(double margin) { return MarginJudge(4, sum_of_drops(margin, {1, 2, 4, 3})); }

TEST(LegalFirst, SinglesByScoreAndPairsOfTheGraphBeforeTheOthers) {
  MarginJudge judge = judge_of(100);
  VerdictMemo memo(judge);
  LegalFirst sets(proposed(), RankedSets({1, 2, 3, 4}));
  const auto result = minimal_sets(sets, memo, {.max_set_size = 2});
  // legal: 0 3 with 4, 0 1 with 3; the others by observed drops, 2 3 with 7 first
  EXPECT_EQ(judge.asked, (Sets{{3}, {2}, {1}, {0}, {0, 3}, {0, 1}, {2, 3}, {1, 2}, {0, 2}, {1, 3}}));
  EXPECT_EQ(result.legal, result.possible);
}

TEST(LegalFirst, WhatIsFoundIsMinimal) {
  MarginJudge judge = judge_of(6.5);  // without 2 and 3 alone
  VerdictMemo memo(judge);
  LegalFirst sets(proposed(), RankedSets({1, 2, 3, 4}));
  const auto result = minimal_sets(sets, memo);
  EXPECT_EQ(result.status, SearchStatus::minimal);
  EXPECT_THAT(result.sets, SizeIs(1));
  EXPECT_EQ(result.first_hit, 4 + 2 + 1);
}

TEST(LegalFirst, AskingForMoreOnlyAddsAtTheEnd) {
  const auto first = [](int size, std::int64_t limit) {
    LegalFirst sets(proposed(), RankedSets({1, 2, 3, 4}));
    std::vector<std::vector<Node>> out;
    for (const auto& set : sets.first(size, limit)) out.push_back(set.members);
    return out;
  };
  for (const int size : {1, 2, 3}) {
    const auto all = first(size, 100);
    EXPECT_THAT(all, SizeIs(binomial(4, size)));
    for (std::size_t limit = 0; limit <= all.size(); ++limit)
      EXPECT_EQ(first(size, static_cast<std::int64_t>(limit)),
                Sets(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(limit)));
  }
}

TEST(LegalBeforeAll, EndsWhereTheGraphsHit) {
  MarginJudge judge = judge_of(3.5);  // 2, or any pair with 3 or 1 2
  VerdictMemo memo(judge);
  const auto result = legal_before_all(proposed(), RankedSets({1, 2, 3, 4}), memo);
  EXPECT_EQ(judge.asked, (Sets{{0}, {3}, {0, 3}, {0, 1}}));
  EXPECT_EQ(result.status, SearchStatus::found);  // 2 alone would have done
  EXPECT_EQ(result.first_hit, 3);
}

TEST(LegalBeforeAll, GoesOnDownTheRankingAndAsksNothingTwice) {
  MarginJudge judge = judge_of(6.5);
  VerdictMemo memo(judge);
  const auto result = legal_before_all(proposed(), RankedSets({1, 2, 3, 4}), memo);
  // 0, 3, 0 3, 0 1, 0 1 3 of the graph, then 2, 1, and pairs by drops that were all observed
  EXPECT_EQ(judge.asked,
            (Sets{{0}, {3}, {0, 3}, {0, 1}, {0, 1, 3}, {2}, {1}, {2, 3}, {1, 2}, {0, 2}, {1, 3}}));
  EXPECT_EQ(result.first_hit, 8);
  EXPECT_THAT(result.calls, ElementsAre(4, 6, 1));
  EXPECT_EQ(result.total_calls(), memo.passes());
}

TEST(LegalBeforeAll, KeepsItsBounds) {
  for (int calls = 1; calls <= 16; ++calls) {
    MarginJudge judge = judge_of(100);
    VerdictMemo memo(judge);
    const auto result = legal_before_all(proposed(), RankedSets({1, 2, 3, 4}), memo, {.max_calls = calls});
    EXPECT_EQ(result.total_calls(), std::min(calls, 14));  // four, six, four
    EXPECT_EQ(result.status, calls < 14 ? SearchStatus::budget : SearchStatus::none) << calls;
  }
}

// Both find what the ranking alone finds, and the first as small.
TEST(GraphFirst, NothingIsLeftOut) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    std::vector<double> drops, scores;
    for (int i = 0; i < 4; ++i) {
      drops.push_back(random.uniform());
      scores.push_back(random.uniform());
    }
    MarginJudge judge(4, sum_of_drops(0.5 + random.uniform(), drops));
    VerdictMemo memo(judge);
    RankedSets ranked(scores);
    LegalFirst sets(proposed(), RankedSets(scores));
    const auto alone = minimal_sets(ranked, memo), legal = minimal_sets(sets, memo),
               after = legal_before_all(proposed(), RankedSets(scores), memo);
    ASSERT_EQ(alone.sets.size(), legal.sets.size()) << seed;
    EXPECT_EQ(alone.sets.empty(), after.sets.empty()) << seed;
    EXPECT_EQ(alone.calls, legal.calls) << seed;
  }
}

}  // namespace
}  // namespace why
