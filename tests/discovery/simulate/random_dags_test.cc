#include "discovery/simulate/random_dags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/errors.h"
#include "discovery/graph/notation.h"

namespace why {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

int count_edges(const Dag& dag) {
  int edges = 0;
  for (Node x = 0; x < dag.num_nodes(); ++x) edges += NodeSet(dag.parents(x)).count();
  return edges;
}

double mean_degree(const DagFamily& family, int graphs) {
  double edges = 0;
  for (int seed = 0; seed < graphs; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    edges += count_edges(draw_dag(family, random));
  }
  return 2 * edges / graphs / (family.nodes + family.latent);
}

TEST(DrawDag, HasTheExpectedDegree) {
  EXPECT_NEAR(mean_degree({"erdos-renyi", 40, 10, 0, 3}, 200), 3, 0.1);
  EXPECT_NEAR(mean_degree({"erdos-renyi", 40, 0, 0, 0.5}, 200), 0.5, 0.05);
  EXPECT_NEAR(mean_degree({"scale-free", 90, 10, 0, 3}, 200), 3, 0.15);
  EXPECT_NEAR(mean_degree({"scale-free", 90, 10, 0, 1}, 200), 1, 0.1);
  EXPECT_DOUBLE_EQ(mean_degree({"erdos-renyi", 6, 0, 0, 5}, 1), 5);  // every pair
}

TEST(DrawDag, ScaleFreeGraphsHaveHubs) {
  const auto largest = [](const char* family) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      Random random(seed);
      const Dag dag = draw_dag({family, 200, 0, 0, 2}, random);
      int most = 0;
      for (Node x = 0; x < dag.num_nodes(); ++x)
        most = std::max(most, NodeSet(dag.parents(x)).count() + NodeSet(dag.children(x)).count());
      sum += most;
    }
    return sum / 50;
  };
  EXPECT_GT(largest("scale-free"), 2 * largest("erdos-renyi"));
}

TEST(DrawDag, SelectionNodesHaveTheirParentsAndNoChildren) {
  Random random(3);
  const Dag dag = draw_dag({"erdos-renyi", 10, 3, 4, 2, 3}, random);
  EXPECT_EQ(dag.num_nodes(), 17);
  for (const Node s : dag.nodes_of(NodeKind::selection)) {
    EXPECT_EQ(NodeSet(dag.parents(s)).count(), 3);
    EXPECT_TRUE(NodeSet(dag.children(s)).empty());
  }
  const NamedDag named = with_names(dag);
  EXPECT_EQ(named.names.front(), "X1");
  EXPECT_EQ(named.names[10], "L1");
  EXPECT_EQ(named.names.back(), "S4");
}

// The same on every machine: these edges were drawn once and written down.
TEST(DrawDag, TheSeedDecides) {
  Random random(1), again(1), other(2);
  const DagFamily family{"scale-free", 5, 1, 1, 2};
  const Dag dag = draw_dag(family, random);
  EXPECT_EQ(dag, draw_dag(family, again));
  EXPECT_FALSE(dag == draw_dag(family, other));
  EXPECT_EQ(to_text(with_names(dag)),
            "observed: X1 X2 X3 X4 X5\nlatent: L1\nselection: S1\nX1 --> S1\nX2 --> L1\nX3 --> X1\nX3 --> "
            "X2\nX3 --> X4\nX3 --> X5\nX5 --> S1\n");
}

TEST(DrawDag, SaysWhichNumberCannotBe) {
  Random random(1);
  const auto drawing = [&](DagFamily family) { return [&random, family] { draw_dag(family, random); }; };
  EXPECT_THAT(drawing({"erdos", 5}),
              ThrowsMessage<UserError>(HasSubstr("unknown family of graphs \"erdos\"")));
  EXPECT_THAT(drawing({"erdos-renyi", 0}),
              ThrowsMessage<UserError>("a simulation needs at least 1 observed node, not 0"));
  EXPECT_THAT(drawing({"erdos-renyi", 4, 0, 0, 3.5}),
              ThrowsMessage<UserError>("a degree of 3.5 cannot be among 4 nodes: it lies between 0 and 3"));
  EXPECT_THAT(drawing({"erdos-renyi", 4, -1}), ThrowsMessage<UserError>(HasSubstr("latent -1")));
  EXPECT_THAT(drawing({"erdos-renyi", 2, 0, 1, 1, 3}),
              ThrowsMessage<UserError>("a selection node can have 1 to 2 parents, not 3"));
}

}  // namespace
}  // namespace why
