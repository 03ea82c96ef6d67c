#include "discovery/explain/best_sums.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/subsets.h"

namespace why {

std::vector<Node> by_value(std::span<const double> values) {
  WHY_ASSERT(std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }));
  std::vector<Node> out(values.size());
  std::iota(out.begin(), out.end(), 0);
  std::stable_sort(out.begin(), out.end(), [&](Node a, Node b) {
    return values[static_cast<std::size_t>(a)] > values[static_cast<std::size_t>(b)];
  });
  return out;
}

BestSums::BestSums(std::vector<double> values, int size)
    : values_(std::move(values)), order_(by_value(values_)) {
  WHY_ASSERT(size >= 1);
  if (size <= static_cast<int>(values_.size())) push(first_subset(size));
}

void BestSums::push(std::vector<int> places) {
  if (!seen_.insert(places).second) return;
  double sum = 0;
  for (const int place : places)
    sum += values_[static_cast<std::size_t>(order_[static_cast<std::size_t>(place)])];
  waiting_.insert({sum, std::move(places)});
}

// Every subset but the first is another with one member moved on by a place, which has no smaller sum (adding
// in one order, rounding keeps that) and comes before it in the order of ties.
std::optional<BestSums::Sum> BestSums::next() {
  if (waiting_.empty()) return std::nullopt;
  const Entry best = std::move(waiting_.extract(waiting_.begin()).value());
  for (std::size_t i = 0; i < best.places.size(); ++i) {
    const int end = i + 1 < best.places.size() ? best.places[i + 1] : static_cast<int>(order_.size());
    if (best.places[i] + 1 == end) continue;
    std::vector<int> moved = best.places;
    ++moved[i];
    push(std::move(moved));
  }
  Sum out{{}, best.sum};
  for (const int place : best.places) out.members.push_back(order_[static_cast<std::size_t>(place)]);
  std::sort(out.members.begin(), out.members.end());
  return out;
}

}  // namespace why
