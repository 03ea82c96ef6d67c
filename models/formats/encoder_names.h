// What each family calls the modules of an encoder.
#pragma once

#include <string>
#include <vector>

#include "models/formats/hugging_face.h"

namespace why {

// `theirs` is tried in order: names of the folder without the family's prefix, unless `whole`.
struct ModuleName {
  std::string ours;
  std::string theirs;
  bool whole = false;  // belongs to a head, which stands beside the prefixed body
  bool bias = true;    // has one; an embedding has none
};

// "bert." of BertForSequenceClassification's body; files saved from the body alone lack it.
std::string body_prefix(const std::string& family);

// All modules of the model that `config` describes.
std::vector<ModuleName> module_names(const EncoderConfig& config);

// Where a masked-lm keeps the bias of its scores; the first that the file has is the one that is added.
std::vector<std::string> score_bias_names(const std::string& family);

// Is this tensor of the file a known part that the model can do without: position ids that are counted
// anyway, the pooler, the head of another task? Its name in words, else empty.
std::string spare_part(const EncoderConfig& config, const std::string& tensor);

}  // namespace why
