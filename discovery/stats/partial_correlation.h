// The arithmetic of one partial correlation, the same on the CPU and in CUDA kernels.
//
//   values  [n, n]  correlations, row-major, exactly symmetric, unit diagonal
//   z       [k]     numbers of the conditioning variables; x, y and all of z are different
//
// C[Z,Z] is factorized as L·D·Lᵀ (Cholesky without square roots) and x and y are carried along, which leaves
// what of them Z does not explain:
//
//   residual covariances  s_xx, s_yy, s_xy        rho(x, y | z) = s_xy / sqrt(s_xx s_yy)
//
// For k = 1 and 2 this is the textbook's closed form, operation by operation. Costs k^3/6 multiplications
// from nothing, k^2/2 where all but the last variable of Z stay. Swapping x and y gives the same bits;
// listing Z in another order may change the last ones.
//
// Degenerate: some variable of the block {x, y} ∪ Z is a linear function of the others, up to kSmallestPivot
// of its variance. rho is then NaN, or exactly +-1 when only x and y determine each other given Z.
//
// In float32 only one question can be asked: is this one dependent for sure? A yes allows for all that
// float32 may have rounded away, so that the double would say the same.
#pragma once

#include <math.h>

#include "core/host_device.h"

namespace why {

// A tenth of a billionth: residuals this small have lost two thirds of a double's digits.
constexpr double kSmallestPivot = 1e-10;

struct PartialCorrelation {
  double rho = 0;
  bool degenerate = false;
};

// Of what a set leaves of x and y.
WHY_HOST_DEVICE inline PartialCorrelation residual_correlation(double xx, double yy, double xy) {
  if (!(xx > kSmallestPivot) || !(yy > kSmallestPivot)) return {NAN, true};
  const double rho = xy / sqrt(xx * yy);
  if (!(1 - rho * rho > kSmallestPivot)) return {rho > 0 ? 1.0 : -1.0, true};
  return {rho, false};
}

// Correlations that are dependent for sure: above this size and not degenerate. Infinity: none are.
struct SureDependence {
  double above;
  bool either_sign = true;  // else only positive ones
};

// What the largest and the smallest such correlation need of xy^2 / (xx yy). The slack is far more than the
// rounding of a square and a product, far less than decides anything.
struct SureBounds {
  double more_than, less_than;
  double least_xy;
};

WHY_HOST_DEVICE inline SureBounds bounds_of(const SureDependence& sure) {
  constexpr double kSlack = 1e-12;
  return {sure.above * sure.above * (1 + kSlack), (1 - kSmallestPivot) * (1 - kSlack),
          sure.either_sign ? -INFINITY : 0};
}

WHY_HOST_DEVICE inline bool is_sure(double xx, double yy, double xy, const SureBounds& bounds) {
  const double square = xy * xy, product = xx * yy;
  return (xx > kSmallestPivot) & (yy > kSmallestPivot) & (square > bounds.more_than * product) &
         (square < bounds.less_than * product) & (xy > bounds.least_xy);
}

// The same for float32, whose residual covariances may be off by `error`.
struct SureBoundsSingle {
  float more_than, less_than;
  bool either_sign;
};

WHY_HOST_DEVICE inline SureBoundsSingle single_bounds_of(const SureDependence& sure) {
  constexpr double kSlack = 1e-5;  // some eighty roundings
  return {static_cast<float>(sure.above * sure.above * (1 + kSlack)), static_cast<float>(1 - kSlack),
          sure.either_sign};
}

WHY_HOST_DEVICE inline bool is_sure(float xx, float yy, float xy, float error,
                                    const SureBoundsSingle& bounds) {
  const float size = bounds.either_sign ? fabsf(xy) : xy;
  const float smallest = size - error, largest = size + error;
  return (xx > 2 * error) & (yy > 2 * error) & (smallest > 0) &
         (smallest * smallest > bounds.more_than * (xx + error) * (yy + error)) &
         (largest * largest < bounds.less_than * (xx - error) * (yy - error));
}

// What a residual covariance given k variables is off by in float32, at most; `inverse_determinant` of their
// correlations as float32 has it. NaN or infinity where that cannot be said.
//
// L·D·Lᵀ as computed belongs to correlations that differ from the true ones by c u each (Higham, Accuracy and
// Stability of Numerical Algorithms, theorem 10.3: the rows of L·√D have length 1), and the residual
// covariance changes by |w_x|₁|w_y|₁ times that, where w_x holds 1 and the coefficients of x regressed on the
// k variables: |w_x|₁ <= 1 + √(k / λ), λ >= det / e. Taken twice for what is of second order.
WHY_HOST_DEVICE inline float single_error(int k, float inverse_determinant) {
  constexpr float kUnit = 0x1p-24f, kEuler = 2.7182819f;
  const float length = 1 + sqrtf(kEuler * static_cast<float>(k) * inverse_determinant);
  const float error = 2 * kUnit * static_cast<float>(3 * k + 8) * length * length;
  return error < .05f ? error : INFINITY;
}

// Conditions x and y on one variable after the other. Variable i replaces what stood at i before, so that
// sets with a common beginning share its work.
template <class Real>
class BasicConditionedPair {
 public:
  // For sets of up to `capacity` variables; `workspace` holds workspace_size(capacity) values.
  WHY_HOST_DEVICE BasicConditionedPair(const Real* values, int n, int x, int y, int capacity, Real* workspace)
      : values_(values),
        n_(n),
        x_(x),
        y_(y),
        xx_(workspace),
        yy_(xx_ + capacity + 1),
        xy_(yy_ + capacity + 1),
        inverse_(xy_ + capacity + 1),
        a_(inverse_ + capacity),
        b_(a_ + capacity),
        lower_(b_ + capacity) {
    xx_[0] = yy_[0] = 1;
    xy_[0] = value(x, y);
  }

  WHY_HOST_DEVICE static constexpr int workspace_size(int capacity) {
    return 3 * (capacity + 1) + 3 * capacity + capacity * (capacity - 1) / 2;
  }

  // Conditions on z[i] after z[0] .. z[i-1]. False when those determine z[i]: then no set that begins with
  // z[0] .. z[i] has a partial correlation.
  WHY_HOST_DEVICE bool condition_on(const int* z, int i) {
    // row i of L, still times D
    Real* row = lower_ + i * (i - 1) / 2;
    for (int j = 0; j < i; ++j) {
      const Real* above = lower_ + j * (j - 1) / 2;
      Real product = value(z[i], z[j]);
      for (int l = 0; l < j; ++l) product -= row[l] * above[l];
      row[j] = product;
    }
    // what z[0] .. z[i-1] leave of z[i], and its covariance with x and y
    Real pivot = 1, a = value(x_, z[i]), b = value(y_, z[i]);
    for (int j = 0; j < i; ++j) {
      const Real product = row[j];
      row[j] = product * inverse_[j];
      pivot -= product * row[j];
      a -= row[j] * a_[j];
      b -= row[j] * b_[j];
    }
    if (!(pivot > static_cast<Real>(kSmallestPivot))) return false;

    const Real inverse = 1 / pivot;
    inverse_[i] = inverse;
    a_[i] = a;
    b_[i] = b;
    xx_[i + 1] = xx_[i] - a * a * inverse;
    yy_[i + 1] = yy_[i] - b * b * inverse;
    xy_[i + 1] = xy_[i] - a * b * inverse;  // a * b first, so that x and y can be swapped
    return true;
  }

  // rho(x, y | z[0] .. z[k-1]), after condition_on returned true for all of them.
  WHY_HOST_DEVICE PartialCorrelation given(int k) const {
    return residual_correlation(xx_[k], yy_[k], xy_[k]);
  }

  // Likewise: is it one that needs no second look?
  WHY_HOST_DEVICE bool is_sure_given(int k, const SureBounds& bounds) const {
    return is_sure(xx_[k], yy_[k], xy_[k], bounds);
  }
  WHY_HOST_DEVICE bool is_sure_given(int k, const SureBoundsSingle& bounds) const {
    Real inverse_determinant = 1;
    for (int i = 0; i < k; ++i) inverse_determinant *= inverse_[i];
    return is_sure(xx_[k], yy_[k], xy_[k], single_error(k, inverse_determinant), bounds);
  }

 private:
  WHY_HOST_DEVICE Real value(int i, int j) const {
    return values_[static_cast<long long>(i) * n_ + j];  // n * n passes 2^31
  }

  const Real* values_;
  int n_, x_, y_;
  Real *xx_, *yy_, *xy_;  // residual covariances of x and y given the first k, [capacity + 1]
  Real* inverse_;         // of the pivots, [capacity]
  Real *a_, *b_;          // covariances of the rest of z[i] with x and with y, [capacity]
  Real* lower_;           // L below its unit diagonal, row after row
};

using ConditionedPair = BasicConditionedPair<double>;

// rho(x, y | z). `workspace` holds ConditionedPair::workspace_size(k) doubles.
WHY_HOST_DEVICE inline PartialCorrelation partial_correlation(const double* values, int n, int x, int y,
                                                              const int* z, int k, double* workspace) {
  ConditionedPair pair(values, n, x, y, k, workspace);
  for (int i = 0; i < k; ++i)
    if (!pair.condition_on(z, i)) return {NAN, true};
  return pair.given(k);
}

}  // namespace why
