// Values in the memory of a device.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/device.h"
#include "discovery/stats/head_correlations_cuda.h"

namespace why {

inline std::shared_ptr<const float> copy_on(Device device, std::span<const float> values) {
#ifdef WHYFORMER_HAS_CUDA
  if (device.is_cuda()) return cuda::copy_of(values, device.index);
#endif
  check_kernels_for(device);
  const auto copy = std::make_shared<std::vector<float>>(values.begin(), values.end());
  return {copy, copy->data()};
}

}  // namespace why
