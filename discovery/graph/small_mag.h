// Mixed graphs of up to 8 nodes in a few machine words, every mark known or open, and their m-separations
// given all conditioning sets at once. The ground under markov_class.h; written apart from m_separation.h, so
// that each can be tested against the other.
//
// An 8 x 8 matrix of bits is one word: byte v is row v, bit u of it is column u. For two nodes at most 6
// others are left to condition on, so "connected given which sets?" is one word too: bit i stands for the
// i-th subset of the other nodes in binary counting. Walking along the edges once answers for all 64 sets.
//
// A walk m-connects given Z if every collider on it is in Z or an ancestor of Z and no other node between its
// ends is in Z (Richardson and Spirtes 2002). In an ancestral graph a connecting walk can be shortened to a
// connecting path, so it is enough to look for walks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "discovery/graph/dag.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

inline constexpr int kMaxSmallNodes = 8;

using Bits8x8 = std::uint64_t;  // a bit for each ordered pair of nodes
using SetMask = std::uint64_t;  // a bit for each subset of the nodes other than a pair

constexpr Bits8x8 entry(int row, int column) { return Bits8x8{1} << (8 * row + column); }
constexpr unsigned row_of(Bits8x8 matrix, int row) {
  return static_cast<unsigned>(matrix >> (8 * row)) & 0xFF;
}
Bits8x8 transposed(Bits8x8 matrix);
Bits8x8 transitive_closure(Bits8x8 matrix);
Bits8x8 rows_in_use(Bits8x8 matrix);  // full rows wherever the matrix has any bit in the row

// Entry (v, u) of a matrix speaks of the mark at v on the edge between v and u. A mark in neither `arrow` nor
// `tail` is open, in both it is a contradiction.
struct SmallMag {
  int n = 0;
  Bits8x8 adjacent = 0;  // symmetric
  Bits8x8 arrow = 0;
  Bits8x8 tail = 0;

  Bits8x8 open() const { return adjacent & ~arrow & ~tail; }
  friend bool operator==(const SmallMag&, const SmallMag&) = default;
};

// Circles are open marks.
SmallMag small_mag(const MixedGraph& graph);
MixedGraph mixed_graph(const SmallMag& mag);

// The sets that connect x and y: surely, whatever becomes of the open marks (a lower bound), or possibly, for
// some choice of them (an upper bound). Without open marks both are the m-connections of the graph. The
// bounds hold for choices that make the graph ancestral. About a microsecond a pair.
class Connections {
 public:
  explicit Connections(const SmallMag& mag);

  SetMask surely(Node x, Node y) const;
  SetMask possibly(Node x, Node y) const;

 private:
  SmallMag mag_;
  Bits8x8 surely_ancestor_, possibly_ancestor_;
};

// Which m-separations hold among nodes 0 .. n - 1: an independence model, as a table.
class Separations {
 public:
  // Is x separated from y given the nodes whose bits are set in z?
  using Question = std::function<bool(Node x, Node y, std::uint32_t z)>;

  // Asks every pair x < y with every set: up to 28 * 64 questions. UserError for more than 8 nodes.
  Separations(int num_nodes, const Question& separated);

  // Of an ancestral graph. WHY_ASSERTs that it has no circle.
  explicit Separations(const MixedGraph& mag);

  // Of the observed nodes of a DAG, in its order, its selection nodes given.
  explicit Separations(const Dag& dag);

  int num_nodes() const { return n_; }
  bool separated(Node x, Node y, std::uint32_t z) const;

  SetMask separating(Node x, Node y) const { return separating_[x][y]; }
  SetMask connecting(Node x, Node y) const { return all_sets() & ~separating(x, y); }
  SetMask all_sets() const;
  static SetMask sets_with(Node v, Node x, Node y);  // the subsets that hold v

  friend bool operator==(const Separations&, const Separations&) = default;

 private:
  int n_;
  std::array<std::array<SetMask, kMaxSmallNodes>, kMaxSmallNodes> separating_{};  // symmetric
};

}  // namespace why
