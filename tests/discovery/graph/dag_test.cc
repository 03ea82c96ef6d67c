#include "discovery/graph/dag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"

namespace why {
namespace {

using testing::ElementsAre;

// 0 --> 1 --> 3 <-- 2 --> 4, edges added against the order of ancestry
Dag five_nodes() {
  Dag dag(std::vector<NodeKind>(5, NodeKind::observed));
  dag.add_edge(1, 3);
  dag.add_edge(2, 4);
  dag.add_edge(2, 3);
  dag.add_edge(0, 1);
  return dag;
}

TEST(Dag, KeepsAncestorsClosed) {
  const Dag dag = five_nodes();
  EXPECT_THAT(NodeSet(dag.ancestors(3)).members(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(NodeSet(dag.ancestors(0)).members(), ElementsAre(0));
  EXPECT_TRUE(dag.is_ancestor(2, 4));
  EXPECT_FALSE(dag.is_ancestor(1, 4));
}

TEST(Dag, RefusesACycle) {
  Dag dag = five_nodes();
  EXPECT_THROW(dag.add_edge(3, 0), InternalError);
  EXPECT_THROW(dag.add_edge(3, 3), InternalError);
}

TEST(RandomDag, HasTheNodesAndDensityAskedFor) {
  Random random(1);
  RandomDagOptions options;
  options.observed = 20;
  options.latent = 5;
  options.selection = 5;
  options.edge_probability = 0.25;
  int edges = 0;
  for (int round = 0; round < 40; ++round) {
    const Dag dag = random_dag(options, random);
    EXPECT_EQ(dag.nodes_of(NodeKind::observed).size(), 20u);
    EXPECT_EQ(dag.nodes_of(NodeKind::latent).front(), 20);
    EXPECT_EQ(dag.nodes_of(NodeKind::selection).back(), 29);
    for (Node x = 0; x < dag.num_nodes(); ++x) edges += NodeSet(dag.children(x)).count();
    for (Node s = 25; s < 30; ++s) EXPECT_TRUE(NodeSet(dag.children(s)).empty());
  }
  // 300 pairs without two selection nodes and 125 with one, of each a quarter: 4 standard deviations
  EXPECT_NEAR(edges, 40 * 425 * 0.25, 4 * 56);
}

TEST(RandomDag, SameSeedSameGraph) {
  Random a(5), b(5), c(6);
  EXPECT_EQ(random_dag({}, a), random_dag({}, b));
  RandomDagOptions large;
  large.observed = 70;  // two words a row
  EXPECT_NE(random_dag(large, b), random_dag(large, c));
}

}  // namespace
}  // namespace why
