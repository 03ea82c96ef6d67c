#include "models/torch/device.h"

#include <dlfcn.h>
#include <torch/cuda.h>

#include "core/errors.h"

namespace why {

at::Device torch_device(Device device) {
  if (!device.is_cuda()) return at::kCPU;
  static void* const library = ::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_LOCAL);
  WHY_CHECK(library, "device ", device.name(), " needs LibTorch's CUDA library, which cannot be opened; run ",
            "scripts/setup --cuda");
  WHY_CHECK(torch::cuda::is_available(), "device ", device.name(),
            " is not usable: LibTorch sees no CUDA device");
  WHY_CHECK(device.index < static_cast<int>(torch::cuda::device_count()), "device ", device.name(),
            " was asked for, but LibTorch sees only ", torch::cuda::device_count());
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index));
}

}  // namespace why
