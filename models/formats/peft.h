// LoRA adapters as PEFT (https://github.com/huggingface/peft) saves them: adapter_config.json beside
// adapter_model.safetensors. No Torch.
//
//   base_model.model.<module>.lora_A.weight   [rank, in]
//   base_model.model.<module>.lora_B.weight   [out, rank]     W becomes W + scaling · B A
//   base_model.model.<module>.weight, .bias                   modules that were trained whole (a classifier)
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/formats/hugging_face.h"
#include "models/formats/safetensors.h"

namespace why {

inline constexpr char kAdapterConfigFile[] = "adapter_config.json";
inline constexpr char kAdapterWeightsFile[] = "adapter_model.safetensors";

struct LoraPair {
  TensorView a, b;
  double scaling = 1;
};

class LoraAdapter {
 public:
  // UserError that names file and key or tensor: a folder that is no adapter, a method other than LoRA, a
  // variant that changes more than W + scaling · B A (DoRA, trained biases, embeddings), a half of a pair.
  static LoraAdapter open(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  // By module, as the model class calls it: "bert.encoder.layer.0.attention.self.query".
  const std::map<std::string, LoraPair>& pairs() const { return pairs_; }
  // Tensors of modules trained whole: "classifier.weight".
  const std::map<std::string, TensorView>& whole() const { return whole_; }

  // How to open the folder that this changes: what the adapter brings is not looked for there, and an adapter
  // with a classifier makes a classifier of as many labels.
  HuggingFaceFolder::Options base_options(const std::string& head) const;

 private:
  std::filesystem::path folder_;
  SafeTensors file_;
  std::map<std::string, LoraPair> pairs_;
  std::map<std::string, TensorView> whole_;
};

// What adapter_config.json says of an adapter that was trained here.
struct LoraSettings {
  std::string base;  // the folder of the base model, as written
  int rank = 16;
  double alpha = 32, dropout = 0.05;
  std::vector<std::string> targets;  // as PEFT matches them: a module whose name ends so
  std::vector<std::string> whole;    // modules trained whole
};

std::string adapter_config_json(const LoraSettings& settings);

// Does one of `targets` name this module? It does if the module is called so or ends in "." and it.
bool is_target(const std::vector<std::string>& targets, const std::string& module);

// "base_model.model.bert.….query.lora_A.weight"
std::string adapter_tensor(const std::string& module, const std::string& part);

}  // namespace why
