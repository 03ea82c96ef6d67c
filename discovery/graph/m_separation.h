// m-separation, the reading of independence off a graph.
//
// A path between x and y connects given z if every collider on it is an ancestor of z and no other node of it
// is in z. Richardson & Spirtes 2002, "Ancestral graph Markov models"; in a DAG this is d-separation.
#pragma once

#include <span>

#include "discovery/graph/dag.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

// Answers many questions about one graph. A question costs O(n) row operations: nodes are reached together,
// each at most twice, once through an arrowhead at it and once through a tail.
class MSeparation {
 public:
  // Questions are about nodes of the DAG, observed or latent; its selection nodes are always conditioned on.
  explicit MSeparation(const Dag& dag);

  // An ancestral graph. WHY_ASSERTs that it has no circle; does not check that it is ancestral.
  explicit MSeparation(const MixedGraph& mag);

  int num_nodes() const { return n_; }

  // x and y given z, all different. Const and safe to call from several threads.
  bool separated(Node x, Node y, std::span<const Node> z) const;

  // All nodes outside z that are not separated from x given z, without x.
  NodeSet connected(Node x, std::span<const Node> z) const;

  // The nodes at the end of a path from x on which every inner node is in `open` or a collider: all that x
  // can be connected to, whatever is given outside `open`.
  NodeSet connected_over(Node x, const NodeSet& open) const;

 private:
  NodeSet reached(Node x, const NodeSet& given, const NodeSet& open_colliders) const;

  int n_;
  BitMatrix parents_, children_, spouses_, undirected_;
  BitMatrix ancestors_;  // each node among its own
  NodeSet selection_;
};

// Latents and selection nodes projected out (Richardson & Spirtes 2002, section 4): node i of the result is
// the i-th observed node of the DAG. x and y are adjacent iff no set of observed nodes separates them, which
// the set of observed ancestors of x, y and the selection nodes decides; the mark at x is a tail iff x is an
// ancestor of y or of a selection node.
MixedGraph dag_to_mag(const Dag& dag);

// No directed cycle, no x <-> y with x an ancestor of y, and no arrowhead at the end of an undirected edge.
bool is_ancestral(const MixedGraph& graph);

}  // namespace why
