// OrdICD: ICD when a causal order is known, in which nobody is an ancestor of a node before him. The
// algorithm of the GPT variant of CLEANN (Rohekar et al. 2024, arXiv 2412.07446), where tokens are read in
// order.
//
// Each pair is asked about once, from its later node: sets lie near that node, among the nodes before it.
// Every edge has an arrowhead at its later node from the start (rule "order"); the other marks come from the
// same rules as ever. The order excludes selection: what is selected on comes after everything else.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/orientation.h"
#include "discovery/search/search_result.h"
#include "discovery/search/skeleton.h"

namespace why {

struct OrdIcdOptions {
  std::vector<Node> order = {};  // all nodes, ancestors first
  int max_order = -1;            // largest conditioning set; -1 unbounded
  // false: set sizes outside, nodes inside, oriented after each size ("global" in the reference); true: every
  // node is finished before the next in the order is begun ("local").
  bool node_by_node = false;
  bool tails = true;                        // rules R8-R10
  int max_sets_per_edge = kMaxSetsPerEdge;  // as in icd
  const Knowledge* knowledge = nullptr;     // with that order among its tiers, and more
};

// A PAG with the order's arrowheads. Under a perfect test and without bounds its adjacencies are the true
// ones and every mark is true; it has at least the arrowheads and tails of the PAG without the order. The
// sets of a round are taken from the graph at its start, as in icd. UserError if `order` is not an order of
// all nodes.
SearchResult ordicd(const CiTest& test, const OrdIcdOptions& options);

}  // namespace why
