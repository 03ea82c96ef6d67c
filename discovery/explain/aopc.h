// How far the output's probability falls along a ranking: comprehensiveness and sufficiency as the area over
// the perturbation curve (DeYoung et al. 2020, ERASER).
//
//   comprehensiveness  p(whole) - p(without the best ranked k %): large when what is ranked high was needed
//   sufficiency        p(whole) - p(the best ranked k % alone): small when it is enough
//
// Each is the mean over k = 1, 5, 10, 20 and 50 % of the candidates, rounded up to a whole number of them.
// The paper also counts k = 0, which adds nothing, so that its comprehensiveness is 5/6 of this one.
#pragma once

#include <optional>
#include <span>

#include "discovery/explain/search.h"

namespace why {

struct Aopc {
  double comprehensiveness, sufficiency;
};

// scores       [candidates] the ranking; ties: the smaller number first
// probability  of the output (Verdict) given the whole input
//
// Nothing for fewer than two candidates. Ten sets at most, all in one question to the memo.
std::optional<Aopc> aopc(std::span<const double> scores, double probability, VerdictMemo& memo);

}  // namespace why
