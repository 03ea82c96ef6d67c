// MixedGraph and Dag as models of Boost.Graph's concepts, so that its algorithms run on them:
//
//   MixedGraph     undirected: every edge, whatever its marks
//   DirectedEdges  directed: only the edges x --> y of a mixed graph
//   Dag            directed
//
// each a VertexListGraph, IncidenceGraph, AdjacencyGraph and AdjacencyMatrix. Vertices are the nodes
// 0 … n-1 and are their own index; neighbours come in ascending order. Nothing is copied for MixedGraph and
// Dag.
#pragma once

#include <boost/graph/adjacency_iterator.hpp>
#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>
#include <utility>

#include "discovery/graph/dag.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

// The edges x --> y of a mixed graph; made by copying them, O(n^2).
class DirectedEdges {
 public:
  explicit DirectedEdges(const MixedGraph& graph) : n_(graph.num_nodes()), children_(n_) {
    for (Node x = 0; x < n_; ++x)
      for_each_bit(graph.neighbor_bits(x), [&](Node y) {
        if (graph.is_parent(x, y)) children_.set(x, y);
      });
  }
  int num_nodes() const { return n_; }
  Bits children(Node x) const { return children_.row(x); }

 private:
  int n_;
  BitMatrix children_;
};

inline Bits out_bits(const MixedGraph& graph, Node x) { return graph.neighbor_bits(x); }
inline Bits out_bits(const DirectedEdges& graph, Node x) { return graph.children(x); }
inline Bits out_bits(const Dag& graph, Node x) { return graph.children(x); }

template <class Graph>
concept BitRowGraph = requires(const Graph& graph) {
  { graph.num_nodes() } -> std::same_as<int>;
  { out_bits(graph, 0) } -> std::same_as<Bits>;
};

// An edge as Boost.Graph hands it around. In an undirected graph x-y and y-x are the same edge.
template <class Directed>
struct BitRowEdge {
  Node from = -1, to = -1;

  friend bool operator==(const BitRowEdge& a, const BitRowEdge& b) {
    if (a.from == b.from && a.to == b.to) return true;
    return std::is_same_v<Directed, boost::undirected_tag> && a.from == b.to && a.to == b.from;
  }
};

// Walks the set bits of the row of `from`.
template <class Edge>
class BitRowIterator
    : public boost::iterator_facade<BitRowIterator<Edge>, Edge, boost::forward_traversal_tag, Edge> {
 public:
  BitRowIterator() = default;
  BitRowIterator(Bits row, Node from, std::size_t word) : row_(row), from_(from), word_(word) {
    if (word_ < row_.size()) rest_ = row_[word_];
    skip_empty_words();
  }

 private:
  friend class boost::iterator_core_access;

  Edge dereference() const {
    return {from_, static_cast<Node>(64 * word_ + static_cast<std::size_t>(std::countr_zero(rest_)))};
  }
  void increment() {
    rest_ &= rest_ - 1;
    skip_empty_words();
  }
  bool equal(const BitRowIterator& other) const { return word_ == other.word_ && rest_ == other.rest_; }

  void skip_empty_words() {
    while (rest_ == 0 && word_ < row_.size()) {
      ++word_;
      rest_ = word_ < row_.size() ? row_[word_] : 0;
    }
  }

  Bits row_;
  Node from_ = -1;
  std::size_t word_ = 0;
  std::uint64_t rest_ = 0;  // bits of the current word still to come
};

template <class Graph, class Directed>
struct BitRowTraits {
  struct traversal_category : virtual boost::vertex_list_graph_tag,
                              virtual boost::incidence_graph_tag,
                              virtual boost::adjacency_graph_tag,
                              virtual boost::adjacency_matrix_tag {};
  using directed_category = Directed;
  using edge_parallel_category = boost::disallow_parallel_edge_tag;

  using vertex_descriptor = Node;
  using edge_descriptor = BitRowEdge<Directed>;
  using vertex_iterator = boost::counting_iterator<Node>;
  using out_edge_iterator = BitRowIterator<edge_descriptor>;
  using adjacency_iterator =
      typename boost::adjacency_iterator_generator<Graph, vertex_descriptor, out_edge_iterator>::type;
  using vertices_size_type = std::size_t;
  using edges_size_type = std::size_t;
  using degree_size_type = std::size_t;

  static vertex_descriptor null_vertex() { return -1; }
};

}  // namespace why

namespace boost {

template <>
struct graph_traits<why::MixedGraph> : why::BitRowTraits<why::MixedGraph, undirected_tag> {};
template <>
struct graph_traits<why::DirectedEdges> : why::BitRowTraits<why::DirectedEdges, directed_tag> {};
template <>
struct graph_traits<why::Dag> : why::BitRowTraits<why::Dag, directed_tag> {};
template <why::BitRowGraph Graph>
struct graph_traits<const Graph> : graph_traits<Graph> {};

template <why::BitRowGraph Graph>
struct property_map<Graph, vertex_index_t> {
  using type = typed_identity_property_map<why::Node>;
  using const_type = type;
};

}  // namespace boost

namespace why {

template <BitRowGraph Graph>
auto vertices(const Graph& graph) {
  using Iterator = boost::counting_iterator<Node>;
  return std::pair(Iterator(0), Iterator(graph.num_nodes()));
}

template <BitRowGraph Graph>
std::size_t num_vertices(const Graph& graph) {
  return static_cast<std::size_t>(graph.num_nodes());
}

template <BitRowGraph Graph>
auto out_edges(Node x, const Graph& graph) {
  using Iterator = typename boost::graph_traits<Graph>::out_edge_iterator;
  const Bits row = out_bits(graph, x);
  return std::pair(Iterator(row, x, 0), Iterator(row, x, row.size()));
}

template <BitRowGraph Graph>
std::size_t out_degree(Node x, const Graph& graph) {
  std::size_t degree = 0;
  for (const auto word : out_bits(graph, x)) degree += static_cast<std::size_t>(std::popcount(word));
  return degree;
}

template <BitRowGraph Graph>
auto adjacent_vertices(Node x, const Graph& graph) {
  using Iterator = typename boost::graph_traits<Graph>::adjacency_iterator;
  const auto [begin, end] = out_edges(x, graph);
  return std::pair(Iterator(begin, &graph), Iterator(end, &graph));
}

template <class Directed, BitRowGraph Graph>
Node source(const BitRowEdge<Directed>& edge, const Graph&) {
  return edge.from;
}

template <class Directed, BitRowGraph Graph>
Node target(const BitRowEdge<Directed>& edge, const Graph&) {
  return edge.to;
}

template <BitRowGraph Graph>
auto edge(Node x, Node y, const Graph& graph) {
  using Edge = typename boost::graph_traits<Graph>::edge_descriptor;
  return std::pair(Edge{x, y}, has_bit(out_bits(graph, x), y));
}

template <BitRowGraph Graph>
auto get(boost::vertex_index_t, const Graph&) {
  return boost::typed_identity_property_map<Node>();
}

template <BitRowGraph Graph>
Node get(boost::vertex_index_t, const Graph&, Node x) {
  return x;
}

}  // namespace why
