#include "models/torch/train_classifier.h"

#include <ATen/autocast_mode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/bundle.h"
#include "models/formats/tokenizer.h"
#include "models/torch/batch.h"
#include "models/torch/device.h"
#include "models/torch/encoder.h"
#include "models/torch/training.h"
#include "models/training_folder.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

constexpr std::size_t kEvaluationBatch = 64;
constexpr double kInitialDeviation = 0.02;  // of a new head

// Products in bfloat16 while this lives.
class MixedPrecision {
 public:
  MixedPrecision(bool wanted, at::DeviceType device) : wanted_(wanted), device_(device) {
    if (!wanted_) return;
    before_ = at::autocast::is_autocast_enabled(device_);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
  }
  ~MixedPrecision() {
    if (!wanted_) return;
    at::autocast::set_autocast_enabled(device_, before_);
    at::autocast::clear_cache();
  }
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  bool wanted_, before_ = false;
  at::DeviceType device_;
};

// Modules of the layers by their full names in the model class.
std::vector<std::string> linear_modules(const HuggingFaceFolder& base) {
  std::vector<std::string> out;
  for (int i = 0; i < base.config().different_layers; ++i)
    for (const char* part : {"attention.query", "attention.key", "attention.value", "attention.output",
                             "feed_forward.inner", "feed_forward.output"})
      out.push_back(text("layer", i, ".", part));
  return out;
}

// The part of a name behind the number of the layer: "attention.self.query".
std::string kind_of_module(const std::string& theirs) {
  std::size_t at = 0;
  for (std::size_t dot = theirs.find('.'); dot != std::string::npos; dot = theirs.find('.', dot + 1)) {
    const auto next = theirs.find('.', dot + 1);
    const auto part = theirs.substr(dot + 1, next - dot - 1);
    if (!part.empty() && part.find_first_not_of("0123456789") == std::string::npos) at = next + 1;
  }
  return theirs.substr(at);
}

// What adapter_config.json will name: the targets as they are written, or all there are.
std::vector<std::string> resolve_targets(const std::vector<std::string>& written,
                                         const HuggingFaceFolder& base) {
  if (written != std::vector<std::string>{"all-linear"}) return written;
  std::vector<std::string> out;
  for (const auto& module : linear_modules(base)) {
    const auto kind = kind_of_module(base.their_module(module));
    if (std::find(out.begin(), out.end(), kind) == out.end()) out.push_back(kind);
  }
  return out;
}

std::string fingerprint(const ClassifierTraining& training, const ClassifierData& data) {
  std::ostringstream all;
  const auto add = [&](const std::vector<TextExample>& examples) {
    for (const auto& example : examples) {
      for (const auto id : example.ids) all << id << ' ';
      all << example.label << '\n';
    }
    all << '\n';
  };
  add(data.train);
  add(data.validation);
  return to_yaml(training) + "# texts, sha256: " + sha256(all.str()) + "\n";
}

// How far a training has come; everything but the tensors.
struct Position {
  std::int64_t parts = 0, best_part = 0, steps = 0;
  double best_accuracy = -1, best_loss = 0, seconds = 0, cpu_seconds = 0;
};

struct Evaluation {
  double loss = 0, accuracy = 0;
  std::vector<int> predicted;
};

class Trainer {
 public:
  Trainer(const ClassifierTraining& training, const ClassifierData& data, Device device,
          const ClassifierCallbacks& callbacks)
      : training_(training),
        data_(data),
        callbacks_(callbacks),
        device_(torch_device(device)),
        base_(open_base()),
        targets_(resolve_targets(training.lora.targets, base_)),
        module_(make_encoder(base_.config(), -1, encoder_training())) {
    load_encoder(module_, base_);
    initialize();
    if (!training.start.empty()) learn_on(LoraAdapter::open(training.start));
    module_.to(device_);
    for (auto& [name, weight] : weights_of(module_)) {
      weight.requires_grad_(learns(name));
      if (learns(name)) weights_[name] = weight;
    }
    best_ = copy_of(weights_);
    optimizer_ = make_adamw(weights_, training.learning_rate, training.weight_decay);
    const auto size = static_cast<std::size_t>(training.batch_size);
    batches_ = (data.train.size() + size - 1) / size;
  }

  ClassifierResult run() {
    const TrainingFolder folder(training_.output, fingerprint(training_, data_), training_.resume);
    if (folder.has_state()) load(folder.state());
    Journal log = folder.open_log(static_cast<std::size_t>(at_.parts));
    if (callbacks_.part && at_.parts > 0) callbacks_.part(report_of(at_.parts));

    const std::int64_t last = static_cast<std::int64_t>(training_.max_epochs) * training_.parts;
    while (at_.parts < last && at_.parts - at_.best_part < training_.patience) {
      const ClassifierReport part = run_part();
      const std::string line = log_line(part);
      log.append({&line, 1});
      save(folder.state());
      if (callbacks_.part) callbacks_.part(part);
    }

    assign(best_, weights_);
    const ClassifierResult result = final_result();
    write_adapter(folder.path(), result);
    folder.finish();
    return result;
  }

 private:
  // ---- What learns

  HuggingFaceFolder open_base() const {
    HuggingFaceFolder::Options options;
    options.kind = "classifier";
    options.head = training_.head;
    options.labels = static_cast<int>(data_.labels.size());
    // the classifier is new, whatever the folder holds
    for (const char* name : {"classifier", "classifier.out_proj"}) options.elsewhere.insert(name);
    return HuggingFaceFolder::open(training_.base_path, options);
  }

  bool is_adapted(const std::string& module) const {
    return module.starts_with("layer") && is_target(targets_, base_.their_module(module));
  }

  EncoderTraining encoder_training() const {
    EncoderTraining out;
    out.dropout = training_.dropout;
    out.lora.rank = training_.lora.rank;
    out.lora.scaling = training_.lora.alpha / training_.lora.rank;
    out.lora.dropout = training_.lora.dropout;
    out.lora.adapts = [this](const std::string& module) { return is_adapted(module); };
    return out;
  }

  static bool learns(const std::string& weight) {
    return weight.find(".lora_") != std::string::npos || weight.starts_with("classifier.") ||
           weight.starts_with("pooler.");
  }

  // As PEFT begins: A as linear modules do, B zero, so that the first answers are the base's.
  void initialize() {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(Random(training_.seed).child("weights").seed());
    bool any = false;
    for (auto& [name, weight] : weights_of(module_)) {
      if (name.ends_with(".lora_A")) {
        const double bound = 1 / std::sqrt(static_cast<double>(weight.size(1)));
        weight.uniform_(-bound, bound);
        any = true;
      }
      if (name == "classifier.weight") weight.normal_(0, kInitialDeviation);
    }
    WHY_CHECK(any, "lora.targets names no linear module of ", training_.base, "; known: ", known_targets());
  }

  std::string known_targets() const {
    std::string out;
    for (const auto& kind : resolve_targets({"all-linear"}, base_)) out += (out.empty() ? "" : ", ") + kind;
    return out;
  }

  // The module of the adapter's tensor, and which of its weights it is.
  std::pair<std::string, std::string> parts_of(const std::string& weight) const {
    const auto dot = weight.rfind('.');
    const std::string part = weight.substr(dot + 1);
    return {base_.their_module(weight.substr(0, dot)), part.starts_with("lora_") ? part + ".weight" : part};
  }

  void learn_on(const LoraAdapter& adapter) {
    const torch::NoGradGuard no_grad;
    const SafeTensors file = SafeTensors::open(adapter.folder() / kAdapterWeightsFile);
    for (auto& [name, weight] : weights_of(module_)) {
      if (!learns(name)) continue;
      const auto [module, part] = parts_of(name);
      const TensorView& view = file.at(adapter_tensor(module, part));
      WHY_CHECK(at::IntArrayRef(view.shape) == weight.sizes(), training_.start, ": ",
                adapter_tensor(module, part), " has shape ", shape_text(view.shape), ", but is ",
                shape_text(weight.sizes()), " in this training");
      auto values = view.floats();
      weight.copy_(torch::from_blob(values.data(), weight.sizes(), torch::kFloat32));
    }
  }

  // ---- One part of an epoch

  ClassifierReport run_part() {
    const Stopwatch watch;
    const auto epoch = at_.parts / training_.parts, part = at_.parts % training_.parts;
    // Its randomness comes from the seed and its numbers alone, so a resume needs no generator's state.
    const Random random = Random(training_.seed).child("epoch", static_cast<std::uint64_t>(epoch));
    const auto batches = length_batches(data_.train, static_cast<std::size_t>(training_.batch_size), random);
    torch::manual_seed(random.child("dropout", static_cast<std::uint64_t>(part)).seed());

    const auto parts = static_cast<std::size_t>(training_.parts), here = static_cast<std::size_t>(part);
    const std::size_t first = batches.size() * here / parts, last = batches.size() * (here + 1) / parts;
    ++at_.parts;
    const double loss = learn(std::span(batches).subspan(first, last - first),
                              static_cast<std::size_t>(epoch) * batches.size() + first);
    const Evaluation validation = evaluate(data_.validation, {});
    if (validation.accuracy > at_.best_accuracy ||
        (validation.accuracy == at_.best_accuracy && validation.loss < at_.best_loss)) {
      at_.best_accuracy = validation.accuracy;
      at_.best_loss = validation.loss;
      at_.best_part = at_.parts;
      best_ = copy_of(weights_);
    }
    ClassifierReport report = report_of(at_.parts);
    report.loss = loss;
    report.validation_loss = validation.loss;
    report.validation_accuracy = validation.accuracy;
    report.seconds = watch.seconds();
    report.cpu_seconds = watch.cpu_seconds();
    at_.seconds += report.seconds;
    at_.cpu_seconds += report.cpu_seconds;
    return report;
  }

  ClassifierReport report_of(std::int64_t parts) const {
    ClassifierReport report;
    report.epoch = static_cast<int>((parts - 1) / training_.parts + 1);
    report.part = static_cast<int>((parts - 1) % training_.parts + 1);
    report.best_accuracy = at_.best_accuracy;
    return report;
  }

  // Mean loss of the batches; `before` of them were seen earlier.
  double learn(std::span<const std::vector<std::size_t>> batches, std::size_t before) {
    module_.train();
    double total = 0;
    optimizer_->zero_grad();
    for (std::size_t i = 0; i < batches.size(); ++i) {
      const double loss = backward(batches[i]);
      WHY_CHECK(std::isfinite(loss), "the training diverged after ", before + i, " batches: the loss is ",
                loss, "; try a smaller learning_rate");
      total += loss;
      const bool due = (i + 1) % static_cast<std::size_t>(training_.accumulation) == 0;
      if (due || i + 1 == batches.size()) step(before + i + 1);
      if (callbacks_.step)
        callbacks_.step({before + i + 1, batches_ * static_cast<std::size_t>(training_.max_epochs),
                         total / static_cast<double>(i + 1)});
    }
    return batches.empty() ? 0 : total / static_cast<double>(batches.size());
  }

  double backward(const std::vector<std::size_t>& examples) {
    std::vector<Sequence> ids;
    std::vector<std::int64_t> labels;
    for (const auto i : examples) {
      ids.push_back(data_.train[i].ids);
      labels.push_back(data_.train[i].label);
    }
    const at::Tensor wanted = torch::tensor(labels, torch::kInt64).to(device_);
    at::Tensor scores;
    {
      const MixedPrecision mixed(training_.precision == "bfloat16", device_.type());
      scores = scores_of(ids);
    }
    const at::Tensor loss = torch::nn::functional::cross_entropy(
        scores.to(at::kFloat), wanted,
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(training_.label_smoothing));
    (loss / training_.accumulation).backward();
    return loss.item<double>();
  }

  void step(std::size_t batches_done) {
    std::vector<at::Tensor> weights;
    for (const auto& [name, weight] : weights_) weights.push_back(weight);
    torch::nn::utils::clip_grad_norm_(weights, training_.max_gradient);
    ++at_.steps;
    set_learning_rate(*optimizer_, learning_rate(batches_done));
    optimizer_->step();
    optimizer_->zero_grad();
  }

  double learning_rate(std::size_t batches_done) const {
    const double all = static_cast<double>(batches_) * training_.max_epochs;
    const double share = static_cast<double>(batches_done) / all;
    const double warm = training_.warm_up;
    const double height = share < warm ? share / warm : (1 - share) / std::max(1 - warm, 1e-9);
    return training_.learning_rate * std::max(height, 0.0);
  }

  at::Tensor scores_of(const std::vector<Sequence>& ids) {
    const Batch batch = pad_batch(ids, base_.config().pad_id, device_);
    return module_.forward({batch.ids, batch.mask}).toTensor();
  }

  // ---- Evaluation

  // In batches of like length, which changes nothing but the time.
  Evaluation evaluate(const std::vector<TextExample>& examples,
                      const std::function<void(std::size_t)>& progress) {
    const c10::InferenceMode inference;
    module_.eval();
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return examples[a].ids.size() < examples[b].ids.size();
    });
    Evaluation out;
    out.predicted.resize(examples.size());
    std::size_t right = 0;
    for (std::size_t first = 0; first < order.size(); first += kEvaluationBatch) {
      const auto rows = std::span(order).subspan(first, std::min(kEvaluationBatch, order.size() - first));
      std::vector<Sequence> ids;
      for (const auto i : rows) ids.push_back(examples[i].ids);
      const at::Tensor log = torch::log_softmax(scores_of(ids).to(at::kCPU, at::kDouble), 1);
      for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto& example = examples[rows[row]];
        const at::Tensor mine = log[static_cast<std::int64_t>(row)];
        const int predicted = static_cast<int>(mine.argmax().item<std::int64_t>());
        out.predicted[rows[row]] = predicted;
        right += predicted == example.label;
        out.loss -= mine[example.label].item<double>();
      }
      if (progress) progress(rows.size());
    }
    const auto count = static_cast<double>(std::max<std::size_t>(examples.size(), 1));
    out.loss /= count;
    out.accuracy = static_cast<double>(right) / count;
    return out;
  }

  ClassifierResult final_result() {
    ClassifierResult result;
    result.validation_accuracy = at_.best_accuracy;
    std::size_t all = 0, done = 0;
    for (const auto& test : data_.tests) all += test.examples.size();
    for (const auto& test : data_.tests)
      result.tests.push_back(test_result(test, evaluate(test.examples, [&](std::size_t count) {
                                                 done += count;
                                                 if (callbacks_.test) callbacks_.test(done, all);
                                               }).predicted));
    const ClassifierReport best = report_of(at_.best_part);
    result.best_epoch = best.epoch;
    result.best_part = best.part;
    result.epochs = report_of(at_.parts).epoch;
    result.seconds = at_.seconds;
    result.cpu_seconds = at_.cpu_seconds;
    return result;
  }

  // ---- Files

  static std::string log_line(const ClassifierReport& part) {
    return nlohmann::ordered_json{{"epoch", part.epoch},
                                  {"part", part.part},
                                  {"loss", part.loss},
                                  {"validation_loss", part.validation_loss},
                                  {"validation_accuracy", part.validation_accuracy},
                                  {"best_accuracy", part.best_accuracy},
                                  {"seconds", part.seconds},
                                  {"cpu_seconds", part.cpu_seconds}}
        .dump();
  }

  NamedTensors state(at::Tensor position, at::Tensor figures) const {
    NamedTensors out = {{"position", position}, {"figures", figures}};
    for (const auto& [name, weight] : weights_) {
      out["weights." + name] = weight;
      out["best." + name] = best_.at(name);
    }
    return out;
  }

  void save(const fs::path& file) const {
    save_state(file,
               state(torch::tensor({at_.parts, at_.best_part, at_.steps}),
                     torch::tensor({at_.best_accuracy, at_.best_loss, at_.seconds, at_.cpu_seconds},
                                   torch::kFloat64)),
               *optimizer_);
  }

  void load(const fs::path& file) {
    const at::Tensor position = torch::zeros({3}, torch::kInt64),
                     figures = torch::zeros({4}, torch::kFloat64);
    load_state(file, state(position, figures), *optimizer_, device_);
    at_ = {position[0].item<std::int64_t>(), position[1].item<std::int64_t>(),
           position[2].item<std::int64_t>(), figures[0].item<double>(),
           figures[1].item<double>(),        figures[2].item<double>(),
           figures[3].item<double>()};
  }

  void write_adapter(const fs::path& folder, const ClassifierResult& result) const {
    std::map<std::string, at::Tensor> held;
    std::map<std::string, TensorView> views;
    for (const auto& [name, weight] : weights_) {
      const auto [module, part] = parts_of(name);
      const at::Tensor flat = held[name] = weight.detach().to(torch::kCPU, torch::kFloat32).contiguous();
      views[adapter_tensor(module, part)] = {
          TensorType::f32, flat.sizes().vec(),
          std::as_bytes(std::span(flat.const_data_ptr<float>(), static_cast<std::size_t>(flat.numel())))};
    }
    write_safetensors(folder / kAdapterWeightsFile, views, {{"format", "pt"}});
    write_file(folder / kAdapterConfigFile, adapter_config_json(lora_settings()));
    write_bundle(folder, bundle_of(folder, result));  // last: a folder with bundle.yaml is whole
  }

  LoraSettings lora_settings() const {
    LoraSettings out;
    out.base = training_.base;
    out.rank = training_.lora.rank;
    out.alpha = training_.lora.alpha;
    out.dropout = training_.lora.dropout;
    out.targets = targets_;
    out.whole = {"classifier"};
    if (training_.head == "pooled") out.whole.push_back(base_.their_module("pooler"));
    return out;
  }

  BundleInfo bundle_of(const fs::path& folder, const ClassifierResult& result) const {
    BundleInfo info = bundle_info(base_.config());
    info.path = folder.string();
    info.mask_id = open_tokenizer(training_.base_path)->special().mask;
    info.labels = data_.labels;
    info.base = training_.base;
    info.base_sha256 = sha256_file(fs::path(training_.base_path) / kWeightsFile);
    info.head = training_.head;
    info.provenance = training_.provenance;
    for (const auto& test : result.tests)
      info.provenance.figures += text(info.provenance.figures.empty() ? "" : "; ", "accuracy ",
                                      std::round(1e4 * test.accuracy()) / 1e4, " on ", test.name);
    return info;
  }

  const ClassifierTraining& training_;
  const ClassifierData& data_;
  const ClassifierCallbacks& callbacks_;
  at::Device device_;
  HuggingFaceFolder base_;
  std::vector<std::string> targets_;
  Module module_;
  NamedTensors weights_, best_;  // those that learn
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::size_t batches_ = 0;  // of an epoch
  Position at_;
};

void check_data(const ClassifierTraining& training, const ClassifierData& data) {
  WHY_CHECK(!data.train.empty(), "there are no texts to train on");
  WHY_CHECK(!data.validation.empty(), "there are no texts to validate on");
  WHY_CHECK(data.labels.size() >= 2, "a classifier needs two labels or more");
  WHY_CHECK(static_cast<std::size_t>(training.parts) <= data.train.size(), "parts (", training.parts,
            ") is more than the ", data.train.size(), " texts to train on");
}

}  // namespace

ClassifierResult train_classifier(const ClassifierTraining& training, const ClassifierData& data,
                                  Device device, const ClassifierCallbacks& callbacks) {
  check_data(training, data);
  const torch::jit::GraphOptimizerEnabledGuard as_written(false);  // lengths change with every batch
  return Trainer(training, data, device, callbacks).run();
}

}  // namespace why
