// Attention as a model that computes on a device leaves it there.
#pragma once

#include "models/model.h"
#include "tests/copy_on.h"

namespace why {

inline Attention left_on(Device device, Attention attention, AttentionPart part) {
  if (!device.is_cuda()) return attention;
  attention.device = device;
  if (part == AttentionPart::outputs)
    attention.device_outputs = copy_on(device, attention.outputs);
  else
    attention.device_probabilities = copy_on(device, attention.probabilities);
  attention.probabilities.clear();
  attention.outputs.clear();
  return attention;
}

}  // namespace why
