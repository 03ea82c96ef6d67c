#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <map>

#include "core/parallel.h"
#include "experiments/commands/commands.h"
#include "experiments/commands/train_arguments.h"
#include "experiments/paths.h"
#include "experiments/version.h"
#include "models/formats/bundle.h"

namespace why {

namespace {

const std::map<std::string, void (*)(const TrainArguments&, const ConfigTree&)> kArchitectures = {
    {"bert4rec", train_recommender_model},
    {"sasrec", train_recommender_model},
    {"lora", train_text_classifier}};

std::vector<std::string> architectures() {
  std::vector<std::string> out;
  for (const auto& [name, function] : kArchitectures) out.push_back(name);
  return out;
}

void train(const TrainArguments& arguments) {
  const ConfigTree file =
      ConfigTree::load(find_path(arguments.config, "the configuration").string(), arguments.overrides);
  WHY_CHECK(file.has("architecture") || !(file.has("task") || file.has("runs")), arguments.config,
            " configures a run: `whyformer run` takes it");
  const auto chosen = kArchitectures.find(file.scalar("architecture"));
  // an unknown name is answered by the reader, which knows its line
  (chosen == kArchitectures.end() ? train_recommender_model : chosen->second)(arguments, file);
}

}  // namespace

void describe_common(Fields& fields, TrainKeys& keys, const std::string& data_help) {
  fields.field("architecture", keys.architecture,
               "bert4rec and sasrec, recommenders; lora, a classifier of texts", one_of(architectures()));
  fields.field("data", keys.data, data_help, required());
  fields.field("device", keys.device, "cpu, cuda, cuda:N or auto");
  fields.field("threads", keys.threads, "of the CPU; another number gives other last digits",
               in_range(1, kMostThreads));
}

void apply(const TrainArguments& arguments, TrainKeys& keys) {
  if (!arguments.device.empty()) keys.device = arguments.device;
  if (arguments.threads > 0) keys.threads = arguments.threads;
}

bool is_finished(const TrainArguments& arguments, const std::string& output) {
  if (!arguments.resume || !std::filesystem::exists(std::filesystem::path(output) / kBundleFile))
    return false;
  fmt::print(stderr, "{} holds a trained model: nothing is left to resume\n", output);
  return true;
}

Provenance provenance_of(const TrainArguments& arguments, const TrainKeys& keys, std::uint64_t seed) {
  Provenance out;
  out.seed = text(seed);
  out.command = "whyformer train " + arguments.config;
  for (const auto& override : arguments.overrides) out.command += " " + override;
  out.command += fmt::format(" --threads {} --device {}", keys.threads, keys.device);
  out.program = version() + " (" + build_commit() + ")";
  return out;
}

void add_train(CLI::App& app) {
  auto* command = app.add_subcommand("train", "trains a recommender, or fine-tunes a classifier of texts");
  const auto arguments = std::make_shared<TrainArguments>();
  command->add_option("CONFIG", arguments->config, "what to train and how, as YAML")->required();
  command->add_option("OVERRIDES", arguments->overrides, "key=value, applied after the file");
  command->add_option("--device", arguments->device, "cpu, cuda, cuda:N or auto, instead of the file's");
  command->add_option("--threads", arguments->threads, "of the CPU, instead of the file's")
      ->check(one_to(kMostThreads));
  command->add_flag("--resume", arguments->resume, "continue a training that was stopped");
  command->add_flag("--print-config", arguments->print_config, "print the effective configuration and stop");
  command->callback([arguments] { train(*arguments); });
}

}  // namespace why
