#include "discovery/stats/student_t.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

#include "core/errors.h"

namespace why {
namespace {

constexpr int kTabledOrders = 32;

}  // namespace

double student_t_p(double rho, int sample_size, int k) {
  using boost::math::policies::policy;
  using boost::math::policies::promote_double;
  const double df = sample_size - k - 2;
  return boost::math::ibeta(df / 2, 0.5, (1 - rho) * (1 + rho), policy<promote_double<false>>());
}

StudentT::StudentT(int sample_size, double alpha) : sample_size_(sample_size), alpha_(alpha) {
  WHY_CHECK(alpha > 0 && alpha < 1, "alpha must lie between 0 and 1, not be ", alpha);
  for (int k = 0; k <= std::min(max_order(), kTabledOrders - 1); ++k) crossings_.push_back(crossing(k));
}

// p falls as |rho| grows: bisection.
Crossing StudentT::crossing(int k) const {
  double low = 0, high = 1;
  for (int i = 0; i < 64; ++i) {
    const double middle = (low + high) / 2;
    (student_t_p(middle, sample_size_, k) > alpha_ ? low : high) = middle;
  }
  return Crossing::around(low);
}

Crossing StudentT::known_crossing(int k) const {
  return k < kTabledOrders ? crossings_[static_cast<std::size_t>(k)] : crossing(k);
}

SureDependence StudentT::sure_dependence(int k) const {
  return {k > max_order() ? INFINITY : known_crossing(k).above, true};
}

StudentT::Decision StudentT::decide(const PartialCorrelation& r, int k) const {
  if (k > max_order() || r.degenerate) return {false, true};
  const double size = std::abs(r.rho);
  const Crossing c = known_crossing(k);
  if (size < c.below) return {true, false};
  if (size > c.above) return {false, false};
  return {p_value(r, k) > alpha_, false};
}

double StudentT::p_value(const PartialCorrelation& r, int k) const {
  return k > max_order() || r.degenerate ? 0 : student_t_p(r.rho, sample_size_, k);
}

}  // namespace why
