// The arithmetic of covariance.h and correlation.h, a value at a time. The CPU and the kernels of
// head_correlations_cuda.cu call the same functions, so that they come to the same bits.
#pragma once

#include <math.h>

#include <cstddef>

#include "core/host_device.h"

namespace why {

// Of `count` values, `stride` apart, summed in their order.
template <class Value>
WHY_HOST_DEVICE inline double mean_of(const Value* values, int count, std::ptrdiff_t stride) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += values[i * stride];
  return sum / count;
}

// Below 1e-12 of its size a difference from the mean is rounding: float inputs do not resolve it.
WHY_HOST_DEVICE inline double deviation(double value, double mean) {
  constexpr double kRounding = 1e-12;
  const double difference = value - mean;
  return fabs(difference) <= kRounding * fabs(mean) ? 0 : difference;
}

// The covariance of the means of two groups, a and b, of the variables of `covariance` [n, n].
WHY_HOST_DEVICE inline double covariance_of_means(const double* covariance, int n, const int* a, int size_a,
                                                  const int* b, int size_b) {
  double sum = 0;
  for (int i = 0; i < size_a; ++i)
    for (int j = 0; j < size_b; ++j) sum += covariance[static_cast<std::ptrdiff_t>(a[i]) * n + b[j]];
  return sum / (static_cast<double>(size_a) * size_b);
}

// The product of two such variances is still a normal double.
WHY_HOST_DEVICE inline bool has_correlation(double variance) {
  constexpr double kSmallestVariance = 1e-150;
  return variance > kSmallestVariance && variance < 1 / kSmallestVariance;
}

// Of two variables for which has_correlation.
WHY_HOST_DEVICE inline double correlation_of(double covariance, double variance_x, double variance_y) {
  const double r = covariance / sqrt(variance_x * variance_y);
  return r < -1 ? -1 : r > 1 ? 1 : r;
}

}  // namespace why
