// Fisher's z test: is a (partial) correlation zero?
//
//   statistic = sqrt(N - k - 3) |atanh(rho)|        p = erfc(statistic / sqrt(2)), two-sided
//
// Independent iff p > alpha. Taking p from erfc keeps strong dependences in order down to p = 1e-308, where
// 1 - cdf is 0 from a statistic of 8.3 on.
//
// Degenerate, answered dependent with p = 0: a degenerate correlation (partial_correlation.h), and N - k - 3
// not positive.
#pragma once

#include <vector>

#include "discovery/stats/conditioned_pool.h"
#include "discovery/stats/crossing.h"
#include "discovery/stats/partial_correlation.h"

namespace why {

struct FisherZOptions {
  double alpha = 0.01;  // in (0, 1)
  bool positive_only =
      false;  // rho <= 0 is independent, as in the reference implementation of 2023; p is then 1
};

// The two-sided p alone, for rho that is not degenerate and N - k - 3 > 0.
double fisher_z_p(double rho, int sample_size, int k);

class FisherZ {
 public:
  struct Decision {
    bool independent, degenerate;
  };

  explicit FisherZ(int sample_size, const FisherZOptions& options = {});

  // For a conditioning set of size k. decide gives p_value(r, k) > alpha, nearly always without computing p:
  // a few comparisons.
  Decision decide(const PartialCorrelation& r, int k) const;
  double p_value(const PartialCorrelation& r, int k) const;

  // What decide calls dependent without a second look.
  SureDependence sure_dependence(int k) const;
  // The size of a correlation below which decide calls it independent without one; negative: none is.
  double sure_independence(int k) const { return k > max_order() ? -1 : known_crossing(k).below; }

  // The largest k with N - k - 3 > 0; negative when there is none.
  int max_order() const { return sample_size_ - 4; }

 private:
  Crossing crossing(int k) const;        // computed
  Crossing known_crossing(int k) const;  // out of the table where it is there

  int sample_size_;
  FisherZOptions options_;
  double critical_statistic_;
  std::vector<Crossing> crossings_;  // of the smallest k
};

}  // namespace why
