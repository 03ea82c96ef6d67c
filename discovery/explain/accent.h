// ACCENT's set (Tran, Ghazimatin, Saha Roy 2021), with influences by leaving one out: the drop of an output's
// score without a candidate stands for its influence, and influences add up.
//
// For each rival, an output of the top k behind the first, candidates are taken by how much more they help
// the first output than the rival, until the rival is predicted to pass it. The smallest set of all rivals
// is the answer; of equal ones that with the smaller predicted gap, then the better placed rival's. One call
// verifies it.
#pragma once

#include <vector>

#include "discovery/explain/search.h"

namespace why {

// scores    [k] of the outputs with the best scores, the first is the one explained; k >= 2
// without   [candidates][k] their scores without a candidate
struct LeaveOneOut {
  std::vector<double> scores;
  std::vector<std::vector<double>> without;
};

// Members ascending; empty when no rival is predicted to pass before everything is taken away.
std::vector<Node> accent_set(const LeaveOneOut& influences);

// That set asked: one call, or none. The status is `found` or `none`; `legal` and `possible` are empty.
MinimalSets accent(const LeaveOneOut& influences, VerdictMemo& memo);

}  // namespace why
