// Sequences of unequal length as one tensor.
#pragma once

#include <torch/script.h>

#include <span>

#include "models/model.h"

namespace why {

// ids [B, T], int64, with `pad` on the right, T the longest length; mask [B, T], true at real tokens.
struct Batch {
  at::Tensor ids, mask;
};

Batch pad_batch(std::span<const Sequence> sequences, std::int64_t pad, at::Device device);

}  // namespace why
