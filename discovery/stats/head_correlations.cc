#include "discovery/stats/head_correlations.h"

#include <utility>

#include "core/errors.h"
#include "core/parallel.h"
#include "discovery/stats/covariance.h"
#include "discovery/stats/head_correlations_cuda.h"

namespace why {
namespace {

Correlation correlate_head(const HeadValues& head, Estimator estimator, int sample_size) {
  SquareMatrix covariance = head_covariance(head, estimator);
  if (head.has_groups()) covariance = mean_covariance(covariance, *head.groups);
  return correlation_from_covariance(std::move(covariance), sample_size);
}

// Those without a matrix are left to the CPU.
std::vector<Correlation> correlated_there(std::span<const HeadValues> heads, Estimator estimator,
                                          int sample_size, Device device) {
#ifdef WHYFORMER_HAS_CUDA
  if (device.is_cuda()) return cuda::correlate_heads(heads, estimator, sample_size, device.index);
#else
  static_cast<void>(estimator);
  static_cast<void>(sample_size);
#endif
  check_kernels_for(device);
  return std::vector<Correlation>(heads.size());
}

std::vector<float> copied_from(const HeadValues& head, Device device) {
#ifdef WHYFORMER_HAS_CUDA
  if (device.is_cuda()) return cuda::values_of(head, device.index);
#endif
  check_kernels_for(device);
  return {head.values, head.values + head.size()};
}

}  // namespace

SquareMatrix head_covariance(const HeadValues& head, Estimator estimator) {
  const std::span values(head.values, head.size());
  if (estimator == Estimator::outputs) return output_covariance(values, head.n, head.m);
  WHY_ASSERT(head.m == head.n);
  return estimator == Estimator::centered ? centered_attention_covariance(values, head.n)
                                          : attention_covariance(values, head.n);
}

std::vector<Correlation> correlate_heads(std::span<const HeadValues> heads, Estimator estimator,
                                         int sample_size, Device device, int threads) {
  for (const HeadValues& head : heads) WHY_ASSERT(estimator == Estimator::outputs || head.m == head.n);
  std::vector<Correlation> out = correlated_there(heads, estimator, sample_size, device);
  parallel_for(heads.size(), threads, [&](std::size_t i) {
    if (out[i].num_variables() > 0) return;
    HeadValues head = heads[i];
    std::vector<float> copy;
    if (device.is_cuda()) {
      copy = copied_from(head, device);
      head.values = copy.data();
    }
    out[i] = correlate_head(head, estimator, sample_size);
  });
  return out;
}

}  // namespace why
