#include "discovery/explain/any_size.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/errors.h"
#include "discovery/explain/best_sums.h"

namespace why {
namespace {

class FirstFlip {
 public:
  FirstFlip(std::vector<double> scores, double margin, int largest)
      : drops_(std::move(scores)), margin_(margin), largest_(largest) {}

  // The set to ask next; nothing when all were asked.
  std::optional<std::vector<Node>> choose() const {
    std::optional<BestSums::Sum> best;
    for (int size = 1; size <= (asked_.empty() ? 1 : largest_); ++size) {
      auto sum = best_of(size);
      if (!sum) continue;
      if (sum->value > margin_) return std::move(sum->members);
      if (!best || sum->value > best->value) best = std::move(sum);
    }
    if (!best) return std::nullopt;
    return std::move(best->members);
  }

  void observe(const std::vector<Node>& set, double drop) {
    if (asked_.empty()) scale(drops_[static_cast<std::size_t>(set.front())], drop);
    asked_.insert(set);
    double predicted = 0;
    for (const Node x : set) predicted += drops_[static_cast<std::size_t>(x)];
    for (const Node x : set)
      drops_[static_cast<std::size_t>(x)] += (drop - predicted) / static_cast<double>(set.size());
  }

 private:
  std::optional<BestSums::Sum> best_of(int size) const {
    BestSums sums(drops_, size);
    auto sum = sums.next();
    while (sum && asked_.contains(sum->members)) sum = sums.next();
    return sum;
  }

  // Where the best single does not do what it was thought to do, the scale stays.
  void scale(double score, double drop) {
    if (score <= 0 || drop <= 0) return;
    for (double& each : drops_) each *= drop / score;
  }

  std::vector<double> drops_;
  double margin_;
  int largest_;
  std::set<std::vector<Node>> asked_;
};

}  // namespace

MinimalSets first_flip(std::vector<double> scores, double margin, VerdictMemo& memo,
                       const SearchBounds& bounds) {
  check(bounds);
  const int n = memo.num_candidates();
  WHY_ASSERT(static_cast<int>(scores.size()) == n);
  const auto passes_before = memo.passes();
  MinimalSets result = nothing_asked(n, bounds);
  result.legal = result.possible;
  FirstFlip search(std::move(scores), margin, std::min(bounds.max_set_size, n - 1));
  while (result.sets.empty() && n > 1) {
    auto members = search.choose();
    if (!members) break;
    if (result.total_calls() == bounds.max_calls) {
      result.bound = SearchBound::max_calls;
      break;
    }
    const Proposal set{std::move(*members), 0, {}};
    const Verdict verdict = memo.ask(std::span(&set, 1)).front();
    ++result.calls[set.members.size() - 1];
    search.observe(set.members, margin - static_cast<double>(verdict.margin));
    if (!verdict.changed) continue;
    result.sets.push_back({set, verdict});
    result.first_hit = result.total_calls();
  }
  if (result.sets.empty() && result.bound == SearchBound::none && bounds.max_set_size < n - 1)
    result.bound = SearchBound::max_set_size;
  result.passes = memo.passes() - passes_before;
  result.status = status_of(result, SearchStatus::found);
  return result;
}

}  // namespace why
