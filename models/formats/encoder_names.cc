#include "models/formats/encoder_names.h"

#include "core/errors.h"

namespace why {
namespace {

// The eight modules of a layer, in the order of kOurs.
struct LayerNames {
  const char* folder;  // "encoder.layer.#."
  const char* names[8];
};

const char* const kOurs[8] = {
    "attention.query", "attention.key",      "attention.value",     "attention.output",
    "attention_norm",  "feed_forward.inner", "feed_forward.output", "feed_forward_norm",
};

const LayerNames kBertLayer = {
    "encoder.layer.#.",
    {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
     "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"}};
const LayerNames kDistilBertLayer = {
    "transformer.layer.#.",
    {"attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm",
     "ffn.lin1", "ffn.lin2", "output_layer_norm"}};
const LayerNames kAlbertLayer = {"encoder.albert_layer_groups.#.albert_layers.0.",
                                 {"attention.query", "attention.key", "attention.value", "attention.dense",
                                  "attention.LayerNorm", "ffn", "ffn_output", "full_layer_layer_norm"}};

// The modules of the heads; an empty name: the family has none.
struct HeadNames {
  const char* pooler;
  bool pooler_in_body;
  const char* classifier;
  const char* transform;
  const char* transform_norm;
  const char* decoder;
};

struct Family {
  const char* name;
  const char* prefix;
  const LayerNames& layer;
  const char* projection;
  HeadNames head;
};

const Family kFamilies[] = {
    {"bert",
     "bert.",
     kBertLayer,
     "",
     {"pooler.dense", true, "classifier", "cls.predictions.transform.dense",
      "cls.predictions.transform.LayerNorm", "cls.predictions.decoder"}},
    {"distilbert",
     "distilbert.",
     kDistilBertLayer,
     "",
     {"pre_classifier", false, "classifier", "vocab_transform", "vocab_layer_norm", "vocab_projector"}},
    {"roberta",
     "roberta.",
     kBertLayer,
     "",
     {"classifier.dense", false, "classifier.out_proj", "lm_head.dense", "lm_head.layer_norm",
      "lm_head.decoder"}},
    {"electra",
     "electra.",
     kBertLayer,
     "embeddings_project",
     {"classifier.dense", false, "classifier.out_proj", "generator_predictions.dense",
      "generator_predictions.LayerNorm", "generator_lm_head"}},
    {"albert",
     "albert.",
     kAlbertLayer,
     "encoder.embedding_hidden_mapping_in",
     {"pooler", true, "classifier", "predictions.dense", "predictions.LayerNorm", "predictions.decoder"}},
};

const Family& family_of(const std::string& name) {
  for (const auto& family : kFamilies)
    if (name == family.name || (name == "xlm-roberta" && family.name == std::string("roberta")))
      return family;
  WHY_ASSERT(!"a known family");
  return kFamilies[0];
}

bool has_projection(const EncoderConfig& config, const Family& family) {
  return *family.projection && (config.family == "albert" || config.embedding != config.hidden);
}

}  // namespace

std::string body_prefix(const std::string& family) { return family_of(family).prefix; }

std::vector<ModuleName> module_names(const EncoderConfig& config) {
  const Family& family = family_of(config.family);
  std::vector<ModuleName> out = {{"word", "embeddings.word_embeddings", false, false},
                                 {"position", "embeddings.position_embeddings", false, false}};
  if (config.token_types > 0) out.push_back({"token_type", "embeddings.token_type_embeddings", false, false});
  out.push_back({"norm", "embeddings.LayerNorm"});
  if (has_projection(config, family)) out.push_back({"projection", family.projection});

  for (int i = 0; i < config.different_layers; ++i) {
    std::string folder = family.layer.folder;
    folder.replace(folder.find('#'), 1, std::to_string(i));
    for (int part = 0; part < 8; ++part)
      out.push_back({text("layer", i, ".", kOurs[part]), folder + family.layer.names[part]});
  }

  const HeadNames& head = family.head;
  if (config.kind == "classifier") {
    if (config.head == "pooled") out.push_back({"pooler", head.pooler, !head.pooler_in_body});
    // a head that is the classifier alone has no inner name
    out.push_back({"classifier", config.head == "linear" ? "classifier" : head.classifier, true});
  }
  if (config.kind == "masked-lm") {
    out.push_back({"transform", head.transform, true});
    out.push_back({"transform_norm", head.transform_norm, true});
    if (!config.tied) out.push_back({"decoder", head.decoder, true, false});
  }
  return out;
}

std::vector<std::string> score_bias_names(const std::string& family) {
  const std::string decoder = family_of(family).head.decoder;
  const auto last = decoder.rfind('.');
  std::vector<std::string> out = {decoder + ".bias"};
  if (last != std::string::npos) out.push_back(decoder.substr(0, last) + ".bias");
  return out;
}

std::string spare_part(const EncoderConfig& config, const std::string& tensor) {
  const Family& family = family_of(config.family);
  const auto begins = [&](const std::string& start) { return tensor.starts_with(start); };
  const auto of_body = begins(family.prefix) ? tensor.substr(std::string(family.prefix).size()) : tensor;

  if (of_body.ends_with(".position_ids") || of_body.ends_with(".token_type_ids")) return "counted ids";
  if (of_body.starts_with("pooler.")) return "the pooler";
  if (begins("cls.seq_relationship.") || begins("sop_classifier.")) return "the head of next sentences";
  if (begins("discriminator_predictions.")) return "the head that tells replaced words";
  if (config.kind != "classifier" && (begins("classifier.") || begins("pre_classifier.")))
    return "the head of a classifier";
  if (config.kind == "masked-lm") {
    const std::string decoder = family.head.decoder;
    if (tensor == decoder + ".weight") return "a copy of the word embedding";
    for (const auto& bias : score_bias_names(config.family))
      if (tensor == bias) return "a copy of the bias";
    return "";
  }
  for (const char* start : {"cls.predictions.", "vocab_", "lm_head.", "generator_", "predictions."})
    if (begins(start)) return "the head of masked words";
  return "";
}

}  // namespace why
