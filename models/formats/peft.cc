#include "models/formats/peft.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/json.h"
#include "models/formats/tokenizers/json_fields.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "base_model.model.";
constexpr int kMaxDepth = 64, kMaxRank = 100'000, kMaxLabels = 1'000'000;

// What adapter_config.json says about the scaling of a module.
class Scaling {
 public:
  explicit Scaling(const JsonFields& config) : config_(config) {
    rank_ = config.count("r", 1, kMaxRank);
    alpha_ = config.number("lora_alpha", 8);
    by_root_ = config.flag("use_rslora", false);
  }

  double of(const std::string& module) const {
    const double rank = pattern("rank_pattern", module).value_or(rank_);
    const double alpha = pattern("alpha_pattern", module).value_or(alpha_);
    WHY_CHECK(rank >= 1, config_.path("rank_pattern"), " gives ", module, " the rank ", rank);
    return alpha / (by_root_ ? std::sqrt(rank) : rank);
  }

 private:
  // Keys are ends of module names.
  std::optional<double> pattern(const char* key, const std::string& module) const {
    if (!config_.has(key)) return {};
    const JsonFields patterns = config_.object(key);
    for (const auto& [end, value] : patterns.json().items())
      if (is_target({end}, module)) return patterns.number(end, 0);
    return {};
  }

  const JsonFields& config_;
  double rank_ = 1, alpha_ = 1;
  bool by_root_ = false;
};

void refuse_other_methods(const JsonFields& config) {
  const auto type = config.text("peft_type", "");
  WHY_CHECK(type == "LORA", config.path("peft_type"), " is \"", type, "\"; only LORA adapters are read");
  WHY_CHECK(!config.flag("use_dora", false), config.path("use_dora"),
            " is true: DoRA adapters are not supported");
  const auto bias = config.text("bias", "none");
  WHY_CHECK(bias == "none", config.path("bias"), " is \"", bias,
            "\": adapters with trained biases are not supported");
}

std::string cut_end(std::string name, const std::string& end) {
  name.resize(name.size() - end.size());
  return name;
}

}  // namespace

bool is_target(const std::vector<std::string>& targets, const std::string& module) {
  return std::any_of(targets.begin(), targets.end(), [&](const std::string& target) {
    return module == target || module.ends_with("." + target);
  });
}

std::string adapter_tensor(const std::string& module, const std::string& part) {
  return kPrefix + module + "." + part;
}

LoraAdapter LoraAdapter::open(const fs::path& folder) {
  LoraAdapter out;
  out.folder_ = folder;
  const fs::path config_file = folder / kAdapterConfigFile;
  std::error_code ignored;
  WHY_CHECK(fs::is_directory(folder, ignored), "there is no adapter folder ", folder.string());
  WHY_CHECK(fs::exists(config_file, ignored), folder.string(), " is no adapter: it has no ",
            kAdapterConfigFile);
  const auto json = parse_json(read_file(config_file), config_file.string(), kMaxDepth);
  const JsonFields config(json, config_file.string());
  refuse_other_methods(config);
  const Scaling scaling(config);
  const bool transposed = config.flag("fan_in_fan_out", false);
  WHY_CHECK(!transposed, config.path("fan_in_fan_out"), " is true, which no model of the BERT family has");

  const fs::path file = folder / kAdapterWeightsFile;
  out.file_ = SafeTensors::open(file);
  std::map<std::string, int> halves;
  for (const auto& [name, view] : out.file_.tensors()) {
    WHY_CHECK(name.starts_with(kPrefix), file.string(), ": tensor \"", name, "\" does not begin with ",
              kPrefix);
    const std::string inner = name.substr(std::string(kPrefix).size());
    if (inner.ends_with(".lora_A.weight") || inner.ends_with(".lora_B.weight")) {
      const std::string module = cut_end(inner, ".lora_A.weight");
      WHY_CHECK(view.shape.size() == 2, file.string(), ": tensor \"", name, "\" is no matrix");
      LoraPair& pair = out.pairs_[module];
      (inner.ends_with(".lora_A.weight") ? pair.a : pair.b) = view;
      pair.scaling = scaling.of(module);
      ++halves[module];
      continue;
    }
    WHY_CHECK(inner.find("lora_") == std::string::npos, file.string(), ": tensor \"", name,
              "\" is of a kind of adapter that is not supported");
    out.whole_[inner] = view;
  }
  for (const auto& [module, count] : halves) {
    WHY_CHECK(count == 2, file.string(), ": of ", module, " there is only one of lora_A and lora_B");
    const auto& pair = out.pairs_.at(module);
    WHY_CHECK(pair.a.shape[0] == pair.b.shape[1], file.string(), ": lora_A and lora_B of ", module,
              " have ranks ", pair.a.shape[0], " and ", pair.b.shape[1]);
  }
  return out;
}

HuggingFaceFolder::Options LoraAdapter::base_options(const std::string& head) const {
  HuggingFaceFolder::Options options;
  options.head = head;
  for (const auto& [name, view] : whole_) {
    options.elsewhere.insert(name.substr(0, name.rfind('.')));
    if (name != "classifier.weight" && name != "classifier.out_proj.weight") continue;
    WHY_CHECK(view.shape.size() == 2 && view.shape[0] > 0 && view.shape[0] <= kMaxLabels,
              (folder_ / kAdapterWeightsFile).string(), ": ", name, " is no matrix of labels");
    options.kind = "classifier";
    options.labels = static_cast<int>(view.shape[0]);
  }
  return options;
}

std::string adapter_config_json(const LoraSettings& settings) {
  const nlohmann::ordered_json config = {
      {"base_model_name_or_path", settings.base},
      {"bias", "none"},
      {"fan_in_fan_out", false},
      {"inference_mode", true},
      {"init_lora_weights", true},
      {"lora_alpha", settings.alpha},
      {"lora_dropout", settings.dropout},
      {"modules_to_save", settings.whole},
      {"peft_type", "LORA"},
      {"r", settings.rank},
      {"target_modules", settings.targets},
      {"task_type", "SEQ_CLS"},
  };
  return config.dump(2) + "\n";
}

}  // namespace why
