// RFCI, really fast causal inference: FCI without its possible-d-sep stage. Colombo, Maathuis, Kalisch,
// Richardson 2012, "Learning high-dimensional directed acyclic graphs with latent and selection variables".
//
// The skeleton is PC's, so it may keep edges that FCI removes. What such an edge would orient wrongly is
// asked about first: both edges of an unshielded triple before it becomes a collider or a noncollider, and
// every edge of a discriminating path before rule R4 uses it. An edge that some subset of the set in question
// separates is removed.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/orientation.h"
#include "discovery/search/search_result.h"

namespace why {

struct RfciOptions {
  int max_order = -1;  // largest conditioning set of the adjacency search; -1 unbounded
  RuleChoice rules = {};
  const Knowledge* knowledge = nullptr;  // excludes selection: leave rules R5-R7 out with it
};

// An RFCI-PAG: under a perfect test every arrowhead and tail is true (not an ancestor, or an ancestor, of the
// other end or of a selection node), and every edge that the PAG lacks is missing only if a set separates its
// ends; but edges that are too many, and circles that FCI would decide, may be left.
//
// The stable form: triples are checked in rounds, each on the graph at its start, and after every removal the
// edges are oriented anew, so no order of edges or triples shows; that of the nodes does only in which set
// separates first.
SearchResult rfci(const CiTest& test, const RfciOptions& options = {});

// The rest of rfci, from the skeleton that search_adjacencies finds with its options (skeleton.h).
SearchResult rfci_from_skeleton(SearchResult skeleton, const CiTest& test, const RfciOptions& options);

}  // namespace why
