#include "discovery/search/pc.h"

#include "discovery/search/orientation.h"
#include "discovery/search/skeleton.h"

namespace why {
namespace {

// M1   a --> b --- c,  a and c not adjacent             =>  b --> c
bool meek1(const MixedGraph& g, Node b, Node c) {
  for (const Node a : g.neighbors(b))
    if (a != c && g.is_parent(a, b) && !g.adjacent(a, c)) return true;
  return false;
}

// M2   b --> a --> c,  b --- c                          =>  b --> c
bool meek2(const MixedGraph& g, Node b, Node c) {
  for (const Node a : g.neighbors(b))
    if (g.is_parent(b, a) && g.is_parent(a, c)) return true;
  return false;
}

// M3   b --- a --> c,  b --- d --> c,  b --- c,  a and d not adjacent   =>  b --> c
bool meek3(const MixedGraph& g, Node b, Node c) {
  std::vector<Node> between;
  for (const Node a : g.neighbors(b))
    if (g.is_undirected(a, b) && g.is_parent(a, c)) between.push_back(a);
  for (const Node a : between)
    for (const Node d : between)
      if (a < d && !g.adjacent(a, d)) return true;
  return false;
}

bool apply_meek_once(MixedGraph& graph) {
  bool changed = false;
  for (Node b = 0; b < graph.num_nodes(); ++b)
    for (const Node c : graph.neighbors(b)) {
      if (!graph.is_undirected(b, c)) continue;
      if (!meek1(graph, b, c) && !meek2(graph, b, c) && !meek3(graph, b, c)) continue;
      graph.set_mark(b, c, Mark::arrow);
      changed = true;
    }
  return changed;
}

// Arrowheads of unshielded colliders stay, every circle becomes a tail.
MixedGraph tails_for_circles(MixedGraph graph) {
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x))
      if (graph.mark(x, y) == Mark::circle) graph.set_mark(x, y, Mark::tail);
  return graph;
}

int count_bidirected(const MixedGraph& graph) {
  int count = 0;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x)) count += x < y && graph.is_bidirected(x, y);
  return count;
}

}  // namespace

MixedGraph apply_meek_rules(MixedGraph graph) {
  while (apply_meek_once(graph)) {
  }
  return graph;
}

SearchResult pc(const CiTest& test, const PcOptions& options) {
  SearchResult found = pc_stable_skeleton(test, options.max_order);
  const MixedGraph colliders = tails_for_circles(orient_colliders(found.graph, found.sepsets));
  found.conflicts = count_bidirected(colliders);
  found.graph = apply_meek_rules(colliders);
  return found;
}

}  // namespace why
