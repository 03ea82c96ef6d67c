// Mixed graphs: MAGs, PAGs and everything on the way, as a dense matrix of marks.
//
// Between two nodes there is at most one edge; it has a mark at each end:
//
//   x --> y    mark(x, y) == arrow   mark(y, x) == tail
//   x o-> y    mark(x, y) == arrow   mark(y, x) == circle
//   x <-> y    mark(x, y) == arrow   mark(y, x) == arrow
//   x --- y    mark(x, y) == tail    mark(y, x) == tail
//
// mark(x, y) is the mark AT y. Marks are bytes in an [n, n] matrix; adjacency is kept beside it as rows of
// bits, so that neighbourhoods are intersected 64 nodes at a time. Copying costs O(n^2) bytes.
//
// boost_graph.h lets Boost.Graph's algorithms run on it.
#pragma once

#include <cstdint>
#include <vector>

#include "discovery/graph/node_set.h"

namespace why {

enum class Mark : std::uint8_t { none, circle, arrow, tail };

class MixedGraph {
 public:
  explicit MixedGraph(int num_nodes = 0);

  int num_nodes() const { return n_; }
  int num_edges() const;

  bool adjacent(Node x, Node y) const { return mark(x, y) != Mark::none; }
  Mark mark(Node x, Node y) const { return marks_[index(x, y)]; }
  Bits neighbor_bits(Node x) const { return adjacent_.row(x); }
  std::vector<Node> neighbors(Node x) const;  // ascending
  int degree(Node x) const;

  bool is_parent(Node x, Node y) const { return mark(x, y) == Mark::arrow && mark(y, x) == Mark::tail; }
  bool is_bidirected(Node x, Node y) const { return mark(x, y) == Mark::arrow && mark(y, x) == Mark::arrow; }
  bool is_undirected(Node x, Node y) const { return mark(x, y) == Mark::tail && mark(y, x) == Mark::tail; }
  // x *-> m <-* y, whatever lies between x and y
  bool is_collider(Node x, Node m, Node y) const {
    return mark(x, m) == Mark::arrow && mark(y, m) == Mark::arrow;
  }

  // Adds or replaces the edge with the given marks at its two ends.
  void connect(Node x, Node y, Mark at_x, Mark at_y);
  void disconnect(Node x, Node y);
  // Changes the mark at y of an existing edge.
  void set_mark(Node x, Node y, Mark at_y);

  friend bool operator==(const MixedGraph&, const MixedGraph&) = default;
  friend MixedGraph complete_graph(int num_nodes);

 private:
  std::size_t index(Node x, Node y) const {
    return static_cast<std::size_t>(x) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(y);
  }

  int n_;
  std::vector<Mark> marks_;  // [n, n], marks_[x][y] is the mark at y
  BitMatrix adjacent_;
};

// The neighbours of neighbours of x that are not its neighbours: the other ends of its unshielded triples.
NodeSet two_steps_away(const MixedGraph& graph, Node x);

// Every pair joined by x o-o y.
MixedGraph complete_graph(int num_nodes);

}  // namespace why
