// Attention computed again from the inputs of an operator that keeps its probabilities to itself, and
// compared with what the operator answered. Half precision is computed in float32; no gradients.
#pragma once

#include <ATen/ATen.h>

#include "models/torch/operator_call.h"

namespace why {

struct Recomputed {
  at::Tensor probabilities;  // [..., T, T]
  at::Tensor outputs;        // [..., T, d]
  at::Tensor answer;         // what the operator should return
};

// aten::scaled_dot_product_attention; [...] is the operator's own: [B, H] or [B*H].
Recomputed recompute_scaled_dot_product(const OperatorCall& call);

// aten::_native_multi_head_attention; [...] is [B, H]. A nested query gives T of its longest sequence, and an
// answer that is zero at padding.
Recomputed recompute_multi_head(const OperatorCall& call);

// Largest |expected - answer| where the expected value is a number, as a share of 1 + largest |expected|.
double relative_error(const at::Tensor& expected, const at::Tensor& answer);

}  // namespace why
