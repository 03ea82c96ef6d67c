#include "discovery/search/fci.h"

#include "discovery/graph/pds.h"
#include "discovery/search/skeleton.h"

namespace why {
namespace {

Pools possible_d_sep(const MixedGraph& graph) {
  const PdsPaths paths(graph);
  Pools pools;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    pools.push_back(NodeSet(graph.num_nodes(), paths.tree(x).nodes).members());
  return pools;
}

}  // namespace

SearchResult fci(const CiTest& test, const FciOptions& options) {
  SearchResult found = pc_stable_skeleton(test, options.max_order);

  // possible-d-sep of the graph with its unshielded colliders, for all edges and sizes the same
  const Pools pools = possible_d_sep(orient_colliders(found.graph, found.sepsets));
  found.rounds = 0;
  for (int k = 1; has_pool_of_size(found.graph, pools, k); ++k) {
    if (!within_bounds(found, test, k, options.max_pds_order, "max-pds-order")) break;
    separate_edges(found, test, pools, k, Stage::possible_d_sep);
    ++found.rounds;
  }

  Oriented oriented = orient(found.graph, found.sepsets, options.rules);
  found.graph = std::move(oriented.graph);
  found.conflicts = oriented.conflicts;
  return found;
}

}  // namespace why
