// ICD with the choices of the reference implementation (IntelLabs/causality-lab, commit 812235d of 2026-06),
// so that its results can be repeated and compared: same marks, separating sets and test counts.
//
// Where it differs from icd.h:
//   - an edge is removed at once and is missing for the pairs after it, so the order of the nodes shows
//   - the PDS-tree is a breadth-first tree that uses every edge once; it misses some legal sets
//   - conditioning sets are possible ancestors from round 2 on by edges without a tail at the nearer end
//   - a set that is legal from both ends is listed twice; a question is asked, and counted, once
//   - a rule overwrites marks, and round 1 ends with all ten rules
//   - R10 follows any uncovered path, possibly directed or not: it makes tails that are not true
//
// Its sets are Python's; here they are walked in ascending order (tests/discovery/golden). Slow, for graphs
// of some tens of nodes.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/search_result.h"

namespace why {

struct ReferenceIcdOptions {
  bool selection_bias = true;  // R5-R7
  int max_order = -1;          // last round; -1 until no set is left; the reference has no such bound
};

// Without reasons, and `conflicts` is not counted: the reference overwrites.
SearchResult reference_icd(const CiTest& test, const ReferenceIcdOptions& options = {});

}  // namespace why
