// Attention probabilities and per-head outputs of an unmodified TorchScript module, read while it runs.
//
// LibTorch calls back for every operator that this thread runs. From those calls attention is recognised, in
// the order of execution, in any of these forms:
//
//   hand-written   a softmax over [B, H, T, T] or [B*H, T, T] and the matmul, bmm or einsum with the values
//                  that consumes it; a dropout, a cast, a reshape or a head mask in between is followed
//   sdpa           aten::scaled_dot_product_attention: boolean or additive mask, causal flag, given or
//   default
//                  scale, grouped queries
//   fused          aten::_native_multi_head_attention, which nn.MultiheadAttention and nn.TransformerEncoder
//   run
//                  in eval mode without gradients, on padded and on nested tensors
//
// sdpa and fused expose no probabilities: they are computed again from the operator's own inputs, and
// probabilities times values are compared with what the operator answered. What runs inside one of these
// operators is not counted again. A softmax of another shape, or one that no product with values follows, is
// not attention.
//
// Not seen: attention between two sequences of different length, a softmax over another dimension than the
// last, attention in a torch.jit.fork (another thread), attention inside a fused GPU kernel (hence
// turn_off_fusion). All of these end in the error about the number of layers, which lists what was seen.
#pragma once

#include <torch/script.h>

#include <functional>
#include <string>
#include <vector>

namespace why {

// What one layer did in one forward pass, on the model's device and detached from its autograd graph. Half
// precision is returned as float32.
//
// A query whose keys are all masked has a row of NaN or zeros; every other row sums to 1. Nested tensors are
// returned padded to the longest sequence of the batch, which may be shorter than the model's input.
struct LayerAttention {
  at::Tensor probabilities;  // [B, H, T, T], row = query; as the softmax gave them, before any dropout
  at::Tensor outputs;        // [B, H, T, d], what the model multiplied with the values, heads not yet joined
  // Of hand-written attention, where CaptureOptions::differentiable asks for it: the softmax itself, as the
  // model shaped it, to ask gradients of the answer by it
  at::Tensor softmax = {};
};

struct CaptureOptions {
  int layers = 0;  // attention blocks that one forward pass runs
  int heads = 0;
  std::vector<int> wanted = {-1};   // layers to keep, 0-based, negative from the end
  bool differentiable = false;      // gradients by the softmax of wanted layers; outside of inference mode
  bool head_major = false;          // 3-D attention is [H*B, T, T]; check_capture finds out
  std::string model = "the model";  // how errors call it: the file
};

struct CapturedAttention {
  std::vector<LayerAttention> layers;  // in the order of CaptureOptions::wanted
  c10::IValue answer;                  // what `forward` returned
};

// Runs `forward` once in this thread and keeps the attention of the wanted layers; other layers' maps are
// freed as the model frees them. Threads may capture from one module at the same time; a capture within a
// capture is a bug.
//
// UserError when the number of attention blocks is not options.layers, when a row does not sum to 1, or when
// what was computed again differs from what the model computed. Exceptions of `forward` pass through.
CapturedAttention capture_attention(const std::function<c10::IValue()>& forward,
                                    const CaptureOptions& options);

using ModelForward = std::function<c10::IValue(const at::Tensor& ids, const at::Tensor& mask)>;

// To be called when a model is loaded, before anything else runs it: captures every layer from a small padded
// batch, several times since TorchScript optimises in the second and third run, and from each of its
// sequences alone, and requires the same maps. Returns the options to capture with.
//
//   ids   [B, T]  B >= 2, of unequal lengths, padding on the right
//   mask  [B, T]  true at tokens, false at padding
//
// UserError as above, and when a sequence's attention changes with padding or with its neighbours in the
// batch.
CaptureOptions check_capture(const ModelForward& forward, const CaptureOptions& options,
                             const at::Tensor& ids, const at::Tensor& mask);

// Each sequence without its padding: [H, T', T'] and [H, T', d], where T' is the number of true entries in
// the sequence's row of `keep` [B, T]. Nothing is renormalised: masks of -10000 leave nothing measurable at
// padding.
//
// UserError when a kept row does not sum to 1 over the kept columns.
std::vector<LayerAttention> cut_padding(const LayerAttention& attention, const at::Tensor& keep);

// Keeps TorchScript, for the whole process, from compiling operators into kernels that report nothing. Called
// by the functions above; call it before a module that was not checked runs for the first time.
void turn_off_fusion();

}  // namespace why
