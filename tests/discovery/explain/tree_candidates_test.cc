#include "discovery/explain/tree_candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "core/subsets.h"
#include "discovery/explain/search.h"
#include "discovery/graph/notation.h"
#include "tests/discovery/explain/toy_judge.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Sets = std::vector<std::vector<int>>;

MixedGraph graph(const char* literal) { return parse_graph(literal).graph; }

Sets members(const std::vector<Proposal>& proposals) {
  Sets out;
  for (const auto& proposal : proposals) out.push_back(proposal.members);
  return out;
}

Sets members(const MinimalSets& result) {
  Sets out;
  for (const auto& explanation : result.sets) out.push_back(explanation.set.members);
  return out;
}

TEST(TreeCandidates, GrowAroundTheTarget) {
  //  1 *-> 0 <-* 3 with target 3: 0 is a neighbour and a collider, so 1 follows it; 2 is alone
  TreeCandidates sets({graph("nodes: 0 1 2 3, 1 o-> 0, 0 <-> 3")});
  EXPECT_EQ(sets.num_candidates(), 3);
  EXPECT_EQ(sets.max_size(), 2);
  EXPECT_EQ(members(sets.first(1, 10)), (Sets{{0}}));
  EXPECT_EQ(members(sets.first(2, 10)), (Sets{{0, 1}}));
  EXPECT_EQ(sets.first(2, 10)[0].depth, 3);
  EXPECT_EQ(sets.count(3), 0);
}

TEST(TreeCandidates, AnIsolatedTargetProposesNothing) {
  TreeCandidates sets({graph("nodes: 0 1 2, 0 o-o 1")});
  EXPECT_EQ(sets.max_size(), 0);
  EXPECT_EQ(sets.count(1), 0);
  TreeCandidates alone({MixedGraph(1)});
  EXPECT_EQ(alone.num_candidates(), 0);
  EXPECT_EQ(alone.max_size(), 0);
}

TEST(TreeCandidates, OrderIsDepthThenHeadsThenNumbers) {
  // target 4.  head 0: 1 and 3 adjacent to it, 2 behind the collider 3;  head 1: 0, 2 and 3 adjacent
  TreeCandidates sets({graph("nodes: 0 1 2 3 4, 1 o-> 4, 3 <-> 4, 2 o-> 3"),
                       graph("nodes: 0 1 2 3 4, 0 o-> 4, 2 o-> 4, 3 o-> 4")});
  EXPECT_EQ(members(sets.first(1, 10)), (Sets{{3}, {0}, {1}, {2}}));  // {3}: two heads
  EXPECT_THAT(sets.first(1, 1)[0].heads, ElementsAre(0, 1));

  // {2,3} is legal in both, with depths 1 + 2 and 1 + 1
  EXPECT_EQ(members(sets.first(2, 10)), (Sets{{2, 3}, {0, 2}, {0, 3}, {1, 3}}));
  EXPECT_EQ(sets.first(2, 1)[0].depth, 2);
  EXPECT_THAT(sets.first(2, 1)[0].heads, ElementsAre(0, 1));
  EXPECT_EQ(members(sets.first(2, 2)), (Sets{{2, 3}, {0, 2}}));
  EXPECT_THAT(sets.first(2, 0), IsEmpty());
}

TEST(TreeCandidates, OneHeadAloneKeepsItsNumber) {
  TreeCandidates sets({graph("nodes: 0 1 2, 0 o-> 2"), graph("nodes: 0 1 2, 1 o-> 2")},
                      {HeadChoice::Kind::one, 1});
  ASSERT_EQ(members(sets.first(1, 10)), (Sets{{1}}));
  EXPECT_THAT(sets.first(1, 10)[0].heads, ElementsAre(1));
  EXPECT_EQ(sets.max_size(), 1);
}

TEST(TreeCandidates, HeadsStopTogetherOrEachByItself) {
  // head 0 explains with {0}; head 1, which does not know 0, needs {1, 2}
  const std::vector<MixedGraph> heads{graph("nodes: 0 1 2 3, 0 o-> 3, 1 o-> 3"),
                                      graph("nodes: 0 1 2 3, 1 o-> 3, 2 o-> 3")};
  ToyJudge judge(3, holds_one_of({{0}, {1, 2}}));
  VerdictMemo memo(judge);

  TreeCandidates together(heads);
  const auto stopped = minimal_sets(together, memo);
  EXPECT_EQ(members(stopped), (Sets{{0}}));
  EXPECT_THAT(stopped.calls, ElementsAre(3, 0, 0));

  TreeCandidates each(heads, {HeadChoice::Kind::each, 0});
  const auto all = minimal_sets(each, memo);
  EXPECT_EQ(members(all), (Sets{{0}, {1, 2}}));
  EXPECT_THAT(all.calls, ElementsAre(3, 1, 0));  // {0, 1} of head 0 is not asked
  EXPECT_THAT(all.legal, ElementsAre(3, 2, 0));  // {0, 1} and {1, 2}
  EXPECT_EQ(all.status, SearchStatus::minimal);
  EXPECT_EQ(all.bound, SearchBound::none);
}

MixedGraph random_graph(int n, Random& random) {
  const Mark marks[] = {Mark::circle, Mark::arrow, Mark::tail};
  MixedGraph out(n);
  for (Node x = 0; x < n; ++x)
    for (Node y = x + 1; y < n; ++y)
      if (random.uniform() < 0.4) out.connect(x, y, marks[random.below(3)], marks[random.below(3)]);
  return out;
}

TEST(TreeCandidates, AreTheLegalSetsOfAllHeads) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const int n = 1 + static_cast<int>(random.below(6));
    std::vector<MixedGraph> heads;
    for (int h = 0; h < 3; ++h) heads.push_back(random_graph(n + 1, random));
    TreeCandidates sets(heads);
    for (int size = 1; size <= n; ++size) {
      // by definition: every subset, asked of every head
      std::map<std::vector<int>, std::vector<int>> expected;
      auto at = first_subset(size);
      do
        for (int h = 0; h < 3; ++h)
          if (PdsPaths(heads[static_cast<std::size_t>(h)]).is_legal(n, at)) expected[at].push_back(h);
      while (next_subset(at, n));

      const auto found = sets.first(size, 1000);
      EXPECT_EQ(found.size(), expected.size()) << "seed " << seed;
      for (const auto& proposal : found) EXPECT_EQ(proposal.heads, expected[proposal.members]);
      for (std::size_t i = 1; i < found.size(); ++i) EXPECT_LE(found[i - 1].depth, found[i].depth);
      if (!expected.empty()) {
        EXPECT_GE(sets.max_size(), size);
      }
    }
  }
}

TEST(TreeCandidates, TheSearchFindsTheSmallestOfTheLegalSets) {
  int explained = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const int n = 1 + static_cast<int>(random.below(6));
    const MixedGraph head = random_graph(n + 1, random);
    std::set<int> cause;
    for (int i = 0; i < n; ++i)
      if (random.uniform() < 0.4) cause.insert(i);
    const auto f = holds_one_of({cause.empty() ? std::set<int>{0} : cause});

    Sets expected;
    for (int size = 1; size < n && expected.empty(); ++size) {
      auto at = first_subset(size);
      do
        if (f({at.begin(), at.end()}) && PdsPaths(head).is_legal(n, at)) expected.push_back(at);
      while (next_subset(at, n));
    }
    ToyJudge judge(n, f);
    VerdictMemo memo(judge, 3);
    TreeCandidates sets({head});
    auto found = members(minimal_sets(sets, memo, {.max_set_size = 6, .max_calls = 500}));
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected) << "seed " << seed;
    explained += !expected.empty();
  }
  EXPECT_GT(explained, 20);
}

}  // namespace
}  // namespace why
