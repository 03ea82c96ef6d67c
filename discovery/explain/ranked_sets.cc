#include "discovery/explain/ranked_sets.h"

#include <algorithm>
#include <queue>
#include <set>

#include "core/errors.h"
#include "core/subsets.h"
#include "discovery/explain/best_sums.h"

namespace why {
namespace {

// A paid set and one member more.
struct Extension {
  double value;
  std::vector<int> places;  // of all members in the order of drops, ascending
  std::size_t paid;
  std::size_t added;  // the place of the new one

  bool operator<(const Extension& other) const {  // the queue gives its largest first
    return value != other.value ? value < other.value : places > other.places;
  }
};

}  // namespace

RankedSets::RankedSets(std::vector<double> scores, SetOrder order)
    : order_(order), drops_(std::move(scores)) {}

std::int64_t RankedSets::count(int size) { return binomial(num_candidates(), size); }

std::vector<Proposal> RankedSets::first(int size, std::int64_t limit) {
  const bool extends =
      size > 2 && !paid_.empty() && static_cast<int>(paid_.front().members.size()) + 1 == size;
  return extends ? by_paid_sets(limit) : by_sums(size, limit);
}

void RankedSets::observe(std::span<const Proposal> sets, std::span<const Verdict> verdicts) {
  if (order_ == SetOrder::predicted || sets.empty()) return;
  const int size = static_cast<int>(sets.front().members.size());
  if (static_cast<std::int64_t>(sets.size()) < count(size)) return;  // no larger ones will be asked for
  paid_.clear();
  for (std::size_t i = 0; i < sets.size(); ++i)
    paid_.push_back({sets[i].members, -static_cast<double>(verdicts[i].margin)});
  if (size > 1) return;
  for (const auto& [members, drop] : paid_) drops_[static_cast<std::size_t>(members.front())] = drop;
}

std::vector<Proposal> RankedSets::by_sums(int size, std::int64_t limit) const {
  BestSums sums(drops_, size);
  std::vector<Proposal> out;
  while (static_cast<std::int64_t>(out.size()) < limit) {
    auto sum = sums.next();
    if (!sum) break;
    out.push_back({std::move(sum->members), 0, {}});
  }
  return out;
}

// Each paid set grows by the others in the order of their drops, so that its extensions come in the order
// wanted; of all these streams the queue holds the head.
std::vector<Proposal> RankedSets::by_paid_sets(std::int64_t limit) const {
  const std::vector<Node> order = by_value(drops_);
  std::vector<int> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    place[static_cast<std::size_t>(order[i])] = static_cast<int>(i);

  std::priority_queue<Extension> queue;
  const auto push = [&](std::size_t paid, std::size_t from) {
    const auto& [members, drop] = paid_[paid];
    while (from < order.size() && std::binary_search(members.begin(), members.end(), order[from])) ++from;
    if (from == order.size()) return;
    std::vector<int> places{static_cast<int>(from)};
    for (const Node x : members) places.push_back(place[static_cast<std::size_t>(x)]);
    std::sort(places.begin(), places.end());
    queue.push({drop + drops_[static_cast<std::size_t>(order[from])], std::move(places), paid, from});
  };
  for (std::size_t paid = 0; paid < paid_.size(); ++paid) push(paid, 0);

  std::vector<Proposal> out;
  std::set<std::vector<int>> seen;
  while (!queue.empty() && static_cast<std::int64_t>(out.size()) < limit) {
    const Extension best = queue.top();
    queue.pop();
    push(best.paid, best.added + 1);
    if (!seen.insert(best.places).second) continue;
    Proposal set;
    for (const int at : best.places) set.members.push_back(order[static_cast<std::size_t>(at)]);
    std::sort(set.members.begin(), set.members.end());
    out.push_back(std::move(set));
  }
  return out;
}

}  // namespace why
