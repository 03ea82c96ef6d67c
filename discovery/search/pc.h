// PC: causal discovery when nothing is latent and nothing selected the sample. Spirtes & Glymour 1991; the
// skeleton is PC-stable's (Colombo & Maathuis 2014), the orientation Meek's (1995).
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/colliders.h"
#include "discovery/search/orientation.h"
#include "discovery/search/search_result.h"

namespace why {

struct PcOptions {
  int max_order = -1;                             // largest conditioning set; -1 unbounded
  ColliderRule colliders = ColliderRule::sepset;  // the others take sets from the neighbours of the skeleton
  const Knowledge* knowledge = nullptr;
};

// A CPDAG: x --> y, and x --- y where either direction is possible. An edge that two conclusions point in
// opposite directions becomes x <-> y and is counted as a conflict: no latent-free graph gives these answers
// (nor, where knowledge forbids both directions, agrees with it).
// Given the colliders, nothing depends on the order of the nodes.
SearchResult pc(const CiTest& test, const PcOptions& options = {});

// The rest of pc, from the skeleton that search_adjacencies finds with its options (skeleton.h).
SearchResult pc_from_skeleton(SearchResult skeleton, const CiTest& test, const PcOptions& options);

// Meek's rules to their fixpoint, on a graph of --> and --- edges; others are left alone. Where a rule needs
// a triple not to be a collider, it must not be unsure. `conflicts` counts the edges x <-> y.
Oriented apply_meek_rules(MixedGraph graph, const TripleRulings& rulings = TripleRulings());

}  // namespace why
