#include "discovery/explain/ranked_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/random.h"
#include "core/subsets.h"
#include "discovery/explain/best_sums.h"
#include "discovery/explain/search.h"
#include "tests/discovery/explain/toy_judge.h"

namespace why {
namespace {

using testing::ElementsAre;
using Sets = std::vector<std::vector<Node>>;

Sets members(const std::vector<Proposal>& proposals) {
  Sets out;
  for (const auto& proposal : proposals) out.push_back(proposal.members);
  return out;
}

// What a search asks when nothing changes the output.
Sets order_of(RankedSets sets, MarginJudge judge, const SearchBounds& bounds = {}) {
  VerdictMemo memo(judge);
  minimal_sets(sets, memo, bounds);
  return judge.asked;
}

TEST(RankedSets, SinglesByScoreTiesByNumber) {
  RankedSets sets({1, 3, 1, 2});
  EXPECT_EQ(members(sets.first(1, 10)), (Sets{{1}, {3}, {0}, {2}}));
  EXPECT_EQ(members(sets.first(1, 2)), (Sets{{1}, {3}}));
  EXPECT_EQ(members(sets.first(1, 0)), Sets{});
  EXPECT_EQ(sets.count(1), 4);
  EXPECT_EQ(sets.count(2), 6);
  EXPECT_EQ(sets.max_size(), 4);
}

TEST(RankedSets, PairsByTheDropsThatWereObserved) {
  // the scores rank 0 first, and the model says otherwise
  const auto judge = MarginJudge(4, sum_of_drops(100, {0, 1, 5, 3}));
  EXPECT_EQ(order_of(RankedSets({9, 3, 2, 1}), judge, {.max_set_size = 2}),
            (Sets{{0}, {1}, {2}, {3}, {2, 3}, {1, 2}, {0, 2}, {1, 3}, {0, 3}, {0, 1}}));
  EXPECT_EQ(order_of(RankedSets({9, 3, 2, 1}, SetOrder::predicted), judge, {.max_set_size = 2}),
            (Sets{{0}, {1}, {2}, {3}, {0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}));
}

TEST(RankedSets, TriplesByTheirBestPair) {
  // Alone 3 drops by 1 and the others by nothing; together 0 and 1 drop by 6, 0 and 2 by 4.
  const auto judge = MarginJudge(4, [](const std::vector<int>& removed) {
    const auto has = [&](int x) { return std::count(removed.begin(), removed.end(), x) > 0; };
    return 100.0 - (has(3) ? 1 : 0) - (has(0) && has(1) ? 6 : 0) - (has(0) && has(2) ? 4 : 0);
  });
  const auto asked = order_of(RankedSets({4, 3, 2, 1}), judge);
  // 0 1 and 3: 6 + 1; 0 1 and 2: 6 + 0; 0 2 and 3: 4 + 1; 1 2 and 3: 0 + 1
  EXPECT_EQ(Sets(asked.begin() + 10, asked.end()), (Sets{{0, 1, 3}, {0, 1, 2}, {0, 2, 3}, {1, 2, 3}}));
}

TEST(RankedSets, TheMemberFoundFirstEndsTheSearchEarly) {
  MarginJudge judge(5, sum_of_drops(7, {1, 2, 4, 0, 5}));
  VerdictMemo memo(judge);
  RankedSets sets({0, 0, 0, 0, 1});
  const auto result = minimal_sets(sets, memo);
  EXPECT_EQ(result.first_hit, 6);  // five singles, then 2 and 4
  EXPECT_EQ(result.sets.front().set.members, (std::vector<Node>{2, 4}));
  EXPECT_THAT(result.legal, ElementsAre(5, 10, 10));
  EXPECT_EQ(result.legal, result.possible);
}

// The rule by definition: all sets of the size, each with its best cut into a smaller set and one member.
Sets by_definition(int n, int size, const std::vector<double>& scores, const MarginJudge::Function& margin) {
  std::vector<double> drops = scores;
  if (size > 1)
    for (Node x = 0; x < n; ++x) drops[static_cast<std::size_t>(x)] = -static_cast<float>(margin({x}));
  const auto order = by_value(drops);
  struct Entry {
    double value;
    std::vector<int> places;
    std::vector<Node> members;
  };
  std::vector<Entry> all;
  auto places = first_subset(size);
  do {
    Entry entry{-1e9, places, {}};
    for (const int place : places) entry.members.push_back(order[static_cast<std::size_t>(place)]);
    if (size == 1) entry.value = drops[static_cast<std::size_t>(entry.members[0])];
    for (const Node x : entry.members) {
      std::vector<Node> rest;
      for (const Node y : entry.members)
        if (y != x) rest.push_back(y);
      std::sort(rest.begin(), rest.end());
      if (size > 1)
        entry.value = std::max(entry.value, -static_cast<double>(static_cast<float>(margin(rest))) +
                                                drops[static_cast<std::size_t>(x)]);
    }
    std::sort(entry.members.begin(), entry.members.end());
    all.push_back(entry);
  } while (next_subset(places, n));
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) {
    return a.value != b.value ? a.value > b.value : a.places < b.places;
  });
  Sets out;
  for (const auto& entry : all) out.push_back(entry.members);
  return out;
}

TEST(RankedSets, AgreesWithTheRuleOnRandomMargins) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const int n = 2 + static_cast<int>(random.below(6));
    std::vector<double> scores(static_cast<std::size_t>(n));
    for (auto& score : scores) score = static_cast<double>(random.below(3));
    std::map<std::vector<int>, double> table;  // margins of 10 to 14, or any: ties in half of the cases
    const auto margin = [&](const std::vector<int>& removed) {
      const auto [entry, is_new] = table.try_emplace(removed);
      if (is_new)
        entry->second = seed % 2 == 0 ? 10 + static_cast<double>(random.below(5)) : 10 + random.uniform();
      return entry->second;
    };
    const auto asked = order_of(RankedSets(scores), MarginJudge(n, margin), {.max_set_size = 4});
    Sets expected;
    for (int size = 1; size <= std::min(4, n - 1); ++size)
      for (auto& set : by_definition(n, size, scores, margin)) expected.push_back(set);
    EXPECT_EQ(asked, expected) << "seed " << seed;
  }
}

TEST(RankedSets, ALongInputIsNotEnumerated) {
  MarginJudge judge(200, [](const auto&) { return 1.0; });
  VerdictMemo memo(judge);
  RankedSets sets(std::vector<double>(200, 0.0));
  const auto result = minimal_sets(sets, memo, {.max_set_size = 5, .max_calls = 500});
  EXPECT_EQ(result.status, SearchStatus::budget);
  EXPECT_THAT(result.calls, ElementsAre(200, 300, 0, 0, 0));
}

// Any of the sets that `first` would offer, in the order in which it would.
TEST(RankedSets, SortKeepsTheOrderOfFirst) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    std::vector<double> scores;
    for (int i = 0; i < 6; ++i) scores.push_back(static_cast<double>(random.below(4)));
    RankedSets sets(scores);
    for (const int size : {1, 2, 3}) {
      const auto all = sets.first(size, 100);
      std::vector<Proposal> some;
      for (const auto& set : all)
        if (random.below(2) == 0) some.push_back(set);
      auto shuffled = some;
      std::reverse(shuffled.begin(), shuffled.end());
      sets.sort(shuffled);
      EXPECT_EQ(members(shuffled), members(some)) << "seed " << seed << ", size " << size;
      std::vector<Verdict> verdicts(all.size());
      for (auto& verdict : verdicts) verdict.margin = static_cast<float>(random.below(4));
      sets.observe(all, verdicts);
    }
  }
}

}  // namespace
}  // namespace why
