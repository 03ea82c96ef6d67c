#include <fmt/format.h>

#include <cstdio>

#include "core/files.h"
#include "core/progress.h"
#include "experiments/commands/train_arguments.h"
#include "experiments/datasets/interactions.h"
#include "models/backend.h"

namespace why {
namespace {

// The keys of a training's configuration: these, and those of RecommenderTraining beside them.
struct TrainConfig : TrainKeys {
  TrainConfig() { architecture = "bert4rec"; }
  RecommenderTraining training;
};

void describe(Fields& fields, TrainConfig& config) {
  describe_common(fields, config, "folder of interactions: RecBole, ml-100k or ml-1m");
  config.training.architecture = config.architecture;
  describe(fields, config.training);
}

TrainConfig read_config(const TrainArguments& arguments, const ConfigTree& file) {
  TrainConfig config;
  file.read(config);
  apply(arguments, config);
  config.training.resume = arguments.resume;
  try {
    check(config.training);
  } catch (const UserError& error) {
    throw UserError(text(arguments.config, ": ", error.what()));
  }
  return config;
}

Provenance provenance(const TrainArguments& arguments, const TrainConfig& config,
                      const InteractionData& data) {
  std::size_t interactions = 0;
  for (const auto& history : data.histories) interactions += history.size();
  Provenance out = provenance_of(arguments, config, config.training.seed);
  out.data = fmt::format("{} users, {} items, {} interactions ({}; sha256 of {}: {})", data.users.size(),
                         data.items.size(), interactions, data.format, data.files.front().filename().string(),
                         sha256_file(data.files.front()));
  return out;
}

// A bar over the epochs that may come; early stopping usually ends it sooner.
class EpochBar {
 public:
  explicit EpochBar(int max_epochs) : bar_("training", static_cast<std::size_t>(max_epochs)) {}

  void show(const EpochReport& epoch) {
    best_ = std::max(best_, epoch.validation.ndcg[1]);
    bar_.add(static_cast<std::size_t>(epoch.epoch - shown_),
             fmt::format("loss {:.3f}, validation NDCG@10 {:.4f}, best {:.4f} in epoch {}", epoch.loss,
                         epoch.validation.ndcg[1], best_, epoch.best_epoch));
    shown_ = epoch.epoch;
  }

 private:
  Progress bar_;
  int shown_ = 0;
  double best_ = 0;
};

void print_row(const char* what, const char* fold, const RankingReport& report) {
  const auto line = [&](const char* ranked, const RankingMetrics& m) {
    fmt::print("{:<11} {:<11} {:<8}", what, fold, ranked);
    for (std::size_t i = 0; i < kCutoffs.size(); ++i)
      fmt::print(" {:>7.4f} {:>7.4f}", m.hit_rate[i], m.ndcg[i]);
    fmt::print("\n");
  };
  line("all", report.all);
  line("unseen", report.unseen);
}

void print_result(const TrainConfig& config, const TrainingResult& result) {
  fmt::print("{:<11} {:<11} {:<8}", "", "", "ranked");
  for (const int k : kCutoffs) fmt::print(" {:>7} {:>7}", text("HR@", k), text("NDCG@", k));
  fmt::print("\n");
  print_row("popularity", "validation", result.popularity_validation);
  print_row("popularity", "test", result.popularity_test);
  print_row(config.architecture.c_str(), "validation", result.validation);
  print_row(config.architecture.c_str(), "test", result.test);
  fmt::print("\nbest epoch {} of {}, {:.0f} s, {:.0f} s of processor time on {} thread{}\n{}\n",
             result.best_epoch, result.epochs, result.seconds, result.cpu_seconds, config.threads,
             config.threads == 1 ? "" : "s", config.training.output);
}

}  // namespace

std::vector<ConfigKey> keys_of_recommender_training(const std::string& architecture) {
  TrainConfig config;
  config.architecture = architecture;
  return describe_keys(config);
}

void train_recommender_model(const TrainArguments& arguments, const ConfigTree& file) {
  TrainConfig config = read_config(arguments, file);
  if (arguments.print_config) {
    fmt::print("{}", to_yaml(config));
    return;
  }
  if (is_finished(arguments, config.training.output)) return;
  const Device device = parse_device(config.device);
  const InteractionData data = read_interactions(config.data);
  config.training.provenance = provenance(arguments, config, data);

  Backend& torch = backend();
  torch.set_threads(config.threads);
  EpochBar bar(config.training.max_epochs);
  const TrainingResult result = torch.train(config.training, {data.histories, data.items}, device,
                                            [&](const EpochReport& epoch) { bar.show(epoch); });
  print_result(config, result);
}

}  // namespace why
