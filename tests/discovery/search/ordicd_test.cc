// OrdICD, and the graphs that ICD passes through.
#include "discovery/search/ordicd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/errors.h"
#include "discovery/graph/notation.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/m_separation_test.h"
#include "tests/discovery/search/ancestry.h"
#include "tests/discovery/search/made_up_answers.h"

namespace why {
namespace {

// Whoever has more ancestors comes later.
std::vector<Node> order_of(const Dag& dag) {
  std::vector<Node> order = dag.nodes_of(NodeKind::observed);
  std::ranges::stable_sort(order, {}, [&](Node x) { return NodeSet(dag.ancestors(x)).count(); });
  return order;
}

Dag graph_of(int i) {
  Random random = Random(81).child("graph", static_cast<std::uint64_t>(i));
  return random_dag({.observed = 4 + i % 6,
                     .latent = i % 4,
                     .selection = 0,
                     .edge_probability = 0.15 + 0.05 * static_cast<double>(random.below(7))},
                    random);
}

bool same_adjacencies(const MixedGraph& a, const MixedGraph& b) {
  return has_all_edges_of(a, b) && has_all_edges_of(b, a);
}

TEST(OrdIcd, HasTheTrueAdjacenciesAndAllMarksOfThePagAndOnlyTrueOnes) {
  int more_marks = 0;
  std::int64_t asked = 0, asked_by_icd = 0;
  const auto total = [](const SearchResult& found) {
    return std::accumulate(found.tests.begin(), found.tests.end(), std::int64_t{0});
  };
  for (int i = 0; i < 400; ++i) {
    SCOPED_TRACE(i);
    const Dag dag = graph_of(i);
    const MSeparationTest oracle(dag);
    const MixedGraph pag = fci(oracle).graph;
    asked_by_icd += total(icd(oracle));
    for (const bool node_by_node : {false, true}) {
      const SearchResult found = ordicd(oracle, {.order = order_of(dag), .node_by_node = node_by_node});
      asked += total(found);
      ASSERT_TRUE(same_adjacencies(found.graph, pag));
      ASSERT_EQ(compare_with_ancestry(found.graph, dag).wrong, 0);
      ASSERT_EQ(found.conflicts, 0);
      for (Node x = 0; x < pag.num_nodes(); ++x)
        for (const Node y : pag.neighbors(x)) {
          if (pag.mark(x, y) == Mark::circle)
            more_marks += found.graph.mark(x, y) != Mark::circle;
          else
            ASSERT_EQ(found.graph.mark(x, y), pag.mark(x, y));
        }
    }
  }
  EXPECT_GT(more_marks, 1000);
  EXPECT_LT(asked, 2 * asked_by_icd);  // both ways together
}

TEST(OrdIcd, PutsAnArrowheadAtTheLaterNode) {
  // a --> b --> c, d --> c: without the order a o-o b
  const NamedDag truth = parse_dag("observed: a b c d\na --> b\nb --> c\nd --> c\n", "t");
  const SearchResult found = ordicd(MSeparationTest(truth.dag), {.order = {0, 1, 3, 2}});
  EXPECT_EQ(to_literal({truth.names, found.graph}), to_literal(parse_graph("a o-> b, b --> c, d o-> c")));
  for (const MarkReason& reason : found.reasons)
    EXPECT_EQ(reason.because.rule, std::string(reason.mark == Mark::arrow ? "order" : "R1"));
}

TEST(OrdIcd, AsksOnlyWithNodesBeforeTheLaterOne) {
  // nothing is independent: the pair at places i < j is asked with every set of the j - 1 other nodes before
  // j
  const SearchResult found = ordicd(Table(5, {}), {.order = {4, 2, 0, 1, 3}});
  EXPECT_THAT(found.tests, testing::ElementsAre(10, 0 + 2 * 1 + 3 * 2 + 4 * 3, 3 * 1 + 4 * 3, 4));
}

TEST(OrdIcd, NamesItsBoundAndRefusesOrdersThatAreNone) {
  EXPECT_THAT(ordicd(Table(4, {}), {.order = {0, 1, 2, 3}, .max_order = 1}).bounds_hit,
              testing::ElementsAre("max-order 1"));
  EXPECT_THROW(ordicd(Table(3, {}), {.order = {0, 1}}), UserError);
  EXPECT_THROW(ordicd(Table(3, {}), {.order = {0, 1, 1}}), UserError);
  EXPECT_EQ(ordicd(Table(0, {}), {}).graph.num_nodes(), 0);
  EXPECT_EQ(ordicd(Table(1, {}), {.order = {0}}).graph.num_edges(), 0);
}

TEST(OrdIcd, ThreadsDoNotShow) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    RandomAnswers test(8, 0.15, seed);
    std::vector<Node> order(8);
    std::iota(order.begin(), order.end(), 0);
    for (const bool node_by_node : {false, true}) {
      const OrdIcdOptions options{.order = order, .node_by_node = node_by_node};
      test.threads = 1;
      const SearchResult alone = ordicd(test, options);
      test.threads = 3;
      const SearchResult together = ordicd(test, options);
      EXPECT_EQ(alone.graph, together.graph);
      EXPECT_EQ(alone.tests, together.tests);
    }
  }
}

TEST(Icd, EveryRoundLeavesAGraphThatIsTrue) {
  int snapshots = 0, marks = 0;
  for (int i = 0; i < 150; ++i) {
    const Dag dag = graph_of(i);
    const SearchResult found = icd(MSeparationTest(dag), {.keep_snapshots = true, .rules = {}});
    ASSERT_EQ(static_cast<int>(found.snapshots.size()), found.rounds);
    const MixedGraph* before = nullptr;
    for (const MixedGraph& graph : found.snapshots) {
      const AncestryTally tally = compare_with_ancestry(graph, dag);
      ASSERT_EQ(tally.wrong, 0);
      marks += tally.marks;
      ++snapshots;
      if (before) {
        ASSERT_TRUE(has_all_edges_of(*before, graph));
      }
      before = &graph;
    }
    ASSERT_TRUE(before == nullptr || same_adjacencies(*before, found.graph));
  }
  EXPECT_GT(snapshots, 300);
  EXPECT_GT(marks, 2000);
}

TEST(Icd, KeepsNoSnapshotUnlessAsked) { EXPECT_TRUE(icd(Table(4, {})).snapshots.empty()); }

}  // namespace
}  // namespace why
