// ICD, iterative causal discovery: FCI's answer from fewer and smaller questions. Rohekar, Nisimov, Gurwicz,
// Novik 2021, "Iterative Causal Discovery in the Possible Presence of Latent Confounders and Selection Bias"
// (arXiv 2111.04095).
//
// Round r asks, for every edge x - y, sets of size r that lie near one of its ends (the conditions of
// ICD-Sep): every member is on a PDS-path of length at most r whose nodes are all in the set, and, from round
// 2 on, may be an ancestor of x or y. Each round removes what it separated and orients the graph anew, so
// that the next looks at fewer sets; after every round the graph is a sound one for sets up to that size.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/orientation.h"
#include "discovery/search/search_result.h"
#include "discovery/search/skeleton.h"

namespace why {

struct IcdOptions {
  int max_order = -1;                    // last round; -1 until no set is left to ask
  bool keep_snapshots = false;           // of the graph after each round
  RuleChoice rules = {};                 // of the last orientation; between rounds R0-R4
  const Knowledge* knowledge = nullptr;  // excludes selection: leave rules R5-R7 out with it

  // On dense graphs a round can have more sets than memory holds. An edge with more than this at one end is
  // not asked about, and that round is the last.
  int max_sets_per_edge = kMaxSetsPerEdge;
};

// A PAG. The sets of a round are taken from the graph at its start: for each edge once each, nearest first
// (summed PDS-depth from the end it is legal for, the smaller where it is from both), then lexicographically.
// The reference changes the graph within a round.
SearchResult icd(const CiTest& test, const IcdOptions& options = {});

}  // namespace why
