// From our Device to LibTorch's.
#pragma once

#include <torch/script.h>

#include "core/device.h"

namespace why {

// Loads LibTorch's CUDA library when a CUDA device is asked for the first time; UserError that says what to
// install when that cannot be done.
at::Device torch_device(Device device);

}  // namespace why
