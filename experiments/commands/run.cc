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

namespace fs = std::filesystem;

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

void check_config(const Options& options) {
  WHY_CHECK(!options.config.empty() || !options.resume.empty(),
            "run needs a configuration, e.g. configs/quickstart.yaml, or --resume and a run folder");
  std::error_code ignored;
  WHY_CHECK(options.config.find('=') == std::string::npos || fs::exists(options.config, ignored), "\"",
            options.config, "\" is an override, and overrides stand behind a configuration",
            options.resume.empty() ? "" : "; --resume alone continues a run as it was begun");
}

std::string config_path(const Options& options) {
  if (!options.config.empty()) return find_path(options.config, "the configuration").string();
  const fs::path folder = options.resume;
  if (fs::exists(folder / kRunListFile)) return (folder / kRunListFile).string();
  config_of_run(folder);  // says what is wrong with the folder
  return (folder / "config.yaml").string();
}

// A table of the methods on stdout, from summary.json; `run` names it beside others.
void print_summary(const fs::path& folder, const std::string& run = "") {
  const auto summary = nlohmann::ordered_json::parse(read_file(folder / "summary.json"));
  if (!run.empty()) fmt::print("{}\n", run);
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

fs::path run_one(const RunConfig& config, const std::optional<fs::path>& resume) {
  const RunOutcome outcome = run_experiment(config, resume);
  for (const auto& warning : outcome.warnings) fmt::print(stderr, "warning: {}\n", warning);
  return outcome.folder;
}

void run_single(const Options& options, const std::string& path) {
  RunConfig config = load_run_config(path, all_overrides(options));
  if (!options.output.empty()) config.output = options.output;
  if (options.print_config) {
    fmt::print("{}", to_yaml(config));
    return;
  }
  std::optional<fs::path> resume;
  if (!options.resume.empty()) resume = options.resume;
  const fs::path folder = run_one(config, resume);
  print_summary(folder);
  fmt::print("\n{}\n", (folder / "report.html").string());
}

// The folder of a list, with the list in it: its runs get folders of their own in there.
fs::path folder_of_list(const Options& options, const RunList& list) {
  if (!options.resume.empty()) {
    WHY_CHECK(fs::exists(fs::path(options.resume) / kRunListFile), "cannot resume ", options.resume,
              ": there is no ", kRunListFile, " in it");
    return options.resume;
  }
  const fs::path folder =
      options.output.empty() ? fresh_run_folder(list.name, list.yaml) : fs::path(options.output);
  make_empty_folder(folder);
  write_file(folder / kRunListFile, list.yaml);
  return folder;
}

void run_list(const Options& options, const std::string& path) {
  RunList list = load_run_list(path, all_overrides(options));
  if (options.print_config) {
    for (const auto& config : list.runs) fmt::print("---\n{}", to_yaml(config));
    return;
  }
  for (const auto& config : list.runs) validate_experiment(config);  // a mistake shows before the work begins
  const fs::path folder = folder_of_list(options, list);
  std::vector<fs::path> folders;
  for (auto& config : list.runs) {
    config.output = (folder / config.name).string();
    const bool begun = fs::exists(fs::path(config.output) / "config.yaml");
    folders.push_back(run_one(config, begun ? std::optional<fs::path>(config.output) : std::nullopt));
  }
  for (std::size_t i = 0; i < folders.size(); ++i)
    print_summary(folders[i], text(i > 0 ? "\n" : "", list.runs[i].name));
  fmt::print("\n");
  for (const auto& each : folders) fmt::print("{}\n", (each / "report.html").string());
}

void run(const Options& options) {
  check_config(options);
  const std::string path = config_path(options);
  is_run_list(path) ? run_list(options, path) : run_single(options, path);
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
