// One set by walking down a ranking: how the baselines of ACCENT (Tran, Ghazimatin, Saha Roy 2021) and of
// CLEANN make a set of attention weights.
//
//   pure    takes away one candidate after the other, the best ranked first, until the output changes
//   smart   hill climbing on the margin: a candidate is taken away for good only if the margin is smaller
//           without it; one pass, no revisiting
//
// The set holds what was taken away. It may be large: the walk ends after max_calls calls, or when one more
// would take away the last candidate; max_set_size is no bound. There the replacement is one of the original
// top k; here it is any other output.
#pragma once

#include <span>

#include "discovery/explain/search.h"

namespace why {

enum class Walk { pure, smart };

// scores   [candidates] the ranking; ties: the smaller number first
// margin   of the whole input
//
// The status is `found`, `none` or `budget`. `calls` goes by size as far as sets were asked, a call a step;
// `legal` and `possible` are empty, since sets are on offer only one after the other.
MinimalSets greedy_removal(std::span<const double> scores, Walk walk, double margin, VerdictMemo& memo,
                           const SearchBounds& bounds = {});

}  // namespace why
