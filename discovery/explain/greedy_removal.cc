#include "discovery/explain/greedy_removal.h"

#include <algorithm>

#include "core/errors.h"
#include "discovery/explain/best_sums.h"

namespace why {
namespace {

std::vector<Node> with(std::vector<Node> set, Node x) {
  set.insert(std::lower_bound(set.begin(), set.end(), x), x);
  return set;
}

void count_call(MinimalSets& result, std::size_t size) {
  if (result.calls.size() < size) result.calls.resize(size, 0);
  ++result.calls[size - 1];
}

}  // namespace

MinimalSets greedy_removal(std::span<const double> scores, Walk walk, double margin, VerdictMemo& memo,
                           const SearchBounds& bounds) {
  check(bounds);
  WHY_ASSERT(static_cast<int>(scores.size()) == memo.num_candidates());
  const auto passes_before = memo.passes();
  MinimalSets result;
  std::vector<Node> taken;
  for (const Node x : by_value(scores)) {
    if (taken.size() + 1 == scores.size()) break;  // something must be left to answer from
    if (result.total_calls() == bounds.max_calls) {
      result.bound = SearchBound::max_calls;
      break;
    }
    const Proposal set{with(taken, x), 0, {}};
    const Verdict verdict = memo.ask(std::span(&set, 1)).front();
    count_call(result, set.members.size());
    if (verdict.changed) {
      result.sets.push_back({set, verdict});
      result.first_hit = result.total_calls();
      break;
    }
    if (walk == Walk::smart && !(static_cast<double>(verdict.margin) < margin)) continue;
    taken = set.members;
    margin = static_cast<double>(verdict.margin);
  }
  result.passes = memo.passes() - passes_before;
  result.status = status_of(result, SearchStatus::found);
  return result;
}

}  // namespace why
