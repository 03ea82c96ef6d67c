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

FisherZ::FisherZ(int sample_size, const FisherZOptions& options)
    : sample_size_(sample_size), options_(options) {
  WHY_CHECK(options.alpha > 0 && options.alpha < 1, "alpha must lie between 0 and 1, not be ", options.alpha);
  critical_statistic_ = critical_statistic(options.alpha);
  for (int k = 0; k <= std::min(max_order(), kTabledOrders - 1); ++k) crossings_.push_back(crossing(k));
}

FisherZ::Crossing FisherZ::crossing(int k) const {
  const double rho = std::tanh(critical_statistic_ / std::sqrt(sample_size_ - k - 3));
  // Far more than atanh, erfc and tanh can err by (some 1e-15 of the statistic), far less than is ever asked.
  const double margin = 1e-13 + 1e-9 * (1 - rho * rho);
  return {rho - margin, rho + margin};
}

FisherZ::Decision FisherZ::decide(const PartialCorrelation& r, int k) const {
  if (k > max_order()) return {false, true};
  if (options_.positive_only && r.rho <= 0) return {true, false};
  if (r.degenerate) return {false, true};
  const double size = std::abs(r.rho);
  const Crossing c = k < kTabledOrders ? crossings_[static_cast<std::size_t>(k)] : crossing(k);
  if (size < c.below) return {true, false};
  if (size > c.above) return {false, false};
  return {p_value(r, k) > options_.alpha, false};
}

double FisherZ::p_value(const PartialCorrelation& r, int k) const {
  if (k > max_order()) return 0;
  if (options_.positive_only && r.rho <= 0) return 1;
  if (r.degenerate) return 0;
  return two_sided_p(std::sqrt(sample_size_ - k - 3) * std::abs(std::atanh(r.rho)));
}

}  // namespace why
