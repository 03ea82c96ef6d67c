#include "discovery/graph/mixed_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"

namespace why {
namespace {

using testing::ElementsAre;

TEST(NodeSet, HoldsNodesAcrossWords) {
  NodeSet set(200);
  for (const Node x : {0, 63, 64, 127, 128, 199}) set.insert(x);
  EXPECT_EQ(set.count(), 6);
  set.erase(127);
  EXPECT_THAT(set.members(), ElementsAre(0, 63, 64, 128, 199));
  NodeSet other(200, std::vector<Node>{63, 5});
  NodeSet both = set;
  both &= other;
  EXPECT_THAT(both.members(), ElementsAre(63));
  set -= other;
  EXPECT_THAT(set.members(), ElementsAre(0, 64, 128, 199));
  set |= other;
  EXPECT_THAT(set.members(), ElementsAre(0, 5, 63, 64, 128, 199));
  EXPECT_FALSE(set.empty());
  EXPECT_TRUE(NodeSet(70).empty());
  EXPECT_TRUE(NodeSet(0).empty());
}

TEST(MixedGraph, MarkIsTheOneAtTheSecondNode) {
  MixedGraph graph(3);
  graph.connect(0, 1, Mark::circle, Mark::arrow);  // 0 o-> 1
  EXPECT_EQ(graph.mark(0, 1), Mark::arrow);
  EXPECT_EQ(graph.mark(1, 0), Mark::circle);
  graph.set_mark(1, 0, Mark::tail);
  EXPECT_TRUE(graph.is_parent(0, 1));
  EXPECT_FALSE(graph.is_parent(1, 0));
  graph.connect(2, 1, Mark::arrow, Mark::arrow);
  EXPECT_TRUE(graph.is_collider(0, 1, 2));
  EXPECT_TRUE(graph.is_bidirected(1, 2));
}

TEST(MixedGraph, NeighboursFollowConnectAndDisconnect) {
  MixedGraph graph = complete_graph(70);
  EXPECT_EQ(graph.num_edges(), 70 * 69 / 2);
  EXPECT_EQ(graph.degree(69), 69);
  graph.disconnect(69, 3);
  EXPECT_EQ(graph.degree(69), 68);
  EXPECT_FALSE(graph.adjacent(3, 69));
  EXPECT_FALSE(has_bit(graph.neighbor_bits(3), 69));
  EXPECT_EQ(graph.mark(3, 69), Mark::none);
}

TEST(MixedGraph, RefusesLoopsAndMarksWithoutEdge) {
  MixedGraph graph(2);
  EXPECT_THROW(graph.connect(1, 1, Mark::tail, Mark::arrow), InternalError);
  EXPECT_THROW(graph.set_mark(0, 1, Mark::arrow), InternalError);
}

}  // namespace
}  // namespace why
