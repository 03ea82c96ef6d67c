#include "experiments/runner/task_run.h"

#include <algorithm>

#include "core/errors.h"
#include "experiments/paths.h"
#include "experiments/runner/recommendation_run.h"
#include "models/formats/bundle.h"

namespace why {
namespace {

namespace fs = std::filesystem;

// What of a bundle decides about its answers; cards and logs beside it may change.
std::vector<fs::path> files_of_bundle(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const char* name : {kBundleFile, kItemsFile, kScriptFile, kWeightsFile})
    if (fs::exists(folder / name)) out.push_back(folder / name);
  return out;
}

}  // namespace

void open_model_of_run(TaskRun& run, const RunConfig& config, const std::string& kind) {
  run.bundle = find_path(config.model, "the model");
  run.info = read_bundle(run.bundle);
  WHY_CHECK(run.info.kind == kind, run.bundle.string(), " is a ", run.info.kind, ", and the task ",
            config.task, " needs a ", kind);
  check(config.explanation, run.info);
  run.model_files = files_of_bundle(run.bundle);
  run.options = {.explanation = config.explanation,
                 .controls = config.controls,
                 .exhaustive_calls = config.exhaustive_calls,
                 .seed = config.seed,
                 .threads = config.threads};
}

std::unique_ptr<TaskRun> open_task_run(const RunConfig& config) { return open_recommendation_run(config); }

}  // namespace why
