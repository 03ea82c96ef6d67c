// Encoders of the BERT family as `transformers` saves them: config.json beside model.safetensors, or beside
// model.safetensors.index.json and the files that it lists. Tokenizers are in tokenizer.h.
//
// Every family is one architecture with switches (EncoderConfig) and one set of weight names:
//
//   word, position, token_type, norm, projection        embeddings; projection where they are narrower
//   layerG.attention.{query,key,value,output}, layerG.attention_norm,
//   layerG.feed_forward.{inner,output}, layerG.feed_forward_norm     G counts different layers: ALBERT's are
//                                                                    one, used again and again
//   pooler, classifier                                  head of a classifier
//   transform, transform_norm, bias, decoder            head of a masked-lm; decoder: where it is not tied
//
// each with ".weight" and ".bias". No Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/formats/safetensors.h"
#include "models/model.h"

namespace why {

inline constexpr char kConfigFile[] = "config.json";
inline constexpr char kIndexFile[] = "model.safetensors.index.json";

struct EncoderConfig {
  std::string family;  // one of kEncoderFamilies (bundle.h)
  std::string kind;    // "classifier", "masked-lm" or "encoder", as in BundleInfo
  int vocabulary = 0;
  int hidden = 0, inner = 0, layers = 0, heads = 0;
  int embedding = 0;         // width of the embeddings; hidden unless they are projected
  int different_layers = 0;  // layer i is number i · different_layers / layers
  int positions = 0;         // rows of the table
  int token_types = 0;       // 0: the family has none
  int pad_id = 0;
  // RoBERTa counts positions from pad_id + 1 and leaves padding out; the others count all tokens from 0.
  bool counts_from_padding = false;
  double epsilon = 1e-12;                // of the norms
  std::string activation = "gelu";       // as in BlockOptions
  std::string head = "pooled";           // "linear": the classifier reads the final state itself
  std::string head_activation = "tanh";  // behind the pooler; of a masked-lm behind the transform
  bool tied = true;                      // the decoder is the word embedding
  std::vector<std::string> labels;

  int max_length() const { return counts_from_padding ? positions - pad_id - 1 : positions; }
  int layer_of(int i) const { return i * different_layers / layers; }
};

// What a bundle of such an encoder says, but for its path, the tokenizer's mask and where it came from.
BundleInfo bundle_info(const EncoderConfig& config);

// A folder's configuration and weights. The files stay mapped as long as this lives.
class HuggingFaceFolder {
 public:
  struct Options {
    // What is wanted of the folder: "classifier", "masked-lm", "encoder"; empty: what config.json says.
    std::string kind;
    std::string head = "pooled";
    int labels = 0;  // 0: as config.json says
    // Modules whose weights come from elsewhere, as the model class calls them: "classifier".
    std::set<std::string> elsewhere;
  };

  // UserError that names file and key or tensor for a folder that is no such model, an unknown family (with
  // the list of known ones), a setting that is not supported, and a tensor that is missing or not known.
  static HuggingFaceFolder open(const std::filesystem::path& folder, const Options& options);
  static HuggingFaceFolder open(const std::filesystem::path& folder) { return open(folder, Options{}); }

  const EncoderConfig& config() const { return config_; }
  const std::filesystem::path& folder() const { return folder_; }

  // By our names. Shapes are not checked here: whoever builds the architecture knows them.
  const std::map<std::string, TensorView>& weights() const { return weights_; }

  // "bert.encoder.layer.0.output.dense.weight": what the folder calls it, for errors.
  const std::string& their_name(const std::string& ours) const { return their_names_.at(ours); }

  // Our module name ("layer0.attention.query") of a linear module of the model class that the folder was
  // saved from, with the family's prefix or without; empty when there is none.
  std::string our_module(const std::string& theirs) const;
  // The reverse: with the family's prefix.
  std::string their_module(const std::string& ours) const;

  // Parts of the file that the model does not use, in words.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  std::filesystem::path folder_;
  EncoderConfig config_;
  std::vector<SafeTensors> files_;
  std::map<std::string, TensorView> weights_;
  std::map<std::string, std::string> their_names_;
  std::vector<std::string> left_out_;
};

}  // namespace why
