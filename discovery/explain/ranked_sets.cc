#include "discovery/explain/ranked_sets.h"

#include <algorithm>
#include <limits>
#include <map>
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

// The place of each candidate in an order of all of them.
std::vector<int> places_of(const std::vector<Node>& order) {
  std::vector<int> out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    out[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return out;
}

// Added up in the order of places, as BestSums does, so that the last digits are the same.
double sum_of(const std::vector<double>& drops, const std::vector<Node>& order,
              const std::vector<int>& places) {
  double sum = 0;
  for (const int place : places)
    sum += drops[static_cast<std::size_t>(order[static_cast<std::size_t>(place)])];
  return sum;
}

// The largest sum that a set can be cut into: a paid set of one member fewer, and that member.
double best_cut(const std::vector<Node>& members, const std::map<std::vector<Node>, double>& paid,
                const std::vector<double>& drops) {
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < members.size(); ++i) {
    std::vector<Node> rest = members;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    best = std::max(best, paid.at(rest) + drops[static_cast<std::size_t>(members[i])]);
  }
  return best;
}

}  // namespace

RankedSets::RankedSets(std::vector<double> scores, SetOrder order)
    : order_(order), drops_(std::move(scores)) {}

std::int64_t RankedSets::count(int size) { return binomial(num_candidates(), size); }

std::vector<Proposal> RankedSets::first(int size, std::int64_t limit) {
  return extends_paid_sets(size) ? by_paid_sets(limit) : by_sums(size, limit);
}

bool RankedSets::extends_paid_sets(int size) const {
  return size > 2 && !paid_.empty() && static_cast<int>(paid_.front().members.size()) + 1 == size;
}

void RankedSets::sort(std::vector<Proposal>& sets) const {
  if (sets.empty()) return;
  const std::vector<Node> order = by_value(drops_);
  const std::vector<int> place = places_of(order);
  std::map<std::vector<Node>, double> paid;
  if (extends_paid_sets(static_cast<int>(sets.front().members.size())))
    for (const auto& [members, drop] : paid_) paid.emplace(members, drop);

  struct Ranked {
    double value;
    std::vector<int> places;
    Proposal set;
  };
  std::vector<Ranked> ranked;
  for (auto& set : sets) {
    Ranked each{};
    for (const Node x : set.members) each.places.push_back(place[static_cast<std::size_t>(x)]);
    std::sort(each.places.begin(), each.places.end());
    each.value = paid.empty() ? sum_of(drops_, order, each.places) : best_cut(set.members, paid, drops_);
    each.set = std::move(set);
    ranked.push_back(std::move(each));
  }
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return a.value != b.value ? a.value > b.value : a.places < b.places;
  });
  for (std::size_t i = 0; i < sets.size(); ++i) sets[i] = std::move(ranked[i].set);
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
  const std::vector<int> place = places_of(order);

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
