#include "models/torch/recompute.h"

#include <cmath>
#include <limits>

namespace why {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

at::Tensor full_precision(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kDouble ? tensor : tensor.to(at::kFloat);
}

at::Tensor tensor(const c10::IValue& value) { return value.isTensor() ? value.toTensor() : at::Tensor(); }

// Additive form of a mask that is true where attention is allowed.
at::Tensor additive(const at::Tensor& allowed, const at::Tensor& like) {
  return at::zeros(allowed.sizes(), like.options()).masked_fill(allowed.logical_not(), -kInfinity);
}

// keys or values [..., K, T, d] for queries of a multiple of K heads
at::Tensor for_each_query_head(const at::Tensor& shared, const at::Tensor& query) {
  return shared.repeat_interleave(query.size(-3) / shared.size(-3), -3);
}

// [B, T, D] -> [B, H, T, d]
at::Tensor split_heads(const at::Tensor& joined, std::int64_t heads) {
  return joined.unflatten(2, {heads, -1}).transpose(1, 2);
}

// Zero-padded [B, T, D]; T is the longest sequence of a nested tensor.
at::Tensor padded(const at::Tensor& tensor) {
  return tensor.is_nested() ? tensor.to_padded_tensor(0.0) : tensor;
}

// [B, T], true at padding of a nested tensor.
at::Tensor nested_padding(const at::Tensor& nested, std::int64_t longest) {
  const at::Tensor lengths = nested._nested_tensor_size().select(1, 0);  // on the CPU
  return at::arange(longest).unsqueeze(0).ge(lengths.unsqueeze(1)).to(nested.device());
}

// The mask of the fused operator, true where attention is NOT allowed, broadcastable to [B, H, T, T]. Numbers
// other than 0 count as true there: it knows no additive masks.
at::Tensor fused_mask(const OperatorCall& call) {
  const at::Tensor mask = tensor(call["mask"]).to(at::kBool);
  const std::int64_t type = call["mask_type"].isInt() ? call["mask_type"].toInt() : 2;
  if (type == 0) return mask;                            // [T, T], of all sequences
  if (type == 1) return mask.unsqueeze(1).unsqueeze(1);  // [B, T], of keys
  return mask;                                           // [B, H, T, T]
}

}  // namespace

Recomputed recompute_scaled_dot_product(const OperatorCall& call) {
  const at::NoGradGuard no_grad;
  const at::Tensor query = full_precision(tensor(call["query"]));
  at::Tensor key = full_precision(tensor(call["key"]));
  at::Tensor value = full_precision(tensor(call["value"]));
  if (call["enable_gqa"].isBool() && call["enable_gqa"].toBool()) {
    key = for_each_query_head(key, query);
    value = for_each_query_head(value, query);
  }
  const c10::IValue& given_scale = call["scale"];
  const double scale =
      given_scale.isNone() ? 1.0 / std::sqrt(static_cast<double>(query.size(-1))) : given_scale.toDouble();
  at::Tensor scores = at::matmul(query, key.transpose(-2, -1)) * scale;
  if (const at::Tensor mask = tensor(call["attn_mask"]); mask.defined()) {
    scores = scores + (mask.scalar_type() == at::kBool ? additive(mask, scores) : mask);
  }
  if (call["is_causal"].toBool()) {
    const at::Tensor allowed =
        at::ones({query.size(-2), key.size(-2)}, query.options().dtype(at::kBool)).tril();
    scores = scores + additive(allowed, scores);
  }
  // a query with every key masked attends to nothing
  const at::Tensor nothing = scores.eq(-kInfinity).all(-1, true);
  const at::Tensor probabilities = scores.softmax(-1).masked_fill(nothing, 0.0);
  const at::Tensor outputs = at::matmul(probabilities, value);
  return {probabilities, outputs, outputs};
}

Recomputed recompute_multi_head(const OperatorCall& call) {
  const at::NoGradGuard no_grad;
  const std::int64_t heads = call["num_head"].toInt();
  const auto weights = full_precision(tensor(call["qkv_weight"])).chunk(3);
  const auto biases = full_precision(tensor(call["qkv_bias"])).chunk(3);
  const auto project = [&](const char* name, std::size_t part) {
    const at::Tensor input = full_precision(padded(tensor(call[name])));
    return split_heads(at::linear(input, weights[part], biases[part]), heads);
  };
  const at::Tensor query = project("query", 0), key = project("key", 1), value = project("value", 2);

  at::Tensor scores =
      at::matmul(query, key.transpose(-2, -1)) / std::sqrt(static_cast<double>(query.size(-1)));
  const at::Tensor input = tensor(call["query"]);
  at::Tensor padding;
  if (input.is_nested()) {
    padding = nested_padding(input, query.size(2));
    scores = scores.masked_fill(padding.unsqueeze(1).unsqueeze(1), -kInfinity);
  } else if (tensor(call["mask"]).defined()) {
    scores = scores.masked_fill(fused_mask(call), -kInfinity);
  }
  const at::Tensor probabilities = scores.softmax(-1);
  const at::Tensor outputs = at::matmul(probabilities, value);
  at::Tensor answer =
      at::linear(outputs.transpose(1, 2).flatten(2), full_precision(tensor(call["proj_weight"])),
                 full_precision(tensor(call["proj_bias"])));
  if (padding.defined()) answer = answer.masked_fill(padding.unsqueeze(2), 0.0);
  return {probabilities, outputs, answer};
}

double relative_error(const at::Tensor& expected, const at::Tensor& answer) {
  const at::NoGradGuard no_grad;
  const at::Tensor there = expected.isfinite();
  const at::Tensor wanted = expected.masked_fill(there.logical_not(), 0.0);
  const at::Tensor came =
      full_precision(padded(answer)).masked_fill(there.logical_not(), 0.0).nan_to_num(kInfinity);
  if (wanted.numel() == 0) return 0.0;
  return (wanted - came).abs().max().item<double>() / (1.0 + wanted.abs().max().item<double>());
}

}  // namespace why
