// PC: causal discovery when nothing is latent and nothing selected the sample. Spirtes & Glymour 1991; the
// skeleton is PC-stable's (Colombo & Maathuis 2014), the orientation Meek's (1995).
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/search_result.h"

namespace why {

struct PcOptions {
  int max_order = -1;  // largest conditioning set; -1 unbounded
};

// A CPDAG: x --> y, and x --- y where either direction is possible. An edge that two unshielded colliders
// point in opposite directions becomes x <-> y, whatever their order, and is counted as a conflict: no
// latent- free graph gives these answers.
SearchResult pc(const CiTest& test, const PcOptions& options = {});

// Meek's rules to their fixpoint, on a graph of --> and --- edges; others are left alone. For tests.
MixedGraph apply_meek_rules(MixedGraph graph);

}  // namespace why
