#include "experiments/runner/run.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/files.h"
#include "experiments/commands/commands.h"
#include "experiments/paths.h"
#include "experiments/runner/run_folder.h"

namespace why {
namespace {

struct Options {
  std::string config, resume, output, device;
  std::vector<std::string> overrides;
  int limit = 0, threads = 0;
  bool print_config = false;
};

// Options are short forms of overrides: what they set shows in the resolved configuration.
std::vector<std::string> all_overrides(const Options& options) {
  std::vector<std::string> out = options.overrides;
  if (!options.device.empty()) out.push_back("device=" + options.device);
  if (options.limit > 0) out.push_back(fmt::format("limit={}", options.limit));
  if (options.threads > 0) out.push_back(fmt::format("threads={}", options.threads));
  return out;
}

RunConfig load_file(const Options& options) {
  WHY_CHECK(!options.config.empty() || !options.resume.empty(),
            "run needs a configuration, e.g. configs/quickstart.yaml, or --resume and a run folder");
  std::error_code ignored;
  WHY_CHECK(options.config.find('=') == std::string::npos || std::filesystem::exists(options.config, ignored),
            "\"", options.config, "\" is an override, and overrides stand behind a configuration",
            options.resume.empty() ? "" : "; --resume alone continues a run as it was begun");
  if (options.config.empty()) {
    config_of_run(options.resume);  // says what is wrong with the folder
    return load_run_config((std::filesystem::path(options.resume) / "config.yaml").string(),
                           all_overrides(options));
  }
  return load_run_config(find_path(options.config, "the configuration").string(), all_overrides(options));
}

RunConfig load(const Options& options) {
  RunConfig config = load_file(options);
  if (!options.output.empty()) config.output = options.output;
  return config;
}

// A table of the methods on stdout, from summary.json.
void print_summary(const std::filesystem::path& folder) {
  const auto summary = nlohmann::ordered_json::parse(read_file(folder / "summary.json"));
  fmt::print("{:<12} {:>9} {:>10} {:>10} {:>12}\n", "method", "samples", "explained", "mean size",
             "calls/sample");
  for (const auto& [name, method] : summary.at("methods").items()) {
    const auto number = [](const nlohmann::ordered_json& value, const char* form) {
      return value.is_null() ? std::string("-") : fmt::format(fmt::runtime(form), value.get<double>());
    };
    fmt::print("{:<12} {:>9} {:>10} {:>10} {:>12}\n", name, method.at("samples").get<std::int64_t>(),
               number(method.at("share_explained"), "{:.3f}"), number(method.at("size").at("mean"), "{:.2f}"),
               number(method.at("calls_a_sample").at("mean"), "{:.1f}"));
  }
}

void run(const Options& options) {
  const RunConfig config = load(options);
  if (options.print_config) {
    fmt::print("{}", to_yaml(config));
    return;
  }
  std::optional<std::filesystem::path> resume;
  if (!options.resume.empty()) resume = options.resume;
  const RunOutcome outcome = run_experiment(config, resume);
  for (const auto& warning : outcome.warnings) fmt::print(stderr, "warning: {}\n", warning);
  print_summary(outcome.folder);
  fmt::print("\n{}\n", (outcome.folder / "report.html").string());
}

}  // namespace

void add_run(CLI::App& app) {
  auto* command = app.add_subcommand("run", "runs an experiment and leaves a run folder");
  const auto options = std::make_shared<Options>();
  command->add_option("CONFIG", options->config, "a YAML file, e.g. configs/quickstart.yaml");
  command->add_option("OVERRIDES", options->overrides, "key.sub=value, applied after the file");
  command->add_option("--resume", options->resume, "continue the run in this folder")->type_name("DIR");
  command->add_option("--output", options->output, "the run folder; by default runs/<name>/<time>-<hash>")
      ->type_name("DIR");
  command->add_option("--limit", options->limit, "explain the first N samples only")
      ->type_name("N")
      ->check(at_least_one());
  command->add_option("--device", options->device, "cpu, cuda, cuda:N, or auto");
  command->add_option("--threads", options->threads, "CPU threads; all by default")->check(at_least_one());
  command->add_flag("--print-config", options->print_config, "print the resolved configuration and stop");
  command->callback([options] { run(*options); });
}

}  // namespace why
