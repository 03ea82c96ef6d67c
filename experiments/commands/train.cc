#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <numeric>

#include "core/config.h"
#include "core/files.h"
#include "core/progress.h"
#include "experiments/commands/commands.h"
#include "experiments/datasets/interactions.h"
#include "experiments/version.h"
#include "models/backend.h"
#include "models/formats/bundle.h"

namespace why {
namespace {

// The keys of a training's configuration: these, and those of RecommenderTraining beside them.
struct TrainConfig {
  std::string architecture = "bert4rec";
  std::string data;
  std::string device = "cpu";
  int threads = 1;
  RecommenderTraining training;
};

void describe(Fields& fields, TrainConfig& config) {
  fields.field("architecture", config.architecture, "what is trained", one_of({"bert4rec"}));
  fields.field("data", config.data, "folder of interactions: RecBole, ml-100k or ml-1m", required());
  fields.field("device", config.device, "cpu, cuda, cuda:N or auto");
  fields.field("threads", config.threads, "of the CPU; another number gives other last digits",
               in_range(1, 4096));
  describe(fields, config.training);
}

struct TrainArguments {
  std::string config;
  std::vector<std::string> overrides;
  std::string device;
  int threads = 0;
  bool resume = false, print_config = false;
};

TrainConfig read_config(const TrainArguments& arguments) {
  TrainConfig config;
  ConfigTree::load(arguments.config, arguments.overrides).read(config);
  if (!arguments.device.empty()) config.device = arguments.device;
  if (arguments.threads > 0) config.threads = arguments.threads;
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
  Provenance out;
  out.data = fmt::format("{} users, {} items, {} interactions ({}; sha256 of {}: {})", data.users.size(),
                         data.items.size(), interactions, data.format, data.files.front().filename().string(),
                         sha256_file(data.files.front()));
  out.seed = text(config.training.seed);
  out.command = "whyformer train " + arguments.config;
  for (const auto& override : arguments.overrides) out.command += " " + override;
  out.command += fmt::format(" --threads {} --device {}", config.threads, config.device);
  out.program = version() + " (" + build_commit() + ")";
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

void train(const TrainArguments& arguments) {
  TrainConfig config = read_config(arguments);
  if (arguments.print_config) {
    fmt::print("{}", to_yaml(config));
    return;
  }
  if (arguments.resume &&
      std::filesystem::exists(std::filesystem::path(config.training.output) / kBundleFile)) {
    fmt::print(stderr, "{} holds a trained model: nothing is left to resume\n", config.training.output);
    return;
  }
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

}  // namespace

void add_train(CLI::App& app) {
  auto* command = app.add_subcommand("train", "trains a recommender and writes a model folder");
  const auto arguments = std::make_shared<TrainArguments>();
  command->add_option("CONFIG", arguments->config, "what to train and how, as YAML")->required();
  command->add_option("OVERRIDES", arguments->overrides, "key=value, applied after the file");
  command->add_option("--device", arguments->device, "cpu, cuda, cuda:N or auto, instead of the file's");
  command->add_option("--threads", arguments->threads, "of the CPU, instead of the file's")
      ->check(at_least_one());
  command->add_flag("--resume", arguments->resume, "continue a training that was stopped");
  command->add_flag("--print-config", arguments->print_config, "print the effective configuration and stop");
  command->callback([arguments] { train(*arguments); });
}

}  // namespace why
