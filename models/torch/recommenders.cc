#include "models/torch/recommenders.h"

#include <algorithm>

#include "core/errors.h"
#include "models/torch/blocks.h"
#include "models/torch/read_out.h"

namespace why {
namespace {

using torch::jit::Module;

constexpr double kInitialDeviation = 0.02;

std::string layer_name(int i) { return text("layer", i); }

// Ids are rows: padding, the items and the mask.
int table_rows(const BundleInfo& info) {
  return std::max({info.first_item + info.outputs, info.mask_id + 1, info.pad_id + 1});
}

// What stands behind the states.
std::string score_script(const BundleInfo& info) {
  const std::string items = "self.item.weight.narrow(0, self.first_item, self.items)";
  if (info.architecture == "sasrec")
    return R"(
def score(self, states: Tensor) -> Tensor:
    return torch.linear(states, )" +
           items + ")\n";
  return R"(
def score(self, states: Tensor) -> Tensor:
    x = self.output_norm.forward(torch.gelu(self.output.forward(states)))
    return torch.linear(x, )" +
         items + ", self.bias)\n";
}

std::string encode_script(const BundleInfo& info) {
  std::string lower_layers;
  for (int i = 0; i + 1 < info.layers; ++i)
    lower_layers += text("    x = self.", layer_name(i), ".forward(x, keep)\n");
  return R"(
def last(self, keep: Tensor) -> Tensor:
    return (keep.long() * torch.arange(keep.size(1), device=keep.device)).amax([1], keepdim=True)

def places(self, keep: Tensor) -> Tensor:
    return (self.last(keep) - torch.arange(keep.size(1), device=keep.device)).clamp(min=0)

def below_last(self, embeddings: Tensor, keep: Tensor) -> Tensor:
    x = self.norm.forward(embeddings + self.position.forward(self.places(keep)))
    x = torch.dropout(x, self.dropout, self.training)
)" + lower_layers +
         R"(    return x

def encode(self, embeddings: Tensor, mask: Tensor) -> Tensor:
    keep = mask > 0
    return self.)" +
         layer_name(info.layers - 1) + R"(.forward(self.below_last(embeddings, keep), keep)
)";
}

constexpr char kForwardScript[] = R"(
def embed(self, ids: Tensor) -> Tensor:
    return self.item.forward(ids)

def forward_embeddings(self, embeddings: Tensor, mask: Tensor) -> Tensor:
    return self.score(self.row_of(self.encode(embeddings, mask), self.last(mask > 0)))

def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
    return self.forward_embeddings(self.embed(ids), mask)

def read_by_last(self, ids: Tensor, mask: Tensor) -> Tuple[Tensor, Tensor]:
    keep = mask > 0
    return self.below_last(self.embed(ids), keep), self.last(keep)
)";

}  // namespace

Module make_recommender(const BundleInfo& info, double dropout) {
  const bool sasrec = info.architecture == "sasrec";
  WHY_ASSERT(sasrec || info.architecture == "bert4rec");
  BlockOptions options;
  options.dropout = dropout;
  options.causal = sasrec;
  const Blocks blocks(options);
  Module self = blocks.make(sasrec ? "Sasrec" : "Bert4Rec");
  self.register_module("item", blocks.embedding(table_rows(info), info.hidden));
  self.register_module("position", blocks.embedding(info.max_length, info.hidden));
  self.register_module("norm", blocks.layer_norm(info.hidden));
  for (int i = 0; i < info.layers; ++i)
    self.register_module(layer_name(i), blocks.layer(info.hidden, info.inner, info.heads, layer_name(i)));
  if (!sasrec) {
    self.register_module("output", blocks.linear(info.hidden, info.hidden, "output"));
    self.register_module("output_norm", blocks.layer_norm(info.hidden));
    self.register_parameter("bias", torch::zeros({info.outputs}), /*is_buffer=*/false);
  }
  self.register_attribute("first_item", c10::IntType::get(), info.first_item);
  self.register_attribute("items", c10::IntType::get(), info.outputs);
  self.register_attribute("dropout", c10::FloatType::get(), dropout);
  self.define(encode_script(info) + score_script(info) + kForwardScript +
              read_out_script(layer_name(info.layers - 1)));
  return self;
}

void initialize_recommender(Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, weight] : weights_of(module))
    if (weight.dim() == 2) weight.normal_(0, kInitialDeviation);
}

}  // namespace why
