// What every search returns, and what it learns on its way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "discovery/graph/mixed_graph.h"
#include "discovery/search/orientation.h"
#include "discovery/search/sep_sets.h"

namespace why {

struct SearchResult {
  MixedGraph graph;
  SepSets sepsets;                      // of every pair that is not adjacent
  std::vector<std::int64_t> tests;      // [k] questions with a conditioning set of size k
  std::int64_t degenerate = 0;          // of them, answered dependent because they had no answer
  std::vector<std::string> bounds_hit;  // e.g. "max-order 3": larger sets were left unasked
  int conflicts = 0;                    // conclusions that met another mark than they wanted
  std::vector<MarkReason> reasons;      // one for each arrowhead and tail, in the order they were made
  std::vector<Triple> unsure;           // unshielded triples of which no collider rule could decide
  std::vector<MixedGraph> snapshots;    // of icd, on request: the graph after round 0, 1, ...
  int rounds = 0;                       // sizes of conditioning sets asked in the last stage

  // The test asked to stop before the search was done (ci_test.h). Every edge that is gone was separated, but
  // some may be left over; arrowheads and tails are those that complete rounds gave (icd, ordicd) or that are
  // known (all others), so they are as true as ever.
  bool stopped = false;
};

// The oriented graph with its reasons and conflicts as the result's own.
void take_orientation(SearchResult& found, Oriented oriented);

// Ends a stopped search: `oriented` is the orientation of a graph from which edges may have gone since.
void take_unfinished(SearchResult& found, Oriented oriented);

}  // namespace why
