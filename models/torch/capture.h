// Attention of one layer, as capture reads it from a running TorchScript module.
#pragma once

#include <torch/script.h>

#include <vector>

namespace why {

// What one layer did in one forward pass.
struct LayerAttention {
  at::Tensor probabilities;  // [B, H, T, T], row = query
  at::Tensor outputs;        // [B, H, T, d], probabilities times values, before the heads are joined
};

// Each sequence without its padding: [H, T', T'] and [H, T', d], where T' is the number of true entries in
// the sequence's row of `keep` [B, T]. Nothing is renormalized.
std::vector<LayerAttention> cut_padding(const LayerAttention& attention, const at::Tensor& keep);

}  // namespace why
