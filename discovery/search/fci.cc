#include "discovery/search/fci.h"

#include "core/parallel.h"
#include "discovery/graph/pds.h"
#include "discovery/search/skeleton.h"

namespace why {
namespace {

std::vector<Node> pool_of(const PdsPaths& paths, int num_nodes, Node x) {
  return NodeSet(num_nodes, paths.tree(x).nodes).members();
}

// Is there an edge that some possible-d-sep node could separate? Most graphs say so at their first edge.
bool has_possible_d_sep(const MixedGraph& graph, const CiTest& test, const Knowledge& knowledge) {
  const PdsPaths paths(graph);
  Pools pools(static_cast<std::size_t>(graph.num_nodes()));
  for (Node x = 0; x < graph.num_nodes(); ++x) {
    throw_if_stopped(test);
    const std::vector<Node> neighbors = graph.neighbors(x);
    if (neighbors.empty()) continue;
    pools[static_cast<std::size_t>(x)] = pool_of(paths, graph.num_nodes(), x);
    for (const Node y : neighbors)
      if (!knowledge.are_joined(x, y) && !candidates(pools, knowledge, x, y).empty()) return true;
  }
  return false;
}

Pools possible_d_sep(const MixedGraph& graph, const CiTest& test) {
  const PdsPaths paths(graph);
  Pools pools(static_cast<std::size_t>(graph.num_nodes()));
  const int threads = graph.num_nodes() > kMostInWord ? test.threads : 1;  // these take no time
  parallel_for(pools.size(), threads, [&](std::size_t x) {
    if (test.stop_requested()) return;
    pools[x] = pool_of(paths, graph.num_nodes(), static_cast<Node>(x));
  });
  throw_if_stopped(test);
  return pools;
}

// The skeleton with the arrowheads of its unshielded colliders. Triples that stay unsure count as colliders:
// more of them can only make possible-d-sep larger.
MixedGraph with_colliders(SearchResult& found, const CiTest& test, const FciOptions& options) {
  if (options.colliders == ColliderRule::sepset) return orient_colliders(found.graph, found.sepsets);
  const Pools neighbors = neighbor_pools(found.graph);
  const SetSource source{neighbors, options.max_order};
  const TripleRulings rulings =
      rule_on_triples(found, test, options.colliders, {&source, 1}, knowledge_or_none(options.knowledge));
  Evidence evidence = found.sepsets;
  evidence.rulings = &rulings;
  MixedGraph graph = orient_colliders(found.graph, evidence);
  for (const auto& [x, z, y] : rulings.unsure()) {
    graph.set_mark(x, z, Mark::arrow);
    graph.set_mark(y, z, Mark::arrow);
  }
  return graph;
}

TripleRulings final_rulings(SearchResult& found, const CiTest& test, const FciOptions& options,
                            const Pools& possible_d_sep) {
  const Pools neighbors = neighbor_pools(found.graph);
  const SetSource sources[] = {{neighbors, options.max_order}, {possible_d_sep, options.max_pds_order}};
  return rule_on_triples(found, test, options.colliders, sources, knowledge_or_none(options.knowledge));
}

// Adjacencies, then possible-d-sep, then what the collider rule asks: its rulings.
TripleRulings ask_all(SearchResult& found, const CiTest& test, const FciOptions& options) {
  const Knowledge& knowledge = knowledge_or_none(options.knowledge);
  search_adjacencies(found, test, options.max_order, knowledge);

  // possible-d-sep of the graph with its unshielded colliders, for all edges and sizes the same
  const MixedGraph graph = with_colliders(found, test, options);
  found.rounds = 0;
  if (options.max_pds_order == 0 && options.colliders == ColliderRule::sepset) {  // nobody needs the pools
    if (has_possible_d_sep(graph, test, knowledge)) within_bounds(found, test, 1, 0, "max-pds-order");
    return TripleRulings();
  }
  const Pools pools = possible_d_sep(graph, test);
  for (int k = 1; has_pool_of_size(found.graph, pools, k, knowledge); ++k) {
    if (!within_bounds(found, test, k, options.max_pds_order, "max-pds-order")) break;
    separate_edges(found, test, pools, k, Stage::possible_d_sep, knowledge);
    ++found.rounds;
  }
  if (options.colliders == ColliderRule::sepset) return TripleRulings();
  return final_rulings(found, test, options, pools);
}

}  // namespace

SearchResult fci(const CiTest& test, const FciOptions& options) {
  SearchResult found = nothing_separated(test);
  Evidence evidence(found.sepsets, options.knowledge);
  try {
    const TripleRulings rulings = ask_all(found, test, options);
    if (options.colliders != ColliderRule::sepset) evidence.rulings = &rulings;
    found.unsure = rulings.unsure();
    take_orientation(found, orient(found.graph, evidence, options.rules));
  } catch (const Stopped&) {
    take_unfinished(found, orient_known(found.graph, evidence));
  }
  return found;
}

}  // namespace why
