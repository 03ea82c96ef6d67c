#include "discovery/graph/boost_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/concept/assert.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <map>

#include "discovery/graph/notation.h"

namespace why {
namespace {

using testing::ElementsAre;

template <class Graph>
constexpr void check_concepts() {
  BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<Graph>));
  BOOST_CONCEPT_ASSERT((boost::IncidenceGraphConcept<Graph>));
  BOOST_CONCEPT_ASSERT((boost::AdjacencyGraphConcept<Graph>));
  BOOST_CONCEPT_ASSERT((boost::AdjacencyMatrixConcept<Graph>));
  BOOST_CONCEPT_ASSERT((boost::ReadablePropertyGraphConcept<Graph, Node, boost::vertex_index_t>));
}
template void check_concepts<MixedGraph>();
template void check_concepts<DirectedEdges>();
template void check_concepts<Dag>();

TEST(BoostGraph, NeighboursComeAscendingAcrossWords) {
  MixedGraph graph(200);
  for (const Node y : {199, 3, 64, 63, 128}) graph.connect(5, y, Mark::circle, Mark::arrow);
  const auto [begin, end] = adjacent_vertices(5, graph);
  EXPECT_THAT(std::vector<Node>(begin, end), ElementsAre(3, 63, 64, 128, 199));
  EXPECT_EQ(out_degree(5, graph), 5u);
  EXPECT_EQ(out_degree(6, graph), 0u);
  EXPECT_TRUE(edge(199, 5, graph).second);
  EXPECT_FALSE(edge(199, 3, graph).second);
  EXPECT_EQ(edge(199, 5, graph).first, edge(5, 199, graph).first);  // undirected
}

TEST(BoostGraph, BreadthFirstSearchGivesDistances) {
  const MixedGraph graph = parse_graph("a o-> b, b <-> c, c --- d, a o-o e").graph;
  std::vector<int> distance(5, -1);
  distance[0] = 0;
  boost::breadth_first_search(graph, 0,
                              boost::visitor(boost::make_bfs_visitor(
                                  boost::record_distances(distance.data(), boost::on_tree_edge()))));
  EXPECT_THAT(distance, ElementsAre(0, 1, 2, 3, 1));
}

TEST(BoostGraph, ConnectedComponents) {
  const MixedGraph graph = parse_graph("nodes: a b c d e f, a o-> b, d <-> e, e --- f").graph;
  std::vector<int> component(6);
  EXPECT_EQ(boost::connected_components(graph, component.data()), 3);
  EXPECT_THAT(component, ElementsAre(0, 0, 1, 2, 2, 2));
}

TEST(BoostGraph, BiconnectedComponents) {
  //  a - b - d - e
  //   \ /     \ /
  //    c       f      two triangles that a bridge joins
  const MixedGraph graph = parse_graph("a o-o b, a o-o c, b o-o c, b o-> d, d --- e, d <-> f, e --> f").graph;
  using Edge = boost::graph_traits<MixedGraph>::edge_descriptor;
  const auto sorted = [](const Edge& e) { return std::minmax(e.from, e.to); };
  std::map<std::pair<Node, Node>, int> component;
  const auto map = boost::make_function_property_map<Edge, int&>(
      [&](const Edge& e) -> int& { return component[sorted(e)]; });
  std::vector<Node> cuts;
  const auto [count, end] = boost::biconnected_components(graph, map, std::back_inserter(cuts));
  EXPECT_EQ(count, 3u);
  EXPECT_THAT(cuts, testing::UnorderedElementsAre(1, 3));
  const auto of = [&](Node x, Node y) { return component.at(std::minmax(x, y)); };
  EXPECT_EQ(of(0, 1), of(1, 2));
  EXPECT_NE(of(0, 1), of(1, 3));
  EXPECT_EQ(of(3, 4), of(4, 5));
}

TEST(BoostGraph, TopologicalOrderFollowsDirectedEdgesOnly) {
  const MixedGraph graph = parse_graph("nodes: a b c d, c --> b, b --> a, a <-> d, c o-> d").graph;
  std::vector<Node> order;  // children first
  const DirectedEdges directed(graph);
  boost::topological_sort(directed, std::back_inserter(order));
  const auto at = [&](Node x) { return std::find(order.begin(), order.end(), x) - order.begin(); };
  EXPECT_EQ(order.size(), 4u);
  EXPECT_LT(at(0), at(1));
  EXPECT_LT(at(1), at(2));
}

TEST(BoostGraph, TopologicalOrderOfRandomDags) {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const Dag dag = random_dag({.observed = 60, .latent = 8, .edge_probability = 0.1}, random);
    std::vector<Node> order;
    boost::topological_sort(dag, std::back_inserter(order));
    std::vector<std::size_t> at(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) at[static_cast<std::size_t>(order[i])] = i;
    for (Node x = 0; x < dag.num_nodes(); ++x)
      for_each_bit(dag.children(x), [&](Node y) {
        ASSERT_GT(at[static_cast<std::size_t>(x)], at[static_cast<std::size_t>(y)]);
      });
  }
}

TEST(BoostGraph, EmptyGraph) {
  const MixedGraph graph(0);
  EXPECT_EQ(num_vertices(graph), 0u);
  const auto [begin, end] = vertices(graph);
  EXPECT_EQ(begin, end);
}

}  // namespace
}  // namespace why
