#include "discovery/stats/fisher_z.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/errors.h"

namespace why {
namespace {

constexpr int kTabledOrders = 32;
constexpr double kLargestStatistic = 40;  // p is 0 in double from 39 on

double two_sided_p(double statistic) { return std::erfc(statistic / std::numbers::sqrt2); }

// Where two_sided_p crosses alpha, by bisection.
double critical_statistic(double alpha) {
  double low = 0, high = kLargestStatistic;
  for (int i = 0; i < 64; ++i) {
    const double middle = (low + high) / 2;
    (two_sided_p(middle) > alpha ? low : high) = middle;
  }
  return low;
}

}  // namespace

double fisher_z_p(double rho, int sample_size, int k) {
  return two_sided_p(std::sqrt(sample_size - k - 3) * std::abs(std::atanh(rho)));
}

FisherZ::FisherZ(int sample_size, const FisherZOptions& options)
    : sample_size_(sample_size), options_(options) {
  WHY_CHECK(options.alpha > 0 && options.alpha < 1, "alpha must lie between 0 and 1, not be ", options.alpha);
  critical_statistic_ = critical_statistic(options.alpha);
  for (int k = 0; k <= std::min(max_order(), kTabledOrders - 1); ++k) crossings_.push_back(crossing(k));
}

Crossing FisherZ::crossing(int k) const {
  return Crossing::around(std::tanh(critical_statistic_ / std::sqrt(sample_size_ - k - 3)));
}

Crossing FisherZ::known_crossing(int k) const {
  return k < kTabledOrders ? crossings_[static_cast<std::size_t>(k)] : crossing(k);
}

SureDependence FisherZ::sure_dependence(int k) const {
  return {k > max_order() ? INFINITY : known_crossing(k).above, !options_.positive_only};
}

FisherZ::Decision FisherZ::decide(const PartialCorrelation& r, int k) const {
  if (k > max_order()) return {false, true};
  if (options_.positive_only && r.rho <= 0) return {true, false};
  if (r.degenerate) return {false, true};
  const double size = std::abs(r.rho);
  const Crossing c = known_crossing(k);
  if (size < c.below) return {true, false};
  if (size > c.above) return {false, false};
  return {p_value(r, k) > options_.alpha, false};
}

double FisherZ::p_value(const PartialCorrelation& r, int k) const {
  if (k > max_order()) return 0;
  if (options_.positive_only && r.rho <= 0) return 1;
  if (r.degenerate) return 0;
  return fisher_z_p(r.rho, sample_size_, k);
}

}  // namespace why
