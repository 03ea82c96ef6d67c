// From a graph to the PAG that it is a member of, and whether a graph is a MAG or a PAG at all.
//
//   DAG --dag_to_mag (graph/m_separation.h)--> MAG --mag_to_pag--> PAG --pag_to_mag--> MAG
//
// Exact, for graphs of any size: no search, no statistics, nothing enumerated. Up to 8 nodes,
// graph/markov_class.h gets the same marks by brute force, which is how this is tested.
#pragma once

#include <span>
#include <string>

#include "discovery/graph/dag.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

// The PAG of the observed nodes of a DAG, its latent nodes marginalised out and its selection nodes given.
MixedGraph dag_to_pag(const Dag& dag);

// The PAG of a MAG: its adjacencies; each other pair is separated by the nodes anterior to the two (those
// that reach one of them by --> and --- only; Richardson & Spirtes 2002, section 3), which decides the
// colliders; then rules R1-R10, which are complete (Zhang 2008). WHY_ASSERTs that there is no circle; what no
// MAG is has no PAG, and what comes out for it is no PAG. O(n^2) questions of O(n) row operations each, and
// the rules.
MixedGraph mag_to_pag(const MixedGraph& mag);

// A member of the class of a PAG (Zhang 2008, theorem 2): o-> becomes -->, o-- becomes <--, and the edges o-o
// a DAG without unshielded colliders. That this can be done is what a PAG promises; for another graph, what
// comes out need not be a MAG.
MixedGraph pag_to_mag(const MixedGraph& pag);

// Is it a MAG, a PAG? If not, `why` says which condition fails, naming nodes:
//   MAG  no circle; ancestral (is_ancestral); maximal: every pair that is not adjacent is separated by the
//        nodes anterior to the two
//   PAG  pag_to_mag gives a MAG, and the PAG of that is the graph again, mark by mark. A graph is a PAG if
//        and only if this holds. It is the PAG with selection bias allowed (R5-R7).
struct Legality {
  std::string why;  // empty: legal
  explicit operator bool() const { return why.empty(); }
};
Legality is_mag(const MixedGraph& graph, std::span<const std::string> names);
Legality is_pag(const MixedGraph& graph, std::span<const std::string> names);

}  // namespace why
