#include "discovery/search/pc.h"

#include <optional>

#include "discovery/search/skeleton.h"

namespace why {
namespace {

using Reason = std::optional<Because>;

using Nodes = std::vector<Node>;

// In each rule `around` are the neighbours of b.

// M1   a --> b --- c,  a and c not adjacent             =>  b --> c
Reason meek1(const MixedGraph& g, const TripleRulings& rulings, Node b, const Nodes& around, Node c) {
  for (const Node a : around)
    if (a != c && g.is_parent(a, b) && !g.adjacent(a, c) && !rulings.is_unsure({a, b, c}))
      return Because{"M1", {a, b, c}};
  return {};
}

// M2   b --> a --> c,  b --- c                          =>  b --> c
Reason meek2(const MixedGraph& g, Node b, const Nodes& around, Node c) {
  for (const Node a : around)
    if (g.is_parent(b, a) && g.is_parent(a, c)) return Because{"M2", {b, a, c}};
  return {};
}

// M3   b --- a --> c,  b --- d --> c,  b --- c,  a and d not adjacent   =>  b --> c
Reason meek3(const MixedGraph& g, const TripleRulings& rulings, Node b, const Nodes& around, Node c) {
  Nodes between;
  for (const Node a : around)
    if (g.is_undirected(a, b) && g.is_parent(a, c)) between.push_back(a);
  for (const Node a : between)
    for (const Node d : between)
      if (a < d && !g.adjacent(a, d) && !rulings.is_unsure({a, b, d}))
        return Because{"M3", {b, a, c}, {b, d, c}};
  return {};
}

// M4   b --- c,  b --- a,  a --> d --> c,  a and c not adjacent,  b and d adjacent,  b no collider between a
// and c
//      =>  b --> c                                       only knowledge makes it necessary
Reason meek4(const MixedGraph& g, const TripleRulings& rulings, Node b, const Nodes& around, Node c) {
  for (const Node d : around) {
    if (d == c || !g.is_parent(d, c)) continue;
    for (const Node a : around)
      if (a != c && a != d && g.is_undirected(a, b) && g.is_parent(a, d) && !g.adjacent(a, c) &&
          !rulings.is_unsure({a, b, c}))
        return Because{"M4", {b, a, d, c}};
  }
  return {};
}

// What the rules conclude from one state of the graph.
std::vector<MarkReason> meek_conclusions(const MixedGraph& graph, const TripleRulings& rulings) {
  std::vector<MarkReason> out;
  for (Node b = 0; b < graph.num_nodes(); ++b) {
    const Nodes around = graph.neighbors(b);
    for (const Node c : around) {
      if (!graph.is_undirected(b, c)) continue;
      Reason reason = meek1(graph, rulings, b, around, c);
      if (!reason) reason = meek2(graph, b, around, c);
      if (!reason) reason = meek3(graph, rulings, b, around, c);
      if (!reason) reason = meek4(graph, rulings, b, around, c);
      if (reason) out.push_back({b, c, Mark::arrow, std::move(*reason)});
    }
  }
  return out;
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

TripleRulings rule_on_triples_among_neighbors(SearchResult& found, const CiTest& test,
                                              const PcOptions& options) {
  const Pools neighbors = neighbor_pools(found.graph);
  const SetSource source{neighbors, options.max_order};
  return rule_on_triples(found, test, options.colliders, {&source, 1}, knowledge_or_none(options.knowledge));
}

// Of a search that was stopped.
SearchResult unfinished(SearchResult found, const PcOptions& options) {
  Oriented known = orient_known(found.graph, {found.sepsets, options.knowledge});
  known.graph = tails_for_circles(std::move(known.graph));
  take_unfinished(found, std::move(known));
  return found;
}

}  // namespace

Oriented apply_meek_rules(MixedGraph graph, const TripleRulings& rulings) {
  Oriented out;
  out.graph = std::move(graph);
  for (;;) {
    const std::vector<MarkReason> conclusions = meek_conclusions(out.graph, rulings);
    if (conclusions.empty()) break;
    for (const MarkReason& reason : conclusions) {
      out.graph.set_mark(reason.x, reason.y, reason.mark);
      out.reasons.push_back(reason);
    }
  }
  out.conflicts = count_bidirected(out.graph);
  return out;
}

SearchResult pc_from_skeleton(SearchResult found, const CiTest& test, const PcOptions& options) {
  Evidence evidence(found.sepsets, options.knowledge);
  TripleRulings rulings(test.num_nodes());
  if (options.colliders != ColliderRule::sepset) {
    try {
      rulings = rule_on_triples_among_neighbors(found, test, options);
    } catch (const Stopped&) {
      return unfinished(std::move(found), options);
    }
    evidence.rulings = &rulings;
    found.unsure = rulings.unsure();
  }

  std::vector<MarkReason> reasons = collider_reasons(found.graph, evidence);
  Oriented oriented = apply_meek_rules(tails_for_circles(orient_colliders(found.graph, evidence)), rulings);
  oriented.reasons.insert(oriented.reasons.begin(), reasons.begin(), reasons.end());
  take_orientation(found, std::move(oriented));
  return found;
}

SearchResult pc(const CiTest& test, const PcOptions& options) {
  SearchResult found = nothing_separated(test);
  try {
    search_adjacencies(found, test, options.max_order, knowledge_or_none(options.knowledge));
  } catch (const Stopped&) {
    return unfinished(std::move(found), options);
  }
  return pc_from_skeleton(std::move(found), test, options);
}

}  // namespace why
