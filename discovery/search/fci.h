// FCI: causal discovery with latent variables and selection. Spirtes, Meek, Richardson 1999; orientation of
// Zhang 2008; the order-independent form of Colombo & Maathuis 2014 ("FCI-stable").
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/colliders.h"
#include "discovery/search/orientation.h"
#include "discovery/search/search_result.h"

namespace why {

struct FciOptions {
  int max_order = -1;      // largest conditioning set of the adjacency search; -1 unbounded
  int max_pds_order = -1;  // of the possible-d-sep stage; 0 leaves the stage out
  // The others take sets from the neighbours, up to max_order, and from possible-d-sep, up to max_pds_order
  // ("CFCI" and "MFCI" for conservative and majority in Colombo & Maathuis).
  ColliderRule colliders = ColliderRule::sepset;
  RuleChoice rules = {};
  const Knowledge* knowledge = nullptr;  // excludes selection: leave rules R5-R7 out with it
};

// A PAG. Under a perfect test and without bounds it is the true one: complete and sound.
SearchResult fci(const CiTest& test, const FciOptions& options = {});

}  // namespace why
