#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "experiments/commands/commands.h"
#include "experiments/commands/configuration_page.h"
#include "experiments/discovery.h"
#include "experiments/methods.h"
#include "experiments/paths.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/run_config.h"
#include "experiments/tasks/text_units.h"
#include "models/formats/bundle.h"

namespace why {
namespace {

namespace fs = std::filesystem;

// Bundles under checkpoints/, here and beside the program.
std::vector<std::string> known_models() {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const fs::path& root : {fs::path("."), project_root()})
    for (const auto& entry : fs::directory_iterator(root / "checkpoints", ignored))
      if (fs::exists(entry.path() / kBundleFile, ignored))
        out.push_back("checkpoints/" + entry.path().filename().string());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void line(const char* what, const std::vector<std::string>& names) {
  fmt::print("{:<11} {}\n", what, fmt::join(names, ", "));
}

void print_names() {
  line("tasks", kTasks);
  line("searches", kSearches);
  line("estimators", kModelEstimators);
  line("removals", kRemovals);
  line("units", kUnits);
  line("methods", kMethods);
  line("ways", kWays);
  line("controls", kControls);
  line("models", known_models());
  line("tests", kIndependenceTests);
  line("formats", kGraphFormats);
  fmt::print("\nWhat the methods do; \"METHOD:WAY\" makes sets of a ranking in one of the ways.\n\n");
  for (const auto& method : kMethods) fmt::print("{:<20} {}\n", method, method_text(method).sentence);
}

}  // namespace

void add_list(CLI::App& app) {
  auto* command = app.add_subcommand("list", "names of tasks, searches, methods, models, tests and formats");
  const auto keys = std::make_shared<bool>(false);
  command->add_flag("--keys", *keys, "the keys of configurations instead, as docs/configuration.md has them");
  command->callback([keys] { *keys ? fmt::print("{}", configuration_page()) : print_names(); });
}

}  // namespace why
