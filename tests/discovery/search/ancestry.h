// Marks compared with the DAG itself: what arrowheads and tails say in every kind of PAG.
#pragma once

#include <algorithm>

#include "discovery/graph/dag.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

struct AncestryTally {
  int marks = 0;  // arrowheads and tails
  int wrong = 0;  // of them
};

// An arrowhead at y of x *-> y is right if y is an ancestor neither of x nor of a selection node, a tail if
// it is one of either. Node i of the graph is the i-th observed node.
inline AncestryTally compare_with_ancestry(const MixedGraph& graph, const Dag& dag) {
  const std::vector<Node> observed = dag.nodes_of(NodeKind::observed);
  const std::vector<Node> selection = dag.nodes_of(NodeKind::selection);
  const auto is_ancestor = [&](Node y, Node x) {
    const Node from = observed[static_cast<std::size_t>(y)];
    return dag.is_ancestor(from, observed[static_cast<std::size_t>(x)]) ||
           std::ranges::any_of(selection, [&](Node s) { return dag.is_ancestor(from, s); });
  };
  AncestryTally tally;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x)) {
      if (graph.mark(x, y) == Mark::circle) continue;
      ++tally.marks;
      tally.wrong += is_ancestor(y, x) != (graph.mark(x, y) == Mark::tail);
    }
  return tally;
}

inline bool has_all_edges_of(const MixedGraph& graph, const MixedGraph& other) {
  for (Node x = 0; x < other.num_nodes(); ++x)
    for (const Node y : other.neighbors(x))
      if (!graph.adjacent(x, y)) return false;
  return true;
}

}  // namespace why
