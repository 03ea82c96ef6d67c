#include "experiments/report/agreement.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

// From 1; of equal values the mean. Less their own mean, so that they sum to 0.
std::vector<double> centered_ranks(std::span<const double> values) {
  const std::size_t n = values.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<double> out(n);
  for (std::size_t first = 0, last = 0; first < n; first = last) {
    while (last < n && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t i = first; i < last; ++i)
      out[order[i]] = static_cast<double>(first + 1 + last) / 2 - static_cast<double>(n + 1) / 2;
  }
  return out;
}

double product(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

template <class Pairs>
auto sums_of(const Pairs& pairs, const std::string& one, const std::string& other) {
  const auto found = pairs.find(std::minmax(one, other));
  return found == pairs.end() ? typename Pairs::mapped_type{} : found->second;
}

template <class Make>
auto each_pair(std::span<const std::string> names, Make&& make) {
  std::vector<decltype(make(names[0], names[0]))> out;
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = i + 1; j < names.size(); ++j) out.push_back(make(names[i], names[j]));
  return out;
}

}  // namespace

double jaccard(std::span<const int> one, std::span<const int> other) {
  WHY_ASSERT(!one.empty() && !other.empty());
  std::vector<int> both;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(both));
  return static_cast<double>(both.size()) / static_cast<double>(one.size() + other.size() - both.size());
}

std::optional<double> spearman(std::span<const double> one, std::span<const double> other) {
  WHY_ASSERT(one.size() == other.size());
  const auto a = centered_ranks(one), b = centered_ranks(other);
  const double scale = product(a, a) * product(b, b);
  if (scale <= 0) return std::nullopt;
  return product(a, b) / std::sqrt(scale);
}

void Agreements::add(const Sample& sample) {
  for (auto one = sample.methods.begin(); one != sample.methods.end(); ++one)
    for (auto other = std::next(one); other != sample.methods.end(); ++other) {
      if (!one->second.explained() || !other->second.explained()) continue;
      const double alike = jaccard(one->second.sets.front().members, other->second.sets.front().members);
      Sums& sums = methods_[{one->first, other->first}];
      ++sums.n;
      sums.jaccard += alike;
      if (alike == 1) ++sums.identical;
    }
  for (auto one = sample.rankings.begin(); one != sample.rankings.end(); ++one)
    for (auto other = std::next(one); other != sample.rankings.end(); ++other) {
      const auto alike = spearman(one->second.scores, other->second.scores);
      if (!alike) continue;
      Sums& sums = rankings_[{one->first, other->first}];
      ++sums.n;
      sums.spearman += *alike;
    }
}

std::vector<SetAgreement> Agreements::of_methods(std::span<const std::string> names) const {
  return each_pair(names, [&](const std::string& one, const std::string& other) {
    const Sums sums = sums_of(methods_, one, other);
    SetAgreement out{one, other, sums.n, {}, {}};
    if (sums.n == 0) return out;
    out.jaccard = sums.jaccard / static_cast<double>(sums.n);
    out.identical = static_cast<double>(sums.identical) / static_cast<double>(sums.n);
    return out;
  });
}

std::vector<RankingAgreement> Agreements::of_rankings(std::span<const std::string> names) const {
  return each_pair(names, [&](const std::string& one, const std::string& other) {
    const Sums sums = sums_of(rankings_, one, other);
    RankingAgreement out{one, other, sums.n, {}};
    if (sums.n > 0) out.spearman = sums.spearman / static_cast<double>(sums.n);
    return out;
  });
}

}  // namespace why
