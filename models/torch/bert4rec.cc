#include "models/torch/bert4rec.h"

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

}  // namespace

Module make_bert4rec(const BundleInfo& info, double dropout) {
  BlockOptions options;
  options.dropout = dropout;
  const Blocks blocks(options);
  Module self = blocks.make("Bert4Rec");
  const int items = info.outputs;
  self.register_module("item", blocks.embedding(table_rows(info), info.hidden));
  self.register_module("position", blocks.embedding(info.max_length, info.hidden));
  self.register_module("norm", blocks.layer_norm(info.hidden));
  for (int i = 0; i < info.layers; ++i)
    self.register_module(layer_name(i), blocks.layer(info.hidden, info.inner, info.heads, layer_name(i)));
  self.register_module("output", blocks.linear(info.hidden, info.hidden, "output"));
  self.register_module("output_norm", blocks.layer_norm(info.hidden));
  self.register_parameter("bias", torch::zeros({items}), /*is_buffer=*/false);
  self.register_attribute("first_item", c10::IntType::get(), info.first_item);
  self.register_attribute("items", c10::IntType::get(), items);
  self.register_attribute("dropout", c10::FloatType::get(), dropout);

  const std::string last = layer_name(info.layers - 1);
  std::string below_last;
  for (int i = 0; i + 1 < info.layers; ++i)
    below_last += text("    x = self.", layer_name(i), ".forward(x, keep)\n");
  self.define(R"(
def last(self, keep: Tensor) -> Tensor:
    return (keep.long() * torch.arange(keep.size(1), device=keep.device)).amax([1], keepdim=True)

def places(self, keep: Tensor) -> Tensor:
    return (self.last(keep) - torch.arange(keep.size(1), device=keep.device)).clamp(min=0)

def below_last(self, embeddings: Tensor, keep: Tensor) -> Tensor:
    x = self.norm.forward(embeddings + self.position.forward(self.places(keep)))
    x = torch.dropout(x, self.dropout, self.training)
)" + below_last +
              R"(
    return x

def encode(self, embeddings: Tensor, mask: Tensor) -> Tensor:
    keep = mask > 0
    return self.)" +
              last +
              R"(.forward(self.below_last(embeddings, keep), keep)

def score(self, states: Tensor) -> Tensor:
    x = self.output_norm.forward(torch.gelu(self.output.forward(states)))
    return torch.linear(x, self.item.weight.narrow(0, self.first_item, self.items), self.bias)

def forward_embeddings(self, embeddings: Tensor, mask: Tensor) -> Tensor:
    return self.score(self.row_of(self.encode(embeddings, mask), self.last(mask > 0)))

def embed(self, ids: Tensor) -> Tensor:
    return self.item.forward(ids)

def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
    return self.forward_embeddings(self.embed(ids), mask)

def read_by_last(self, ids: Tensor, mask: Tensor) -> Tuple[Tensor, Tensor]:
    keep = mask > 0
    return self.below_last(self.embed(ids), keep), self.last(keep)
)" + read_out_script(last));
  return self;
}

void initialize_bert4rec(Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, weight] : weights_of(module))
    if (weight.dim() == 2) weight.normal_(0, kInitialDeviation);
}

}  // namespace why
