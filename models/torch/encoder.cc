#include "models/torch/encoder.h"

#include "core/errors.h"
#include "models/torch/read_out.h"

namespace why {
namespace {

using torch::jit::Module;

std::string layer_name(int i) { return text("layer", i); }

std::string last_layer(const EncoderConfig& config) { return layer_name(config.layer_of(config.layers - 1)); }

// What stands behind the states: `place`, of the token that is asked; `score`, of its state; and, where that
// can be, `forward_embeddings`.
std::string head_script(const EncoderConfig& config) {
  if (config.kind == "masked-lm")
    return R"(
def place(self, ids: Tensor) -> Tensor:
    return (ids == self.mask_id).long().argmax(1, keepdim=True)

def score(self, states: Tensor) -> Tensor:
    x = self.transform_norm.forward()" +
           activation_call(config.head_activation, "self.transform.forward(states)") + R"()
    return torch.linear(x, self.)" +
           (config.tied ? "word" : "decoder") + R"(.weight, self.bias)
)";

  std::string score = "states";
  if (config.kind == "classifier") {
    if (config.head == "pooled")
      score = activation_call(config.head_activation, "self.pooler.forward(states)");
    score = "self.classifier.forward(torch.dropout(" + score + ", self.dropout, self.training))";
  }
  return R"(
def place(self, ids: Tensor) -> Tensor:
    return torch.zeros_like(ids.narrow(1, 0, 1))

def score(self, states: Tensor) -> Tensor:
    return )" +
         score + R"(

def forward_embeddings(self, embeddings: Tensor, mask: Tensor) -> Tensor:
    return self.score(self.encode(embeddings, self.places(mask), mask)[:, 0])
)";
}

// What they share.
std::string forward_script() {
  return R"(
def embed(self, ids: Tensor) -> Tensor:
    return self.word.forward(ids)

def states(self, ids: Tensor, mask: Tensor) -> Tensor:
    return self.encode(self.embed(ids), self.places_of(ids, mask), mask)

def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
    return self.score(self.row_of(self.states(ids, mask), self.place(ids)))

def read_by_last(self, ids: Tensor, mask: Tensor) -> Tuple[Tensor, Tensor]:
    below = self.below_last(self.embed(ids), self.places_of(ids, mask), mask > 0)
    return below, self.place(ids)
)";
}

// `places` numbers the tokens from what is real: the mask, or for RoBERTa the ids that are not padding.
std::string places_script(const EncoderConfig& config) {
  if (!config.counts_from_padding)
    return R"(
def places(self, real: Tensor) -> Tensor:
    return torch.arange(real.size(1), device=real.device).unsqueeze(0)

def places_of(self, ids: Tensor, mask: Tensor) -> Tensor:
    return self.places(mask)
)";
  return R"(
def places(self, real: Tensor) -> Tensor:
    counted = (real > 0).long()
    return counted.cumsum(1) * counted + self.pad_id

def places_of(self, ids: Tensor, mask: Tensor) -> Tensor:
    return self.places(ids != self.pad_id)
)";
}

std::string encode_script(const EncoderConfig& config, bool projected) {
  std::string script = R"(
def below_last(self, embeddings: Tensor, places: Tensor, keep: Tensor) -> Tensor:
    x = embeddings + self.position.forward(places)
)";
  if (config.token_types > 0) script += "    x = x + self.token_type.weight[0]\n";
  script += "    x = torch.dropout(self.norm.forward(x), self.dropout, self.training)\n";
  if (projected) script += "    x = self.projection.forward(x)\n";
  for (int i = 0; i + 1 < config.layers; ++i)
    script += text("    x = self.", layer_name(config.layer_of(i)), ".forward(x, keep)\n");
  return script + R"(    return x

def encode(self, embeddings: Tensor, places: Tensor, mask: Tensor) -> Tensor:
    keep = mask > 0
    return self.)" +
         last_layer(config) + R"(.forward(self.below_last(embeddings, places, keep), keep)
)";
}

void add_head(Module& self, const EncoderConfig& config, const Blocks& blocks) {
  if (config.kind == "classifier") {
    if (config.head == "pooled")
      self.register_module("pooler", blocks.linear(config.hidden, config.hidden, "pooler"));
    const int labels = static_cast<int>(config.labels.size());
    self.register_module("classifier", blocks.linear(config.hidden, labels, "classifier"));
  }
  if (config.kind == "masked-lm") {
    self.register_module("transform", blocks.linear(config.hidden, config.embedding, "transform"));
    self.register_module("transform_norm", blocks.layer_norm(config.embedding));
    if (!config.tied) self.register_module("decoder", blocks.embedding(config.vocabulary, config.embedding));
    self.register_parameter("bias", torch::zeros({config.vocabulary}), /*is_buffer=*/false);
  }
}

at::Tensor values_of(const TensorView& view) {
  auto values = view.floats();
  return torch::from_blob(values.data(), view.shape, torch::kFloat32).clone();
}

void fill(const at::Tensor& weight, const TensorView& view, const std::string& where,
          const std::string& name) {
  WHY_CHECK(at::IntArrayRef(view.shape) == weight.sizes(), where, ": tensor \"", name, "\" has shape ",
            shape_text(view.shape), ", but the model asks for ", shape_text(weight.sizes()));
  WHY_CHECK(view.type != TensorType::i64, where, ": tensor \"", name, "\" holds integers");
  weight.copy_(values_of(view));
}

}  // namespace

Module make_encoder(const EncoderConfig& config, int mask_id, const EncoderTraining& training) {
  BlockOptions options;
  options.dropout = training.dropout;
  options.epsilon = config.epsilon;
  options.activation = config.activation;
  options.fused = true;
  options.lora = training.lora;
  const Blocks blocks(options);

  Module self = blocks.make("Encoder");
  self.register_module("word", blocks.embedding(config.vocabulary, config.embedding));
  self.register_module("position", blocks.embedding(config.positions, config.embedding));
  if (config.token_types > 0)
    self.register_module("token_type", blocks.embedding(config.token_types, config.embedding));
  self.register_module("norm", blocks.layer_norm(config.embedding));
  const bool projected = config.embedding != config.hidden || config.family == "albert";
  if (projected)
    self.register_module("projection", blocks.linear(config.embedding, config.hidden, "projection"));
  for (int i = 0; i < config.different_layers; ++i)
    self.register_module(layer_name(i),
                         blocks.layer(config.hidden, config.inner, config.heads, layer_name(i)));
  add_head(self, config, blocks);
  self.register_attribute("dropout", c10::FloatType::get(), training.dropout);
  self.register_attribute("pad_id", c10::IntType::get(), config.pad_id);
  self.register_attribute("mask_id", c10::IntType::get(), mask_id);
  self.define(encode_script(config, projected) + places_script(config) + head_script(config) +
              forward_script() + read_out_script(last_layer(config)));
  return self;
}

void load_encoder(Module& module, const HuggingFaceFolder& folder) {
  const torch::NoGradGuard no_grad;
  auto weights = weights_of(module);
  for (const auto& [name, view] : folder.weights())
    fill(weights.at(name), view, folder.folder().string(), folder.their_name(name));
}

void merge_adapter(Module& module, const HuggingFaceFolder& folder, const LoraAdapter& adapter) {
  const torch::NoGradGuard no_grad;
  const std::string where = (adapter.folder() / kAdapterWeightsFile).string();
  auto weights = weights_of(module);
  const auto weight_of = [&](const std::string& their_module, const std::string& part) {
    const auto ours = folder.our_module(their_module);
    const auto found = weights.find(ours + "." + part);
    WHY_CHECK(!ours.empty() && found != weights.end(), where, ": there is no ", their_module, ".", part,
              " in a ", folder.config().family, " ", folder.config().kind);
    return found->second;
  };
  for (const auto& [name, pair] : adapter.pairs()) {
    const at::Tensor weight = weight_of(name, "weight");
    const at::Tensor a = values_of(pair.a), b = values_of(pair.b);
    WHY_CHECK(b.size(0) == weight.size(0) && a.size(1) == weight.size(1), where, ": the pair of ", name,
              " makes a matrix [", b.size(0), ", ", a.size(1), "], but the model has ",
              shape_text(weight.sizes()));
    weight.add_(b.matmul(a), pair.scaling);
  }
  for (const auto& [name, view] : adapter.whole()) {
    const auto dot = name.rfind('.');
    WHY_CHECK(dot != std::string::npos, where, ": tensor \"", name, "\" belongs to no module");
    fill(weight_of(name.substr(0, dot), name.substr(dot + 1)), view, where,
         adapter_tensor(name.substr(0, dot), name.substr(dot + 1)));
  }
}

AdaptedEncoder adapted_encoder(const std::filesystem::path& path, const LoraAdapter& adapter,
                               const std::string& head, int mask_id) {
  const auto folder = HuggingFaceFolder::open(path, adapter.base_options(head));
  Module module = make_encoder(folder.config(), mask_id);
  load_encoder(module, folder);
  merge_adapter(module, folder, adapter);
  return {folder.config(), module};
}

}  // namespace why
