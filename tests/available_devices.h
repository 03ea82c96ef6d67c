// The devices on which a test can run here: always the CPU, and the first CUDA device where there is one and
// our kernels were built. Use as  INSTANTIATE_TEST_SUITE_P(Devices, Suite, ValuesIn(available_devices()),
// device_label);
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/device.h"

namespace why {

inline std::vector<Device> available_devices() {
  std::vector<Device> out = {{}};
  if (has_cuda_kernels() && cuda_device_count() > 0) out.push_back({Device::Kind::cuda, 0});
  return out;
}

inline std::string device_label(const testing::TestParamInfo<Device>& device) {
  return device.param.is_cuda() ? "cuda" : "cpu";
}

}  // namespace why
