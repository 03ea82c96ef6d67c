#include "models/torch/bert4rec.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/errors.h"

namespace why {
namespace {

using torch::jit::Module;

constexpr double kNormEpsilon = 1e-12;  // as the authors' code has it
constexpr double kInitialDeviation = 0.02;

// Makes modules that know of each other. Every module carries the attribute `training`: train(), eval() and
// dropout need it, and a module made in C++ has none of its own.
class Builder {
 public:
  explicit Builder(double dropout) : dropout_(dropout) {}

  Module bert4rec(const BundleInfo& info) const {
    Module self = make("Bert4Rec");
    const int items = info.outputs;
    self.register_module("item", embedding(table_rows(info), info.hidden));
    self.register_module("position", embedding(info.max_length, info.hidden));
    self.register_module("norm", layer_norm(info.hidden));
    for (int i = 0; i < info.layers; ++i) self.register_module(layer_name(i), layer(info));
    self.register_module("output", linear(info.hidden, info.hidden));
    self.register_module("output_norm", layer_norm(info.hidden));
    self.register_parameter("bias", torch::zeros({items}), /*is_buffer=*/false);
    self.register_attribute("first_item", c10::IntType::get(), info.first_item);
    self.register_attribute("items", c10::IntType::get(), items);
    self.register_attribute("dropout", c10::FloatType::get(), dropout_);

    std::string layers;
    for (int i = 0; i < info.layers; ++i)
      layers += text("    x = self.", layer_name(i), ".forward(x, keep)\n");
    self.define(R"(
def places(self, keep: Tensor) -> Tensor:
    last = keep.sum(1, keepdim=True) - 1
    return (last - torch.arange(keep.size(1), device=keep.device)).clamp(min=0)

def encode(self, embeddings: Tensor, mask: Tensor) -> Tensor:
    keep = mask > 0
    x = self.norm.forward(embeddings + self.position.forward(self.places(keep)))
    x = torch.dropout(x, self.dropout, self.training)
)" + layers + R"(
    return x

def score(self, states: Tensor) -> Tensor:
    x = self.output_norm.forward(torch.gelu(self.output.forward(states)))
    return torch.linear(x, self.item.weight.narrow(0, self.first_item, self.items), self.bias)

def forward_embeddings(self, embeddings: Tensor, mask: Tensor) -> Tensor:
    states = self.encode(embeddings, mask)
    last = ((mask > 0).sum(1) - 1).view(-1, 1, 1).expand(-1, 1, states.size(2))
    return self.score(states.gather(1, last).squeeze(1))

def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
    return self.forward_embeddings(self.item.forward(ids), mask)
)");
    return self;
  }

  static std::string layer_name(int i) { return text("layer", i); }

 private:
  Module make(const std::string& type) const {
    Module self(c10::QualifiedName("__torch__.whyformer." + type), unit_, /*shouldMangle=*/true);
    self.register_attribute("training", c10::BoolType::get(), true);
    return self;
  }

  // Ids are rows: padding, the items and the mask.
  static int table_rows(const BundleInfo& info) {
    return std::max({info.first_item + info.outputs, info.mask_id + 1, info.pad_id + 1});
  }

  Module embedding(int rows, int width) const {
    Module self = make("Embedding");
    self.register_parameter("weight", torch::zeros({rows, width}), false);
    self.define("def forward(self, ids: Tensor) -> Tensor:\n    return torch.embedding(self.weight, ids)\n");
    return self;
  }

  Module linear(int in, int out) const {
    Module self = make("Linear");
    self.register_parameter("weight", torch::zeros({out, in}), false);
    self.register_parameter("bias", torch::zeros({out}), false);
    self.define(
        "def forward(self, x: Tensor) -> Tensor:\n    return torch.linear(x, self.weight, self.bias)\n");
    return self;
  }

  Module layer_norm(int width) const {
    Module self = make("LayerNorm");
    self.register_parameter("weight", torch::ones({width}), false);
    self.register_parameter("bias", torch::zeros({width}), false);
    self.register_attribute("epsilon", c10::FloatType::get(), kNormEpsilon);
    self.define(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], self.weight, self.bias, self.epsilon)
)");
    return self;
  }

  Module attention(const BundleInfo& info) const {
    Module self = make("SelfAttention");
    for (const auto* name : {"query", "key", "value", "output"})
      self.register_module(name, linear(info.hidden, info.hidden));
    self.register_attribute("heads", c10::IntType::get(), info.heads);
    self.register_attribute("scale", c10::FloatType::get(), 1 / std::sqrt(info.hidden / info.heads));
    self.register_attribute("dropout", c10::FloatType::get(), dropout_);
    self.define(R"(
def split(self, x: Tensor) -> Tensor:
    return x.view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2)

def forward(self, x: Tensor, keep: Tensor) -> Tensor:
    q = self.split(self.query.forward(x))
    k = self.split(self.key.forward(x))
    v = self.split(self.value.forward(x))
    scores = torch.matmul(q, k.transpose(-1, -2)) * self.scale
    scores = scores.masked_fill(torch.logical_not(keep).view(keep.size(0), 1, 1, -1), float("-inf"))
    attention = torch.dropout(torch.softmax(scores, -1), self.dropout, self.training)
    joined = torch.matmul(attention, v).transpose(1, 2).reshape(x.size(0), x.size(1), -1)
    return torch.dropout(self.output.forward(joined), self.dropout, self.training)
)");
    return self;
  }

  Module feed_forward(const BundleInfo& info) const {
    Module self = make("FeedForward");
    self.register_module("inner", linear(info.hidden, info.inner));
    self.register_module("output", linear(info.inner, info.hidden));
    self.register_attribute("dropout", c10::FloatType::get(), dropout_);
    self.define(R"(
def forward(self, x: Tensor) -> Tensor:
    y = self.output.forward(torch.gelu(self.inner.forward(x)))
    return torch.dropout(y, self.dropout, self.training)
)");
    return self;
  }

  Module layer(const BundleInfo& info) const {
    Module self = make("Layer");
    self.register_module("attention", attention(info));
    self.register_module("attention_norm", layer_norm(info.hidden));
    self.register_module("feed_forward", feed_forward(info));
    self.register_module("feed_forward_norm", layer_norm(info.hidden));
    self.define(R"(
def forward(self, x: Tensor, keep: Tensor) -> Tensor:
    x = self.attention_norm.forward(x + self.attention.forward(x, keep))
    return self.feed_forward_norm.forward(x + self.feed_forward.forward(x))
)");
    return self;
  }

  double dropout_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_ = std::make_shared<torch::jit::CompilationUnit>();
};

std::string shape_text(at::IntArrayRef shape) {
  std::string out;
  for (const auto size : shape) out += text(out.empty() ? "" : ", ", size);
  return "[" + out + "]";
}

}  // namespace

Module make_bert4rec(const BundleInfo& info, double dropout) { return Builder(dropout).bert4rec(info); }

void initialize_bert4rec(Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, weight] : weights_of(module))
    if (weight.dim() == 2) weight.normal_(0, kInitialDeviation);
}

std::map<std::string, at::Tensor> weights_of(const Module& module) {
  std::map<std::string, at::Tensor> out;
  for (const auto& parameter : module.named_parameters()) out.emplace(parameter.name, parameter.value);
  return out;
}

void load_weights(Module& module, const std::filesystem::path& file) {
  const torch::NoGradGuard no_grad;
  const SafeTensors saved = SafeTensors::open(file);
  const auto weights = weights_of(module);
  for (const auto& [name, tensor] : saved.tensors())
    WHY_CHECK(weights.contains(name), file.string(), ": tensor \"", name,
              "\" is not part of this architecture");
  for (const auto& [name, weight] : weights) {
    const TensorView& tensor = saved.at(name);
    WHY_CHECK(at::IntArrayRef(tensor.shape) == weight.sizes(), file.string(), ": tensor \"", name,
              "\" has shape ", shape_text(tensor.shape), ", but bundle.yaml asks for ",
              shape_text(weight.sizes()));
    WHY_CHECK(tensor.type != TensorType::i64, file.string(), ": tensor \"", name, "\" holds integers");
    auto values = tensor.floats();
    weight.copy_(torch::from_blob(values.data(), weight.sizes(), torch::kFloat32));
  }
}

void save_weights(const Module& module, const std::filesystem::path& file) {
  std::map<std::string, at::Tensor> held;  // keeps contiguous copies alive while they are written
  std::map<std::string, TensorView> views;
  for (const auto& [name, weight] : weights_of(module)) {
    const at::Tensor flat = held[name] = weight.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    views[name] = {
        TensorType::f32, flat.sizes().vec(),
        std::as_bytes(std::span(flat.const_data_ptr<float>(), static_cast<std::size_t>(flat.numel())))};
  }
  write_safetensors(file, views, {{"format", "pt"}});
}

}  // namespace why
