#include "models/formats/hugging_face.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/bundle.h"
#include "models/formats/encoder_names.h"
#include "models/formats/json.h"
#include "models/formats/tokenizers/json_fields.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxConfigDepth = 64;
constexpr int kMaxSize = 1'000'000, kMaxLayers = 1'000;

// ---- config.json

// The keys that families spell in their own way.
struct ConfigKeys {
  const char *hidden, *inner, *layers, *heads, *activation;
};
const ConfigKeys kUsualKeys = {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
                               "hidden_act"};
const ConfigKeys kDistilBertKeys = {"dim", "hidden_dim", "n_layers", "n_heads", "activation"};

std::string activation(const JsonFields& config, const std::string& key, const std::string& otherwise) {
  static const std::map<std::string, std::string> known = {{"gelu", "gelu"},
                                                           {"gelu_python", "gelu"},
                                                           {"gelu_new", "gelu_tanh"},
                                                           {"gelu_fast", "gelu_tanh"},
                                                           {"gelu_pytorch_tanh", "gelu_tanh"},
                                                           {"relu", "relu"},
                                                           {"silu", "silu"},
                                                           {"swish", "silu"}};
  const std::string name = config.text(key, otherwise);
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [theirs, ours] : known) names.push_back(theirs);
  check_known(config.path(key), name, names);
  return {};
}

// What would make the weights mean something else than here.
void refuse_other_architectures(const JsonFields& config) {
  for (const char* key : {"is_decoder", "add_cross_attention"})
    WHY_CHECK(!config.flag(key, false), config.path(key), " is true: decoders are not supported");
  const auto positions = config.text("position_embedding_type", "absolute");
  WHY_CHECK(positions == "absolute", config.path("position_embedding_type"), " is \"", positions,
            "\"; only absolute positions are supported");
  WHY_CHECK(config.count("inner_group_num", 0, kMaxLayers, 1) == 1, config.path("inner_group_num"),
            " is not 1, which is not supported");
}

std::string kind_of_architecture(const JsonFields& config) {
  if (!config.has("architectures") || config.list("architectures").empty()) return "";
  const auto& first = config.list("architectures").front();
  WHY_CHECK(first.is_string(), config.path("architectures"), " does not begin with a name");
  const auto name = first.get<std::string>();
  if (name.ends_with("ForSequenceClassification")) return "classifier";
  if (name.ends_with("ForMaskedLM")) return "masked-lm";
  if (name.ends_with("ForPreTraining")) return name.starts_with("Electra") ? "encoder" : "masked-lm";
  WHY_CHECK(name.ends_with("Model"), config.path("architectures"), " names ", name,
            "; known: …ForSequenceClassification, …ForMaskedLM, …ForPreTraining and …Model of ",
            "the supported families");
  return "encoder";
}

std::vector<std::string> labels_of(const JsonFields& config) {
  std::vector<std::string> labels;
  if (!config.has("id2label")) {
    const int count = config.count("num_labels", 1, kMaxSize, 2);
    for (int i = 0; i < count; ++i) labels.push_back(text("LABEL_", i));
    return labels;
  }
  const JsonFields names = config.object("id2label");
  for (std::size_t i = 0; i < names.json().size(); ++i) labels.push_back(names.text(std::to_string(i)));
  return labels;
}

void check_classifier(const JsonFields& config, const EncoderConfig& encoder) {
  const auto problem = config.text("problem_type", "");
  WHY_CHECK(problem != "regression" && encoder.labels.size() != 1, config.where(),
            ": the model has one output, a regression: there is no verdict to explain");
  WHY_CHECK(problem != "multi_label_classification", config.path("problem_type"),
            " is multi_label_classification: there is no one verdict to explain");
}

std::string head_activation(const EncoderConfig& encoder) {
  if (encoder.kind == "masked-lm") {
    const bool always_gelu =
        encoder.family == "roberta" || encoder.family == "xlm-roberta" || encoder.family == "electra";
    return always_gelu ? "gelu" : encoder.activation;
  }
  if (encoder.family == "distilbert") return "relu";
  return encoder.family == "electra" ? "gelu" : "tanh";
}

EncoderConfig parse_config(const JsonFields& config, const HuggingFaceFolder::Options& options) {
  EncoderConfig out;
  out.family = config.text("model_type");
  check_known(config.path("model_type"), out.family, kEncoderFamilies);
  refuse_other_architectures(config);
  const ConfigKeys& keys = out.family == "distilbert" ? kDistilBertKeys : kUsualKeys;
  out.kind = options.kind.empty() ? kind_of_architecture(config) : options.kind;
  out.head = options.head;
  out.vocabulary = config.count("vocab_size", 1, kMaxSize);
  out.hidden = config.count(keys.hidden, 1, kMaxSize);
  out.inner = config.count(keys.inner, 1, kMaxSize);
  out.layers = config.count(keys.layers, 1, kMaxLayers);
  out.heads = config.count(keys.heads, 1, kMaxSize);
  WHY_CHECK(out.hidden % out.heads == 0, config.path(keys.hidden), " is ", out.hidden,
            ", not a multiple of the ", out.heads, " heads");
  const bool narrow = out.family == "electra" || out.family == "albert";
  out.embedding = narrow ? config.count("embedding_size", 1, kMaxSize) : out.hidden;
  out.different_layers =
      out.family == "albert" ? config.count("num_hidden_groups", 1, out.layers, 1) : out.layers;
  out.positions = config.count("max_position_embeddings", 2, kMaxSize);
  out.token_types = out.family == "distilbert" ? 0 : config.count("type_vocab_size", 1, kMaxSize, 2);
  out.counts_from_padding = out.family == "roberta" || out.family == "xlm-roberta";
  out.pad_id = config.count("pad_token_id", 0, out.vocabulary - 1, out.counts_from_padding ? 1 : 0);
  WHY_CHECK(out.max_length() >= 2, config.path("max_position_embeddings"), " is ", out.positions,
            ", which leaves no room for a text");
  out.epsilon = out.family == "distilbert" ? 1e-12 : config.number("layer_norm_eps", 1e-12);
  WHY_CHECK(out.epsilon > 0 && out.epsilon < 1, config.path("layer_norm_eps"), " is ", out.epsilon);
  out.activation = activation(config, keys.activation, out.family == "albert" ? "gelu_new" : "gelu");
  out.labels = labels_of(config);
  return out;
}

EncoderConfig read_config(const fs::path& folder, const HuggingFaceFolder::Options& options) {
  const fs::path file = folder / kConfigFile;
  std::error_code ignored;
  WHY_CHECK(fs::exists(folder, ignored), "there is no folder ", folder.string());
  WHY_CHECK(fs::is_directory(folder, ignored), folder.string(),
            " is a file; a Hugging Face model is a folder with a ", kConfigFile);
  WHY_CHECK(fs::exists(file, ignored), folder.string(), " is no Hugging Face model: it has no ", kConfigFile);
  const auto json = parse_json(read_file(file), file.string(), kMaxConfigDepth);
  const JsonFields fields(json, file.string());
  EncoderConfig config = parse_config(fields, options);
  if (config.kind == "classifier" && options.labels == 0) check_classifier(fields, config);
  if (options.labels > 0 && static_cast<int>(config.labels.size()) != options.labels) {
    config.labels.clear();
    for (int i = 0; i < options.labels; ++i) config.labels.push_back(text("LABEL_", i));
  }
  return config;
}

// ---- model.safetensors

// The files of a folder; with an index, those that it lists.
std::vector<fs::path> weight_files(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder / kWeightsFile, ignored)) return {folder / kWeightsFile};
  const fs::path index = folder / kIndexFile;
  if (!fs::exists(index, ignored)) {
    const bool pickle = fs::exists(folder / "pytorch_model.bin", ignored);
    throw UserError(text(folder.string(), " has no ", kWeightsFile,
                         pickle ? "; pytorch_model.bin is a pickle, which can run code and is not read: save "
                                  "the model again with a transformers of today"
                                : ""));
  }
  const auto json = parse_json(read_file(index), index.string(), kMaxConfigDepth);
  std::set<std::string> names;
  const JsonFields map = JsonFields(json, index.string()).object("weight_map");
  for (const auto& [tensor, file] : map.json().items()) {
    WHY_CHECK(file.is_string(), map.path(tensor), " is no file name");
    const auto name = file.get<std::string>();
    WHY_CHECK(fs::path(name).filename() == name && name != "..", map.path(tensor), " is \"", name,
              "\", which is not the name of a file in the folder");
    names.insert(name);
  }
  std::vector<fs::path> out;
  for (const auto& name : names) out.push_back(folder / name);
  return out;
}

struct FoundTensor {
  TensorView view;
  std::string name;
};

// The tensors of a folder, and which of them were asked for.
class TensorPool {
 public:
  TensorPool(const std::vector<SafeTensors>& files, const fs::path& folder) : folder_(folder) {
    for (const auto& file : files)
      for (const auto& [name, view] : file.tensors())
        WHY_CHECK(tensors_.emplace(name, view).second, folder.string(), ": tensor \"", name,
                  "\" is in two files");
  }

  bool begins_with(const std::string& prefix) const {
    const auto found = tensors_.lower_bound(prefix);
    return found != tensors_.end() && found->first.starts_with(prefix);
  }

  const TensorView* find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second;
  }

  void drop(const std::string& name) {
    for (const auto& spelled : spellings(name)) taken_.insert(spelled);
  }

  // The first of the names that is there. Norms are also called gamma and beta.
  FoundTensor take(const std::vector<std::string>& names) {
    for (const auto& name : names)
      for (const auto& spelled : spellings(name))
        if (const auto* view = find(spelled)) {
          taken_.insert(spelled);
          return {*view, spelled};
        }
    std::vector<std::string> known;
    for (const auto& [name, view] : tensors_) known.push_back(name);
    const auto nearest = nearest_name(names.front(), known);
    throw UserError(text(folder_.string(), " has no tensor \"", names.front(), "\"",
                         nearest.empty() ? "" : text("; the nearest is \"", nearest, "\"")));
  }

  std::vector<std::string> rest() const {
    std::vector<std::string> out;
    for (const auto& [name, view] : tensors_)
      if (!taken_.contains(name)) out.push_back(name);
    return out;
  }

 private:
  static std::vector<std::string> spellings(const std::string& name) {
    std::vector<std::string> out = {name};
    for (const auto& [now, once] : {std::pair{".weight", ".gamma"}, {".bias", ".beta"}})
      if (name.ends_with(now)) out.push_back(name.substr(0, name.size() - std::strlen(now)) + once);
    return out;
  }

  fs::path folder_;
  std::map<std::string, TensorView> tensors_;
  std::set<std::string> taken_;
};

bool same_bytes(const TensorView& a, const TensorView& b) {
  return a.type == b.type && a.shape == b.shape && a.bytes.size() == b.bytes.size() &&
         std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

// A decoder that stands in the file and is not the word embedding is one of its own.
bool is_tied(const TensorPool& pool, const EncoderConfig& config, const std::string& prefix) {
  EncoderConfig untied = config;
  untied.tied = false;
  const auto names = module_names(untied);
  const auto* decoder = pool.find(names.back().theirs + ".weight");
  const auto* words = pool.find(prefix + "embeddings.word_embeddings.weight");
  return !decoder || (words && same_bytes(*decoder, *words));
}

// Of a folder whose config.json names no class.
std::string kind_by_tensors(const TensorPool& pool, EncoderConfig config) {
  for (const char* kind : {"classifier", "masked-lm"}) {
    config.kind = kind;
    const auto names = module_names(config);
    if (pool.find(names.back().theirs + ".weight")) return kind;
  }
  return "encoder";
}

std::string without_prefix(const std::string& name, const std::string& prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

}  // namespace

BundleInfo bundle_info(const EncoderConfig& config) {
  BundleInfo info;
  info.kind = config.kind;
  info.architecture = config.family;
  info.layers = config.layers;
  info.heads = config.heads;
  info.hidden = config.hidden;
  info.inner = config.inner;
  info.max_length = config.max_length();
  info.vocabulary = config.vocabulary;
  info.pad_id = config.pad_id;
  if (config.kind == "classifier") info.labels = config.labels;
  info.outputs = text_outputs(info);
  return info;
}

HuggingFaceFolder HuggingFaceFolder::open(const fs::path& folder, const Options& options) {
  HuggingFaceFolder out;
  out.folder_ = folder;
  out.config_ = read_config(folder, options);
  for (const auto& file : weight_files(folder)) out.files_.push_back(SafeTensors::open(file));
  TensorPool pool(out.files_, folder);
  EncoderConfig& config = out.config_;
  const std::string full = body_prefix(config.family);
  const std::string prefix = pool.begins_with(full) ? full : "";
  if (config.kind.empty()) config.kind = kind_by_tensors(pool, config);
  if (config.kind == "masked-lm") config.tied = is_tied(pool, config, prefix);
  config.head_activation = head_activation(config);

  const auto take = [&](const std::string& ours, const std::vector<std::string>& theirs) {
    const FoundTensor found = pool.take(theirs);
    out.weights_[ours] = found.view;
    out.their_names_[ours] = found.name;
  };
  for (const auto& name : module_names(config)) {
    const std::string theirs = (name.whole ? "" : prefix) + name.theirs;
    if (options.elsewhere.contains((name.whole ? "" : full) + name.theirs)) {
      for (const char* part : {".weight", ".bias"}) pool.drop(theirs + part);
      continue;
    }
    take(name.ours + ".weight", {theirs + ".weight"});
    if (name.bias) take(name.ours + ".bias", {theirs + ".bias"});
  }
  if (config.kind == "masked-lm") take("bias", score_bias_names(config.family));

  std::set<std::string> spare;
  for (const auto& tensor : pool.rest()) {
    const auto part = spare_part(config, tensor);
    WHY_CHECK(!part.empty(), folder.string(), ": tensor \"", tensor, "\" is not part of a ", config.family,
              " ", config.kind);
    if (part.starts_with("the ")) spare.insert(part);
  }
  out.left_out_.assign(spare.begin(), spare.end());
  return out;
}

std::string HuggingFaceFolder::our_module(const std::string& theirs) const {
  const std::string prefix = body_prefix(config_.family);
  for (const auto& name : module_names(config_))
    if (without_prefix(theirs, prefix) == name.theirs) return name.ours;
  return {};
}

std::string HuggingFaceFolder::their_module(const std::string& ours) const {
  for (const auto& name : module_names(config_))
    if (name.ours == ours) return (name.whole ? "" : body_prefix(config_.family)) + name.theirs;
  WHY_ASSERT(!"a module of this encoder");
  return {};
}

}  // namespace why
