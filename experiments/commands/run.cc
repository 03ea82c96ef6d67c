#include "experiments/runner/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/file_lock.h"
#include "core/files.h"
#include "core/parallel.h"
#include "experiments/commands/commands.h"
#include "experiments/commands/start_ranks.h"
#include "experiments/paths.h"
#include "experiments/report/sweep_comparison.h"
#include "experiments/runner/run_folder.h"
#include "experiments/runner/run_list.h"

namespace why {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string config, resume, output, device;
  std::vector<std::string> overrides, sweep;
  int limit = 0, threads = 0, ranks = 0;
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
  WHY_CHECK(options.sweep.empty() || options.resume.empty(),
            "--resume continues a sweep as it was begun, without -m");
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
  std::size_t width = 12;
  for (const auto& [name, method] : summary.at("methods").items()) width = std::max(width, name.size());
  fmt::print("{:<{}} {:>9} {:>10} {:>10} {:>12}\n", "method", width, "samples", "explained", "mean size",
             "calls/sample");
  for (const auto& [name, method] : summary.at("methods").items()) {
    const auto number = [](const nlohmann::ordered_json& value, const char* form) {
      return value.is_null() ? std::string("-") : fmt::format(fmt::runtime(form), value.get<double>());
    };
    fmt::print("{:<{}} {:>9} {:>10} {:>10} {:>12}\n", name, width, method.at("samples").get<std::int64_t>(),
               number(method.at("share_explained"), "{:.3f}"), number(method.at("size").at("mean"), "{:.2f}"),
               number(method.at("calls_a_sample").at("mean"), "{:.1f}"));
  }
}

bool is_list(const Options& options, const std::string& path) {
  return !options.sweep.empty() || is_run_list(path);
}

RunList list_of(const Options& options, const std::string& path) {
  return load_run_list(path, all_overrides(options), options.sweep);
}

fs::path run_one(const RunConfig& config, const std::optional<fs::path>& resume, const Rank& rank) {
  const RunOutcome outcome = run_experiment(config, resume, rank);
  print_warnings(outcome.warnings);
  return outcome.folder;
}

void run_single(const Options& options, const std::string& path, const Rank& rank) {
  RunConfig config = load_run_config(path, all_overrides(options));
  if (!options.output.empty()) config.output = options.output;
  std::optional<fs::path> resume;
  if (!options.resume.empty()) resume = options.resume;
  if (options.print_config) {
    if (resume) RunFolder::check_can_resume(*resume, config);
    fmt::print("{}", to_yaml(config));
    return;
  }
  const fs::path folder = run_one(config, resume, rank);
  if (!rank.is_first()) return;
  print_summary(folder);
  fmt::print("\n{}\n", (folder / "report.html").string());
}

void check_list_to_resume(const Options& options) {
  WHY_CHECK(options.resume.empty() || fs::exists(fs::path(options.resume) / kRunListFile), "cannot resume ",
            options.resume, ": there is no ", kRunListFile, " in it");
}

// The folder of a list, with the list in it: its runs get folders of their own in there.
fs::path folder_of_list(const Options& options, const RunList& list) {
  check_list_to_resume(options);
  if (!options.resume.empty()) return options.resume;
  const fs::path folder =
      options.output.empty() ? fresh_run_folder(list.name, list.yaml) : fs::path(options.output);
  make_empty_folder(folder);
  write_file(folder / kRunListFile, list.yaml);
  return folder;
}

// Begins the run, or goes on with it.
fs::path run_in_list(const RunConfig& config, const Rank& rank) {
  const bool begun = fs::exists(fs::path(config.output) / "config.yaml");
  return run_one(config, begun ? std::optional<fs::path>(config.output) : std::nullopt, rank);
}

// Has this very run come to its end, its report with it? UserError when its folder holds another one.
bool is_over(const RunConfig& config) {
  const fs::path folder = config.output;
  if (!RunFolder::is_finished(folder) || !fs::exists(folder / "report.html")) return false;
  validate_experiment(config, folder);
  return true;
}

// The points of a sweep, and their comparison. A point that cannot be run (a search that its model does not
// take shows only with the model) is told of at once, and the others go on.
void run_points(const RunList& list, const fs::path& folder, const Rank& rank) {
  std::vector<std::string> failed;
  for (const auto& config : list.runs) {
    try {
      if (is_over(config)) continue;
      run_in_list(config, rank);
    } catch (const UserError& error) {
      failed.push_back(text(config.name, ": ", error.what()));
      if (rank.is_first()) print_warnings({failed.back()});
    }
  }
  if (!rank.is_first()) return;
  const SweepComparison comparison = compare_points(folder, list);
  print_warnings(write_comparison(folder, comparison));
  fmt::print("{}\n{}\n", in_columns(comparison), (folder / "comparison.md").string());
  WHY_CHECK(failed.empty(), failed.size(), " of the ", list.runs.size(),
            " points could not be run, the first of them ", failed.front());
}

void run_list(const Options& options, const std::string& path, const Rank& rank) {
  RunList list = list_of(options, path);
  if (options.print_config) {
    check_list_to_resume(options);
    for (const auto& config : list.runs) fmt::print("---\n{}", to_yaml(config));
    return;
  }
  for (const auto& config : list.runs) validate_experiment(config);  // a mistake shows before the work begins
  const fs::path named = options.resume.empty() ? options.output : options.resume;
  check_shared_folder(rank, named);
  const fs::path folder = rank.is_first() ? folder_of_list(options, list) : named;
  std::optional<FileLock> held;  // against a second process that goes on with the list
  if (rank.is_first()) held.emplace(folder / kRunListFile);
  for (auto& config : list.runs) config.output = (folder / config.name).string();
  if (list.is_sweep()) return run_points(list, folder, rank);
  std::vector<fs::path> folders;
  for (const auto& config : list.runs) folders.push_back(run_in_list(config, rank));
  if (!rank.is_first()) return;
  for (std::size_t i = 0; i < folders.size(); ++i)
    print_summary(folders[i], text(i > 0 ? "\n" : "", list.runs[i].name));
  fmt::print("\n");
  for (const auto& each : folders) fmt::print("{}\n", (each / "report.html").string());
}

// What the caller did not say about threads, the ranks divide among themselves.
std::vector<std::string> overrides_of_ranks(const Options& options, const std::string& path) {
  std::vector<std::string> out = options.overrides;
  if (options.resume.empty() && ConfigTree::load(path, all_overrides(options)).scalar("threads").empty())
    out.push_back(fmt::format("threads={}", std::max(1, hardware_threads() / options.ranks)));
  return out;
}

// What a mistake would stop, stops here, once and not in every rank.
void validate_runs(const Options& options, const std::string& path) {
  const auto validate = [](const RunConfig& config, const fs::path& resume) {
    const bool begun = !resume.empty() && fs::exists(resume / "config.yaml");
    validate_experiment(config, begun ? std::optional(resume) : std::nullopt);
  };
  if (!is_list(options, path)) return validate(load_run_config(path, all_overrides(options)), options.resume);
  for (const auto& config : list_of(options, path).runs)
    validate(config, options.resume.empty() ? fs::path() : fs::path(options.resume) / config.name);
}

// The folder of a new run, in which all ranks work.
fs::path folder_of_ranks(const Options& options, const std::string& path) {
  if (!options.output.empty()) return options.output;
  if (is_list(options, path)) {
    const RunList list = list_of(options, path);
    return fresh_run_folder(list.name, list.yaml);
  }
  const RunConfig config = load_run_config(path, all_overrides(options));
  return config.output.empty() ? fresh_run_folder(config.name, to_yaml(config)) : fs::path(config.output);
}

// The command line of one rank.
std::vector<std::string> arguments_of_rank(const Options& options, const std::string& path) {
  std::vector<std::string> out = {"run"};
  const auto add = [&](const char* option, const std::string& value) {
    if (value.empty()) return;
    out.push_back(option);
    out.push_back(value);
  };
  if (!options.config.empty()) {
    out.push_back(options.config);
    for (const auto& each : overrides_of_ranks(options, path)) out.push_back(each);
  }
  if (!options.sweep.empty()) out.push_back("-m");
  out.insert(out.end(), options.sweep.begin(), options.sweep.end());
  add("--device", options.device);
  add("--limit", options.limit > 0 ? std::to_string(options.limit) : "");
  add("--threads", options.threads > 0 ? std::to_string(options.threads) : "");
  add("--resume", options.resume);
  if (options.resume.empty()) add("--output", folder_of_ranks(options, path).string());
  return out;
}

void run_ranks(const Options& options, const std::string& path) {
  WHY_CHECK(rank_of_environment().is_alone(),
            "--ranks starts ranks, and this process is one already: its launcher says so in the environment");
  validate_runs(options, path);
  const int code = start_ranks(options.ranks, arguments_of_rank(options, path));
  if (code != 0) throw CLI::RuntimeError(code);
}

void run(const Options& options) {
  check_config(options);
  const std::string path = config_path(options);
  const Rank rank = rank_of_environment();
  if (rank.is_alone() && options.resume.empty() && is_list(options, path))
    check_new_sweep(list_of(options, path));
  if (options.ranks > 0 && !options.print_config) return run_ranks(options, path);
  is_list(options, path) ? run_list(options, path, rank) : run_single(options, path, rank);
}

}  // namespace

void add_run(CLI::App& app) {
  auto* command = app.add_subcommand("run", "runs an experiment and leaves a run folder");
  const auto options = std::make_shared<Options>();
  command->add_option("CONFIG", options->config, "a YAML file, e.g. configs/quickstart.yaml");
  command->add_option("OVERRIDES", options->overrides, "key.sub=value, applied after the file");
  command
      ->add_option("-m,--sweep", options->sweep,
                   "key=value,value: a run at each point of the grid, compared at the end")
      ->type_name("KEY=VALUES");
  auto* resume =
      command->add_option("--resume", options->resume, "continue the run in this folder")->type_name("DIR");
  resume->check(not_empty());
  command->add_option("--output", options->output, "the run folder; by default runs/<name>/<time>-<hash>")
      ->type_name("DIR")
      ->check(not_empty())
      ->excludes(resume);
  command->add_option("--limit", options->limit, "explain the first N samples only")
      ->type_name("N")
      ->check(at_least_one());
  command->add_option("--device", options->device, "cpu, cuda, cuda:N, or auto");
  command->add_option("--threads", options->threads, "CPU threads; all by default")
      ->check(one_to(kMostThreads));
  command
      ->add_option(
          "--ranks", options->ranks,
          "processes that share the samples; torchrun and srun may start them instead (then with --output)")
      ->type_name("N")
      ->check(one_to(kMostThreads));
  command->add_flag("--print-config", options->print_config, "print the resolved configuration and stop");
  command->callback([options] { run(*options); });
}

}  // namespace why
