// Possible-d-sep: which nodes may be needed to separate a node from others, near ones first.
//
// A PDS-path from a root is a path on which every node between two others is a collider there or forms a
// triangle with them:
//
//   root *-* a *-> b <-* c     b a collider            root *-* a *-* b,  root *-* b     a triangle
//
// Spirtes, Glymour, Scheines 2000 (FCI) and Rohekar et al. 2021 (ICD-Sep; its tree of depths is the PDS-tree
// from which CLEANN explains).
//
// Paths are searched over states (previous node, node), each expanded once: O(edges) times a row operation,
// or a look at a word where neighbours are few, a root. A path may therefore meet a node again in another
// state, though neither the root nor the node it just left. Such detours can only add candidates, which is
// sound. (A search that marks nodes instead of states, as the reference's, misses legal sets.)
#pragma once

#include <vector>

#include "discovery/graph/mixed_graph.h"
#include "discovery/graph/small_pds.h"

namespace why {

// The nodes that a root reaches by PDS-paths, its possible-d-sep set, with the length of the shortest path.
struct PdsTree {
  Node root = -1;
  std::vector<Node> nodes;  // by depth, then number; without the root
  std::vector<int> depth;   // [n]; 0 at the root, -1 where no path leads
};

// Sets of one size, one after the other.
struct LegalSets {
  int size = 0;
  std::vector<Node> members;   // [count, size], each set ascending
  std::vector<int> depth_sum;  // [count]: the members' depths added up
  bool complete = true;        // false: there are more than were wanted at most

  int count() const { return static_cast<int>(depth_sum.size()); }
  std::span<const Node> set(int i) const {
    const auto k = static_cast<std::size_t>(size);
    return std::span(members).subspan(static_cast<std::size_t>(i) * k, k);
  }
};

// The PDS-paths of one state of a graph, which must outlive it and stay as it is.
class PdsPaths {
 public:
  explicit PdsPaths(const MixedGraph& graph);

  // max_depth: longest path followed, -1 without bound.
  PdsTree tree(Node root, int max_depth = -1) const;

  // Is every member reached from the root by a PDS-path no longer than the set is large, all of whose nodes
  // are in the set (which does not hold the root)? The empty set is legal. O(size^3).
  bool is_legal(Node root, std::span<const Node> set) const;

  // The legal sets of `size` nodes of the tree, by summed depth and then lexicographically; size 0 gives the
  // empty set. No member lies deeper than `size`, so a tree of that depth is enough. Sets are grown through
  // smaller ones that hold paths to all their members, each set once, not picked from all combinations.
  LegalSets legal_sets(const PdsTree& tree, int size) const;
  // Only those whose members are all allowed: the others are not grown either. Stops behind `most` sets (-1:
  // never); which ones these are says nothing, but `complete` is then false.
  LegalSets legal_sets(const PdsTree& tree, int size, Bits allowed, int most = -1) const;

 private:
  friend class LegalSetGrower;

  // Nodes that may follow on a path that came from `before` to `at`; the root of the path is among them.
  NodeSet followers(Node before, Node at) const;
  bool follows(Node before, Node at, Node next) const;  // is `next` one of them?

  bool is_small() const { return graph_.num_nodes() <= kMostInWord; }
  PdsTree small_tree(Node root, int max_depth) const;
  LegalSets small_legal_sets(const PdsTree& tree, int size, NodeWord allowed, int most) const;
  LegalSets single_sets(Node root, Bits allowed, int most) const;

  // Of a node's few neighbours, by their places in its list: bit i is the i-th of them.
  using FewBits = std::uint16_t;
  static constexpr int kFew = 16;

  void list_neighbors();
  void note_followers();
  std::span<const Node> listed(Node x) const {  // its neighbours if they are few, else none
    const auto at = static_cast<std::size_t>(x);
    return std::span(listed_).subspan(first_[at], first_[at + 1] - first_[at]);
  }

  const MixedGraph& graph_;
  // of small graphs
  SmallGraph small_;
  // of others
  BitMatrix arrow_from_;             // row(x): nodes y with y *-> x
  std::vector<std::size_t> first_;   // [n + 1], in listed_
  std::vector<Node> listed_;         // neighbours, of nodes that have few; ascending
  std::vector<FewBits> followers_;   // beside listed_: who follows on a path that came from this neighbour
  std::vector<int> number_of_many_;  // [n], of nodes that have many; -1 for the others
  std::size_t num_many_ = 0;
};

// row(x): the nodes that may be ancestors of x, or of a selection node on the way to it: those that reach x
// by a path without an arrowhead at the nearer end of any edge; x itself among them. Zhang 2008 also forbids
// tails at the farther ends (y --- x, y o-- x): such a y is no ancestor of x, but one of a selection node,
// and sets that separate under selection need it. O(n^2) row operations.
BitMatrix possible_ancestors(const MixedGraph& graph);

}  // namespace why
