#include "models/torch/blocks.h"

#include <cmath>

#include "core/errors.h"
#include "models/formats/safetensors.h"

namespace why {

using torch::jit::Module;

std::string activation_call(const std::string& activation, const std::string& argument) {
  if (activation == "gelu") return "torch.gelu(" + argument + ")";
  if (activation == "gelu_tanh") return "torch.gelu(" + argument + ", approximate=\"tanh\")";
  if (activation == "relu") return "torch.relu(" + argument + ")";
  if (activation == "silu") return "torch.silu(" + argument + ")";
  WHY_ASSERT(activation == "tanh");
  return "torch.tanh(" + argument + ")";
}

Module Blocks::make(const std::string& type) const {
  Module self(c10::QualifiedName("__torch__.whyformer." + type), unit_, /*shouldMangle=*/true);
  self.register_attribute("training", c10::BoolType::get(), true);
  return self;
}

Module Blocks::embedding(int rows, int width) const {
  Module self = make("Embedding");
  self.register_parameter("weight", torch::zeros({rows, width}), false);
  self.define("def forward(self, ids: Tensor) -> Tensor:\n    return torch.embedding(self.weight, ids)\n");
  return self;
}

Module Blocks::linear(int in, int out, const std::string& name) const {
  Module self = make("Linear");
  self.register_parameter("weight", torch::zeros({out, in}), false);
  self.register_parameter("bias", torch::zeros({out}), false);
  const auto& lora = options_.lora;
  if (lora.rank == 0 || !lora.adapts(name)) {
    self.define(
        "def forward(self, x: Tensor) -> Tensor:\n    return torch.linear(x, self.weight, self.bias)\n");
    return self;
  }
  self.register_parameter("lora_A", torch::zeros({lora.rank, in}), false);
  self.register_parameter("lora_B", torch::zeros({out, lora.rank}), false);
  self.register_attribute("scaling", c10::FloatType::get(), lora.scaling);
  self.register_attribute("dropout", c10::FloatType::get(), lora.dropout);
  self.define(R"(
def forward(self, x: Tensor) -> Tensor:
    low = torch.linear(torch.dropout(x, self.dropout, self.training), self.lora_A)
    return torch.linear(x, self.weight, self.bias) + torch.linear(low, self.lora_B) * self.scaling
)");
  return self;
}

Module Blocks::layer_norm(int width) const {
  Module self = make("LayerNorm");
  self.register_parameter("weight", torch::ones({width}), false);
  self.register_parameter("bias", torch::zeros({width}), false);
  self.register_attribute("epsilon", c10::FloatType::get(), options_.epsilon);
  self.define(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], self.weight, self.bias, self.epsilon)

def held(self, x: Tensor) -> Tensor:
    centered = x - x.mean(-1, keepdim=True)
    scale = torch.rsqrt(centered.square().mean(-1, keepdim=True) + self.epsilon)
    return centered * scale.detach() * self.weight + self.bias
)");
  return self;
}

Module Blocks::attention(int hidden, int heads, const std::string& name) const {
  Module self = make("SelfAttention");
  for (const auto* part : {"query", "key", "value", "output"})
    self.register_module(part, linear(hidden, hidden, text(name, ".", part)));
  self.register_attribute("heads", c10::IntType::get(), heads);
  self.register_attribute("scale", c10::FloatType::get(), 1 / std::sqrt(hidden / heads));
  self.register_attribute("dropout", c10::FloatType::get(), options_.dropout);
  self.register_attribute("fused", c10::BoolType::get(), options_.fused);
  self.register_attribute("causal", c10::BoolType::get(), options_.causal);
  self.define(R"(
def split(self, x: Tensor) -> Tensor:
    return x.view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2)

def weigh(self, rows: Tensor, x: Tensor, keep: Tensor) -> Tensor:
    q = self.split(self.query.forward(rows))
    k = self.split(self.key.forward(x))
    scores = torch.matmul(q, k.transpose(-1, -2)) * self.scale
    return torch.softmax(scores.masked_fill(torch.logical_not(keep), float("-inf")), -1)

def read(self, attention: Tensor, x: Tensor) -> Tensor:
    return torch.matmul(attention, self.split(self.value.forward(x)))

def join(self, read: Tensor) -> Tensor:
    return self.output.forward(read.transpose(1, 2).reshape(read.size(0), read.size(2), -1))

def projected_values(self, x: Tensor) -> Tensor:
    width = self.output.weight.size(0)
    by_head = self.output.weight.view(width, self.heads, -1).permute(1, 2, 0)
    return torch.matmul(self.split(self.value.forward(x)), by_head)

def readable(self, keep: Tensor) -> Tensor:
    keys = keep.view(keep.size(0), 1, 1, -1)
    if self.causal:
        key = torch.arange(keep.size(1), device=keep.device)
        query = key.unsqueeze(1)
        keys = torch.logical_or(torch.logical_and(keys, key < query), key == query)
    return keys

def forward(self, x: Tensor, keep: Tensor) -> Tensor:
    keys = self.readable(keep)
    if self.fused:
        dropout = self.dropout if self.training else 0.0
        q = self.split(self.query.forward(x))
        k = self.split(self.key.forward(x))
        v = self.split(self.value.forward(x))
        read = torch.scaled_dot_product_attention(q, k, v, keys, dropout)
    else:
        read = self.read(torch.dropout(self.weigh(x, x, keys), self.dropout, self.training), x)
    return torch.dropout(self.join(read), self.dropout, self.training)
)");
  return self;
}

Module Blocks::feed_forward(int hidden, int inner, const std::string& name) const {
  Module self = make("FeedForward");
  self.register_module("inner", linear(hidden, inner, name + ".inner"));
  self.register_module("output", linear(inner, hidden, name + ".output"));
  self.register_attribute("dropout", c10::FloatType::get(), options_.dropout);
  self.define(R"(
def forward(self, x: Tensor) -> Tensor:
    y = self.output.forward()" +
              activation_call(options_.activation, "self.inner.forward(x)") + R"()
    return torch.dropout(y, self.dropout, self.training)
)");
  return self;
}

Module Blocks::layer(int hidden, int inner, int heads, const std::string& name) const {
  Module self = make("Layer");
  self.register_module("attention", attention(hidden, heads, name + ".attention"));
  self.register_module("attention_norm", layer_norm(hidden));
  self.register_module("feed_forward", feed_forward(hidden, inner, name + ".feed_forward"));
  self.register_module("feed_forward_norm", layer_norm(hidden));
  self.define(R"(
def finish(self, rows: Tensor, attended: Tensor) -> Tensor:
    x = self.attention_norm.forward(rows + attended)
    return self.feed_forward_norm.forward(x + self.feed_forward.forward(x))

def finish_direct(self, rows: Tensor, attended: Tensor) -> Tensor:
    x = self.attention_norm.held(rows + attended)
    return self.feed_forward_norm.held(x + self.feed_forward.forward(x).detach())

def forward(self, x: Tensor, keep: Tensor) -> Tensor:
    return self.finish(x, self.attention.forward(x, keep))
)");
  return self;
}

void set_fused(Module& module, bool fused) {
  for (const Module& part : module.modules()) {
    Module changed = part;
    if (changed.hasattr("fused")) changed.setattr("fused", fused);
  }
}

std::string shape_text(at::IntArrayRef shape) {
  std::string out;
  for (const auto size : shape) out += text(out.empty() ? "" : ", ", size);
  return "[" + out + "]";
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
