#include "models/torch/train_recommender.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "core/random.h"
#include "models/formats/bundle.h"
#include "models/learning_examples.h"
#include "models/torch/batch.h"
#include "models/torch/blocks.h"
#include "models/torch/device.h"
#include "models/torch/recommenders.h"
#include "models/torch/training.h"
#include "models/training_folder.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

constexpr std::size_t kEvaluationBatch = 256;

BundleInfo bundle_of(const RecommenderTraining& training, const InteractionSplit& data) {
  BundleInfo info;
  info.path = training.output;
  info.architecture = training.architecture;
  info.layers = training.layers;
  info.heads = training.heads;
  info.hidden = training.hidden;
  info.inner = training.inner;
  info.outputs = static_cast<int>(data.items.size());
  info.append_mask = training.architecture == "bert4rec";
  if (info.append_mask) info.mask_id = info.first_item + info.outputs;
  info.max_length = training.max_history + (info.append_mask ? 1 : 0);
  info.items = data.items;
  info.provenance = training.provenance;
  return info;
}

void check_options(const RecommenderTraining& training, const InteractionSplit& data) {
  check(training);
  WHY_CHECK(!data.items.empty(), "there are no items to train on");
  WHY_CHECK(std::any_of(data.users.begin(), data.users.end(), can_hold_out),
            "no user has the three interactions that a leave-one-out split needs");
}

// What must be the same for a resume: the options and the interactions.
std::string fingerprint(const RecommenderTraining& training, const InteractionSplit& data) {
  std::ostringstream all;
  for (const auto& item : data.items) all << item << '\n';
  for (const auto& user : data.users) {
    for (const auto item : user) all << item << ' ';
    all << '\n';
  }
  return "# " + training.architecture + "\n" + to_yaml(training) +
         "# interactions, sha256: " + sha256(all.str()) + "\n";
}

// How far a training has come; everything but the tensors.
struct Position {
  std::int64_t epoch = 0, best_epoch = 0, steps = 0;
  double best_ndcg = -1, seconds = 0, cpu_seconds = 0;
};

class Trainer {
 public:
  Trainer(const RecommenderTraining& training, const InteractionSplit& data, Device device)
      : training_(training),
        data_(data),
        info_(bundle_of(training, data)),
        device_(torch_device(device)),
        module_(make_recommender(info_, training.dropout)),
        averaged_(make_recommender(info_)),
        histories_(training_part(data.users)),
        validation_(held_out(data.users, Fold::validation, training.max_history)) {
    torch::manual_seed(Random(training.seed).child("weights").seed());
    initialize_recommender(module_);
    module_.to(device_);
    averaged_.to(device_);
    averaged_.eval();
    weights_ = weights_of(module_);
    for (const auto& [name, weight] : weights_) weight.requires_grad_(true);
    averaged_weights_ = weights_of(averaged_);
    assign(weights_, averaged_weights_);
    best_ = copy_of(averaged_weights_);
    optimizer_ = make_adamw(weights_, training.learning_rate, training.weight_decay);
  }

  TrainingResult run(const std::function<void(const EpochReport&)>& report) {
    const TrainingFolder folder(training_.output, fingerprint(training_, data_), training_.resume);
    if (folder.has_state()) load(folder.state());
    Journal log = folder.open_log(static_cast<std::size_t>(at_.epoch));
    if (report && at_.epoch > 0)
      report({static_cast<int>(at_.epoch), static_cast<int>(at_.best_epoch), 0, {}, 0, 0});

    while (at_.epoch < training_.max_epochs && at_.epoch - at_.best_epoch < training_.patience) {
      const EpochReport epoch = run_epoch();
      const std::string line = log_line(epoch);
      log.append({&line, 1});
      save(folder.state());
      if (report) report(epoch);
    }

    assign(best_, averaged_weights_);
    const TrainingResult result = final_result();
    info_.provenance.figures = text("test HR@10 ", result.test.all.hit_rate[1], ", NDCG@10 ",
                                    result.test.all.ndcg[1], " among all items");
    write_model(folder.path());
    folder.finish();
    return result;
  }

 private:
  // ---- One epoch

  EpochReport run_epoch() {
    const Stopwatch watch;
    ++at_.epoch;
    // The epoch's randomness comes from the seed and its number alone, so a resume needs no generator's
    // state.
    Random random = Random(training_.seed).child("epoch", static_cast<std::uint64_t>(at_.epoch));
    torch::manual_seed(random.child("dropout").seed());

    EpochReport report;
    report.loss = learn(examples(random));
    report.validation = evaluate(validation_).all;
    const double ndcg10 = report.validation.ndcg[1];
    if (ndcg10 > at_.best_ndcg) {
      at_.best_ndcg = ndcg10;
      at_.best_epoch = at_.epoch;
      best_ = copy_of(averaged_weights_);
    }
    report.epoch = static_cast<int>(at_.epoch);
    report.best_epoch = static_cast<int>(at_.best_epoch);
    report.seconds = watch.seconds();
    report.cpu_seconds = watch.cpu_seconds();
    at_.seconds += report.seconds;
    at_.cpu_seconds += report.cpu_seconds;
    return report;
  }

  std::vector<LearningExample> examples(Random& random) const {
    ClozeOptions options;
    options.max_length = training_.max_history + 1;
    options.windows = training_.windows;
    options.recency = training_.recency;
    options.mask_share = training_.mask_share;
    options.last_share = training_.last_share;
    options.drop_share = training_.drop_share;
    options.mask_id = info_.mask_id;
    return info_.append_mask ? cloze_epoch(histories_, options, random)
                             : next_item_epoch(histories_, options, random);
  }

  // Mean loss of the batches.
  double learn(const std::vector<LearningExample>& examples) {
    module_.train();
    double total = 0;
    int batches = 0;
    const auto size = static_cast<std::size_t>(training_.batch_size);
    for (std::size_t first = 0; first < examples.size(); first += size) {
      const std::size_t count = std::min(size, examples.size() - first);
      total += step(std::span(examples).subspan(first, count));
      ++batches;
    }
    const double mean = total / std::max(batches, 1);
    WHY_CHECK(std::isfinite(mean), "the training diverged in epoch ", at_.epoch, ": the loss is ", mean,
              "; try a smaller learning_rate");
    return mean;
  }

  double step(std::span<const LearningExample> examples) {
    std::vector<Sequence> inputs, targets;
    for (const auto& example : examples) {
      inputs.push_back(example.inputs);
      targets.push_back(example.targets);
    }
    const Batch batch = pad_batch(inputs, info_.pad_id, device_);
    const at::Tensor wanted = pad_batch(targets, 0, device_).ids;

    const at::Tensor states = call(module_, "encode", {embed(module_, batch.ids), batch.mask});
    const at::Tensor asked = wanted > 0;
    const at::Tensor scores = call(module_, "score", {states.index({asked})});
    const at::Tensor loss = torch::nn::functional::cross_entropy(
        scores, wanted.index({asked}) - info_.first_item,
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(training_.label_smoothing));

    optimizer_->zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(module_parameters(), training_.max_gradient);
    ++at_.steps;
    set_learning_rate(*optimizer_, learning_rate());
    optimizer_->step();
    average();
    return loss.item<double>();
  }

  double learning_rate() const {
    const double warm = training_.warm_up_steps > 0
                            ? std::min(1.0, static_cast<double>(at_.steps) / training_.warm_up_steps)
                            : 1.0;
    return training_.learning_rate * warm;
  }

  // The running mean forgets the first steps faster, or it would start from random weights.
  void average() {
    const torch::NoGradGuard no_grad;
    const auto steps = static_cast<double>(at_.steps);
    const double kept = std::min(training_.averaging, (1 + steps) / (10 + steps));
    for (const auto& [name, mean] : averaged_weights_)
      mean.lerp_(weights_.at(name), training_.averaging > 0 ? 1 - kept : 1);
  }

  static at::Tensor call(Module& module, const char* method, std::vector<c10::IValue> inputs) {
    return module.get_method(method)(std::move(inputs)).toTensor();
  }

  static at::Tensor embed(Module& module, const at::Tensor& ids) {
    return module.attr("item").toModule().forward({ids}).toTensor();
  }

  std::vector<at::Tensor> module_parameters() const {
    std::vector<at::Tensor> out;
    for (const auto& [name, weight] : weights_) out.push_back(weight);
    return out;
  }

  // ---- Evaluation of the averaged weights

  RankingReport evaluate(const std::vector<HeldOut>& questions) {
    const torch::NoGradGuard no_grad;
    return ranking_report(
        questions,
        [&](std::size_t first, std::size_t last) {
          std::vector<Sequence> inputs;
          for (std::size_t i = first; i < last; ++i)
            inputs.push_back(prediction_input(info_, questions[i].history));
          const Batch batch = pad_batch(inputs, info_.pad_id, device_);
          const at::Tensor scores =
              averaged_.forward({batch.ids, batch.mask}).toTensor().to(at::kCPU).contiguous();
          const float* values = scores.const_data_ptr<float>();
          return Scores{static_cast<int>(last - first), info_.outputs, {values, values + scores.numel()}};
        },
        kEvaluationBatch);
  }

  TrainingResult final_result() {
    TrainingResult result;
    result.validation = evaluate(validation_);
    result.test = evaluate(held_out(data_.users, Fold::test, training_.max_history));
    result.popularity_validation = popularity_report(data_, Fold::validation, training_.max_history);
    result.popularity_test = popularity_report(data_, Fold::test, training_.max_history);
    result.epochs = static_cast<int>(at_.epoch);
    result.best_epoch = static_cast<int>(at_.best_epoch);
    result.seconds = at_.seconds;
    result.cpu_seconds = at_.cpu_seconds;
    return result;
  }

  // ---- Files

  static std::string log_line(const EpochReport& epoch) {
    nlohmann::ordered_json line = {{"epoch", epoch.epoch}, {"loss", epoch.loss}};
    for (std::size_t i = 0; i < kCutoffs.size(); ++i) {
      line["validation"][text("hr@", kCutoffs[i])] = epoch.validation.hit_rate[i];
      line["validation"][text("ndcg@", kCutoffs[i])] = epoch.validation.ndcg[i];
    }
    line["best_epoch"] = epoch.best_epoch;
    line["seconds"] = epoch.seconds;
    line["cpu_seconds"] = epoch.cpu_seconds;
    return line.dump();
  }

  // The tensors of a state; `position` and `figures` are at_.
  NamedTensors state(at::Tensor position, at::Tensor figures) const {
    NamedTensors out = {{"position", position}, {"figures", figures}};
    for (const auto& [name, weight] : weights_) {
      out["weights." + name] = weight;
      out["averaged." + name] = averaged_weights_.at(name);
      out["best." + name] = best_.at(name);
    }
    return out;
  }

  void save(const fs::path& file) const {
    save_state(file,
               state(torch::tensor({at_.epoch, at_.best_epoch, at_.steps}),
                     torch::tensor({at_.best_ndcg, at_.seconds, at_.cpu_seconds}, torch::kFloat64)),
               *optimizer_);
  }

  void load(const fs::path& file) {
    const at::Tensor position = torch::zeros({3}, torch::kInt64),
                     figures = torch::zeros({3}, torch::kFloat64);
    load_state(file, state(position, figures), *optimizer_, device_);
    at_ = {position[0].item<std::int64_t>(), position[1].item<std::int64_t>(),
           position[2].item<std::int64_t>(), figures[0].item<double>(),
           figures[1].item<double>(),        figures[2].item<double>()};
  }

  void write_model(const fs::path& folder) {
    save_weights(averaged_, folder / kWeightsFile);
    std::ostringstream script;
    averaged_.save(script);
    write_file(folder / kScriptFile, script.str());
    write_bundle(folder, info_);  // last: a folder with bundle.yaml is whole
  }

  const RecommenderTraining& training_;
  const InteractionSplit& data_;
  BundleInfo info_;
  at::Device device_;
  Module module_, averaged_;  // what learns, and the running mean of its weights
  std::vector<Sequence> histories_;
  std::vector<HeldOut> validation_;
  NamedTensors weights_, averaged_weights_, best_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  Position at_;
};

}  // namespace

TrainingResult train_recommender(const RecommenderTraining& training, const InteractionSplit& data,
                                 Device device, const std::function<void(const EpochReport&)>& report) {
  check_options(training, data);
  const torch::jit::GraphOptimizerEnabledGuard as_written(false);  // lengths change with every batch
  return Trainer(training, data, device).run(report);
}

}  // namespace why
