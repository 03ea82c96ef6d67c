#include "discovery/explain/controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/subsets.h"

namespace why {
namespace {

using testing::IsEmpty;

// 0 o-> 4, 1 --> 4, 2 <-> 3 with target 4
MixedGraph small_graph() {
  MixedGraph graph(5);
  graph.connect(0, 4, Mark::circle, Mark::arrow);
  graph.connect(1, 4, Mark::tail, Mark::arrow);
  graph.connect(2, 3, Mark::arrow, Mark::arrow);
  return graph;
}

TEST(PermuteCandidates, KeepsTheTargetsEdgesAndTheirMarks) {
  std::set<std::vector<Node>> neighborhoods;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<MixedGraph> heads{small_graph(), small_graph()};
    const auto permuted = permute_candidates(heads, Random(seed));
    ASSERT_EQ(permuted.size(), 2u);
    EXPECT_EQ(permuted[0], permuted[1]);  // one permutation for all heads
    EXPECT_EQ(permuted[0].num_edges(), 3);
    const auto near = permuted[0].neighbors(4);
    ASSERT_EQ(near.size(), 2u);
    neighborhoods.insert(near);
    std::multiset<Mark> marks;
    for (const Node x : near) {
      EXPECT_EQ(permuted[0].mark(x, 4), Mark::arrow);
      marks.insert(permuted[0].mark(4, x));
    }
    EXPECT_EQ(marks, (std::multiset<Mark>{Mark::circle, Mark::tail}));
  }
  EXPECT_EQ(neighborhoods.size(), 6u);  // every pair of the four candidates came up
}

TEST(PermuteCandidates, SmallestGraphs) {
  EXPECT_THAT(permute_candidates({}, Random(1)), IsEmpty());
  const std::vector<MixedGraph> alone{MixedGraph(1)};
  EXPECT_EQ(permute_candidates(alone, Random(1)).front(), MixedGraph(1));
}

TEST(RandomSets, AreDifferentSetsOfTheRightSize) {
  for (const std::int64_t wanted : {0, 1, 7, 8, 12, 15}) {  // of the 15 pairs of 6: drawn and shuffled
    RandomSets sets(6, {6, wanted}, Random(3));
    const auto pairs = sets.first(2, 1000);
    EXPECT_EQ(static_cast<std::int64_t>(pairs.size()), wanted);
    std::set<std::vector<Node>> unique;
    for (const auto& pair : pairs) {
      ASSERT_EQ(pair.members.size(), 2u);
      EXPECT_TRUE(0 <= pair.members[0] && pair.members[0] < pair.members[1] && pair.members[1] < 6);
      unique.insert(pair.members);
    }
    EXPECT_EQ(unique.size(), pairs.size());
  }
}

TEST(RandomSets, ALargerLimitOnlyAddsAtTheEnd) {
  RandomSets sets(9, {0, 0, 40}, Random(11));
  const auto few = sets.first(3, 5), all = sets.first(3, 100);
  ASSERT_EQ(few.size(), 5u);
  ASSERT_EQ(all.size(), 40u);
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].members, all[i].members);
}

TEST(RandomSets, EveryPairIsDrawnEquallyOften) {
  // 3 of 10 pairs from 3000 seeds: 900 times each, standard deviation 25
  std::map<std::vector<Node>, int> times;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    RandomSets sets(5, {0, 3}, Random(seed));
    for (const auto& pair : sets.first(2, 3)) ++times[pair.members];
  }
  ASSERT_EQ(times.size(), 10u);
  for (const auto& [pair, count] : times) EXPECT_NEAR(count, 900, 125);
}

TEST(RandomSets, SizesWithoutSetsAreNotOffered) {
  RandomSets none(4, {0, 0, 0}, Random(1));
  EXPECT_EQ(none.max_size(), 0);
  RandomSets pairs(4, {4, 2, 0}, Random(1));
  EXPECT_EQ(pairs.max_size(), 2);
  EXPECT_EQ(pairs.count(3), 0);
  EXPECT_EQ(pairs.count(9), 0);
}

}  // namespace
}  // namespace why
