#include "discovery/explain/accent.h"

#include <algorithm>

#include "core/errors.h"
#include "discovery/explain/best_sums.h"

namespace why {
namespace {

struct Guess {
  std::vector<Node> members;  // in the order taken
  double gap = 0;             // predicted; negative when the rival passes
};

Guess take_for(const LeaveOneOut& influences, std::size_t rival) {
  const auto& [scores, without] = influences;
  std::vector<double> gains;  // what the gap loses
  for (const auto& each : without) gains.push_back((scores[0] - each[0]) - (scores[rival] - each[rival]));
  Guess out{{}, scores[0] - scores[rival]};
  for (const Node x : by_value(gains)) {
    if (out.gap < 0 || gains[static_cast<std::size_t>(x)] < 0) break;
    out.members.push_back(x);
    out.gap -= gains[static_cast<std::size_t>(x)];
  }
  return out;
}

}  // namespace

std::vector<Node> accent_set(const LeaveOneOut& influences) {
  WHY_ASSERT(influences.scores.size() >= 2);
  Guess best;
  for (std::size_t rival = 1; rival < influences.scores.size(); ++rival) {
    Guess guess = take_for(influences, rival);
    if (guess.gap >= 0 || guess.members.empty() || guess.members.size() >= influences.without.size())
      continue;
    const bool better = best.members.empty() || guess.members.size() < best.members.size() ||
                        (guess.members.size() == best.members.size() && guess.gap < best.gap);
    if (better) best = std::move(guess);
  }
  std::sort(best.members.begin(), best.members.end());
  return best.members;
}

MinimalSets accent(const LeaveOneOut& influences, VerdictMemo& memo) {
  MinimalSets result;
  const Proposal set{accent_set(influences), 0, {}};
  if (set.members.empty()) return result;
  const auto passes_before = memo.passes();
  const Verdict verdict = memo.ask(std::span(&set, 1)).front();
  result.calls.assign(set.members.size(), 0);
  result.calls.back() = 1;
  result.passes = memo.passes() - passes_before;
  if (!verdict.changed) return result;
  result.status = SearchStatus::found;
  result.first_hit = 1;
  result.sets.push_back({set, verdict});
  return result;
}

}  // namespace why
