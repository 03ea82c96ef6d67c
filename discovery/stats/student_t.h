// Student's t test: is a (partial) correlation zero? Exact for jointly Gaussian variables, also where the
// sample is so small that Fisher's z is not.
//
//   t = rho sqrt(df / (1 - rho^2)),  df = N - k - 2        p = I(1 - rho^2; df / 2, 1/2), two-sided
//
// I is the regularized incomplete beta function: p without the detour over t, so that strong dependences stay
// in order down to the smallest double. Independent iff p > alpha.
//
// Degenerate, answered dependent with p = 0: a degenerate correlation (partial_correlation.h), and df < 1.
#pragma once

#include <vector>

#include "discovery/stats/conditioned_pool.h"
#include "discovery/stats/crossing.h"
#include "discovery/stats/partial_correlation.h"

namespace why {

// The two-sided p alone, for rho that is not degenerate and df >= 1.
double student_t_p(double rho, int sample_size, int k);

class StudentT {
 public:
  struct Decision {
    bool independent, degenerate;
  };

  // UserError unless 0 < alpha < 1.
  StudentT(int sample_size, double alpha);

  // For a conditioning set of size k. decide gives p_value(r, k) > alpha, nearly always without computing p:
  // a few comparisons.
  Decision decide(const PartialCorrelation& r, int k) const;
  double p_value(const PartialCorrelation& r, int k) const;

  // What decide calls dependent without a second look.
  SureDependence sure_dependence(int k) const;
  // The size of a correlation below which decide calls it independent without one; negative: none is.
  double sure_independence(int k) const { return k > max_order() ? -1 : known_crossing(k).below; }

  // The largest k with df >= 1; negative when there is none.
  int max_order() const { return sample_size_ - 3; }

 private:
  Crossing crossing(int k) const;        // computed
  Crossing known_crossing(int k) const;  // out of the table where it is there

  int sample_size_;
  double alpha_;
  std::vector<Crossing> crossings_;  // of the smallest k
};

}  // namespace why
