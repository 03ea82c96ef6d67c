// The parts that Transformers here are put together from, as TorchScript modules made in C++: the same object
// trains, saves, loads and is captured like any user's module.
//
//   Embedding       weight [rows, width]; ids -> vectors
//   Linear          weight [out, in], bias [out]; with LoRA also lora_A [rank, in], lora_B [out, rank]
//   LayerNorm       weight, bias [width], over the last dimension; held(x) is the same number, but no
//                   gradient goes through its scale
//   SelfAttention   query, key, value, output; forward(x [B, T, d], keep [B, T]), heads of width d / H. Its
//                   steps are methods, too: weigh, read and join
//   FeedForward     inner, output
//   Layer           attention, attention_norm, feed_forward, feed_forward_norm; post-norm. What follows
//                   attention is finish(rows, attended); finish_direct is the same number, but gradients go
//                   past the feed-forward block and through held norms
//
// Weights are zero (norms: one) until somebody fills them. Every module carries the attribute `training`:
// train(), eval() and dropout need it, and a module made in C++ has none of its own.
#pragma once

#include <torch/script.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace why {

// Low-rank adaptation (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022):
// W x + scaling · B A x, where only A and B learn.
struct LoraBlocks {
  int rank = 0;  // 0: none
  double scaling = 1, dropout = 0;
  std::function<bool(const std::string&)> adapts;  // by the dotted name of the linear module
};

struct BlockOptions {
  double dropout = 0;
  double epsilon = 1e-12;  // of the norms
  // "gelu" (exact), "gelu_tanh", "relu", "silu"
  std::string activation = "gelu";
  bool causal = false;  // a token reads itself and those before it
  // Attention by one operator instead of matmul, softmax, matmul. The module's attribute of that name can be
  // changed later.
  bool fused = false;
  LoraBlocks lora;
};

class Blocks {
 public:
  explicit Blocks(BlockOptions options) : options_(std::move(options)) {}

  torch::jit::Module make(const std::string& type) const;  // an empty module

  torch::jit::Module embedding(int rows, int width) const;
  torch::jit::Module linear(int in, int out, const std::string& name) const;
  torch::jit::Module layer_norm(int width) const;
  torch::jit::Module layer(int hidden, int inner, int heads, const std::string& name) const;

 private:
  torch::jit::Module attention(int hidden, int heads, const std::string& name) const;
  torch::jit::Module feed_forward(int hidden, int inner, const std::string& name) const;

  BlockOptions options_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_ = std::make_shared<torch::jit::CompilationUnit>();
};

// An expression of TorchScript: the activation applied to `argument`.
std::string activation_call(const std::string& activation, const std::string& argument);

// Turns fused attention on or off in the module and everything in it.
void set_fused(torch::jit::Module& module, bool fused);

// Parameters by their dotted name ("layer0.attention.query.weight"), in one fixed order.
std::map<std::string, at::Tensor> weights_of(const torch::jit::Module& module);

// Fills the module from the file. UserError that names the tensor which is missing, of another shape, or not
// part of this architecture.
void load_weights(torch::jit::Module& module, const std::filesystem::path& file);
void save_weights(const torch::jit::Module& module, const std::filesystem::path& file);

// "[2, 3]"
std::string shape_text(at::IntArrayRef shape);

}  // namespace why
