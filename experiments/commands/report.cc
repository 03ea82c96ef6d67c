#include "experiments/report/report.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/config.h"
#include "core/errors.h"
#include "experiments/commands/commands.h"
#include "experiments/paths.h"
#include "experiments/report/sweep_comparison.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/run_folder.h"

namespace why {
namespace {

// Of the data folder that the run's configuration names; where that cannot be read, items go by their ids.
ItemTitles titles_of_run(const std::filesystem::path& run_folder) {
  const ConfigTree config = ConfigTree::load((run_folder / "config.yaml").string());
  const std::string task = config.scalar("task");
  if (std::find(kTasks.begin(), kTasks.end(), task) != kTasks.end() && words_of(task).of_text) return {};
  const std::string data = config.scalar("data");
  try {
    return read_interactions(find_path(data, "the data folder")).titles;
  } catch (const UserError& error) {
    print_warnings({text(error.what(), "; items go by their ids")});
    return {};
  }
}

void render(const std::filesystem::path& folder) {
  const RunsInFolder runs = runs_in_folder(folder);
  print_warnings(runs.warnings);
  for (const auto& run : runs.folders) {
    WHY_CHECK(std::filesystem::exists(run / "samples.jsonl"), run.string(),
              " is no run folder: it has no samples.jsonl");
    write_results(run);
    print_warnings(write_report(run, titles_of_run(run)));
    std::puts((run / "report.html").c_str());
  }
  if (!std::filesystem::exists(folder / kRunListFile)) return;
  const RunList list = load_run_list((folder / kRunListFile).string());
  if (!list.is_sweep()) return;
  print_warnings(write_comparison(folder, compare_points(folder, list)));
  std::puts((folder / "comparison.md").c_str());
}

}  // namespace

void add_report(CLI::App& app) {
  auto* command = app.add_subcommand(
      "report", "computes the metrics of a run from its samples again, and renders figures and page");
  const auto folder = std::make_shared<std::string>();
  command->add_option("RUN_DIR", *folder, "the folder of a run, or of several")->required();
  command->callback([folder] { render(*folder); });
}

}  // namespace why
