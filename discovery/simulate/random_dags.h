// Random DAGs of a wanted density, with latent and selection nodes, for simulations. (random_dag in
// graph/dag.h is the plainer one that tests draw from.)
//
//   erdos-renyi   every pair of observed and latent nodes is joined with the same probability
//   scale-free    nodes come one after the other and choose, among those before, with probability
//   proportional
//                 to one more than their number of edges (preferential attachment; Barabási & Albert 1999)
//
// Edges point along a random order of the nodes, in scale-free graphs from the older to the newer node. Which
// nodes are latent is random too, so that a latent node may be a common cause, lie between others, or hide
// nothing. Every selection node then gets `selection_parents` different parents, drawn among all others
// equally; nothing follows from being selected.
#pragma once

#include <string>
#include <vector>

#include "core/random.h"
#include "discovery/graph/dag.h"

namespace why {

inline const std::vector<std::string> kDagFamilies = {"erdos-renyi", "scale-free"};

struct DagFamily {
  std::string family = "erdos-renyi";  // one of kDagFamilies
  int nodes = 20;                      // observed
  int latent = 0;
  int selection = 0;
  double degree = 3;  // expected number of edges at a node, selection nodes and their edges not counted
  int selection_parents = 2;
};

// Nodes are numbered observed, latent, selection. UserError for numbers that cannot be: a negative one, more
// edges a node than there are other nodes, more parents of a selection node than nodes.
Dag draw_dag(const DagFamily& family, Random& random);

// "X1" …, "L1" …, "S1" …
NamedDag with_names(Dag dag);

}  // namespace why
