#include "experiments/report/paired_tests.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

// Ranks of |differences| times two, so that the mean of neighbours is a whole number.
struct SignedRanks {
  std::vector<std::int64_t> twice;  // ascending
  std::int64_t positive = 0;        // summed, of the differences above zero
  double ties = 0;                  // sum of t^3 - t

  std::int64_t total() const { return std::accumulate(twice.begin(), twice.end(), std::int64_t{0}); }
  std::int64_t smaller() const { return std::min(positive, total() - positive); }
};

SignedRanks signed_ranks(std::span<const std::int64_t> differences) {
  std::vector<std::int64_t> values;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(values),
               [](auto value) { return value != 0; });
  std::sort(values.begin(), values.end(), [](auto a, auto b) { return std::abs(a) < std::abs(b); });
  SignedRanks out;
  for (std::size_t first = 0, last = 0; first < values.size(); first = last) {
    while (last < values.size() && std::abs(values[last]) == std::abs(values[first])) ++last;
    const auto rank = static_cast<std::int64_t>(first + 1 + last);
    const auto tied = static_cast<double>(last - first);
    out.ties += tied * tied * tied - tied;
    for (std::size_t i = first; i < last; ++i) {
      out.twice.push_back(rank);
      if (values[i] > 0) out.positive += rank;
    }
  }
  return out;
}

// P(sum of the ranks with a plus <= the smaller one). Up to 50 signs every number is a multiple of 2^-50.
double exact_tail(const SignedRanks& ranks) {
  std::vector<double> mass(static_cast<std::size_t>(ranks.total()) + 1);
  mass[0] = 1;
  for (const auto each : ranks.twice) {
    const auto rank = static_cast<std::size_t>(each);
    for (std::size_t sum = mass.size(); sum-- > 0;)
      mass[sum] = (mass[sum] + (sum >= rank ? mass[sum - rank] : 0)) / 2;
  }
  return std::accumulate(mass.begin(), mass.begin() + ranks.smaller() + 1, 0.0);
}

double normal_tail(const SignedRanks& ranks) {
  const auto n = static_cast<double>(ranks.twice.size());
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - ranks.ties / 48;
  const double below = n * (n + 1) / 4 - static_cast<double>(ranks.smaller()) / 2;
  const double z = std::max(0.0, below - 0.5) / std::sqrt(variance);
  return std::erfc(z / std::numbers::sqrt2) / 2;
}

}  // namespace

double mcnemar_p(std::int64_t first_only, std::int64_t second_only) {
  WHY_ASSERT(first_only >= 0 && second_only >= 0);
  const std::int64_t fewer = std::min(first_only, second_only), more = std::max(first_only, second_only);
  if (fewer == more) return 1;
  // P(Bin(n, 1/2) <= k) = I_1/2(n - k, k + 1)
  return std::min(1.0,
                  2 * boost::math::ibeta(static_cast<double>(more), static_cast<double>(fewer) + 1, 0.5));
}

double signed_rank_p(std::span<const std::int64_t> differences) {
  const SignedRanks ranks = signed_ranks(differences);
  if (ranks.twice.empty()) return 1;
  return std::min(1.0, 2 * (ranks.twice.size() <= kExactSigns ? exact_tail(ranks) : normal_tail(ranks)));
}

std::optional<Interval> bootstrap_interval(std::span<const std::int64_t> values, Random random) {
  if (values.size() < 2) return std::nullopt;
  std::vector<std::int64_t> sums(kResamples);
  for (auto& sum : sums)
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[random.below(values.size())];
  std::sort(sums.begin(), sums.end());
  constexpr std::size_t kOutside = kResamples / 40;  // on each side
  const auto size = static_cast<double>(values.size());
  return Interval{static_cast<double>(sums[kOutside - 1]) / size,
                  static_cast<double>(sums[kResamples - kOutside]) / size};
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] < p[b]; });
  std::vector<double> out(p.size());
  double least = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    least = std::max(least, static_cast<double>(p.size() - i) * p[order[i]]);
    out[order[i]] = std::min(1.0, least);
  }
  return out;
}

}  // namespace why
