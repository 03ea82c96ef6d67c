// Some set that changes the output, in as few calls as may be: sizes are mixed, and the set that is found
// need not be minimal. Sets are asked one at a time, so a call costs a forward pass of its own.
//
// A candidate's drop of the margin is predicted, a set's is the sum of its members'. The best single is asked
// first; it sets the scale of the other scores. From then on: of the smallest size that has a set predicted
// to change the output, the one with the largest drop; where no set is, the set with the largest drop of all,
// which is mostly a large one. After each call the members share what was observed beyond the prediction, so
// that a set asked is predicted as observed (Kaczmarz's step for a sum).
#pragma once

#include <vector>

#include "discovery/explain/search.h"

namespace why {

// scores   [candidates] drops of the margin, on any scale
// margin   of the whole input
//
// Of the bounds both hold. The status is `found`, `none` or `budget`.
MinimalSets first_flip(std::vector<double> scores, double margin, VerdictMemo& memo,
                       const SearchBounds& bounds = {});

}  // namespace why
