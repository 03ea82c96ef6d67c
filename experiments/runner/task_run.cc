#include "experiments/runner/task_run.h"

#include <algorithm>

#include "core/errors.h"
#include "experiments/paths.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/recommendation_run.h"
#include "experiments/runner/run_folder.h"
#include "experiments/runner/text_run.h"
#include "models/formats/bundle.h"

namespace why {
namespace {

namespace fs = std::filesystem;

// What of a bundle decides about its answers: all but the cards and logs beside it.
std::vector<fs::path> files_of_bundle(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto ending = entry.path().extension();
    if (entry.is_regular_file() && ending != ".md" && ending != ".jsonl" && ending != ".csv")
      out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// With the files of an adapter's base as "base/config.json"; its weights' hash stands in bundle.yaml, and the
// model is not loaded where they differ.
std::map<std::string, std::string> hash_bundle(const BundleInfo& info) {
  auto out = hash_files(files_of_bundle(info.path));
  if (info.base_path.empty()) return out;
  auto files = files_of_bundle(info.base_path);
  std::erase_if(files, [](const fs::path& file) { return file.filename() == kWeightsFile; });
  for (const auto& [name, hash] : hash_files(files)) out["base/" + name] = hash;
  return out;
}

}  // namespace

void open_model_of_run(TaskRun& run, const RunConfig& config) {
  const std::string& kind = words_of(config.task).model_kind;
  run.bundle = find_path(config.model, "the model");
  run.info = read_bundle(run.bundle);
  WHY_CHECK(run.info.kind == kind, run.bundle.string(), " is a ", run.info.kind, ", and the task ",
            config.task, " needs a ", kind);
  check(config.explanation, run.info);
  run.together = config.batches == "block";
  run.ahead = config.ahead;
  run.model_hashes = hash_bundle(run.info);
  run.options = {.explanation = config.explanation,
                 .methods = config.methods,
                 .controls = config.controls,
                 .exhaustive_calls = config.exhaustive_calls,
                 .exhaustive_parts = config.exhaustive_parts,
                 .aopc = config.aopc,
                 .seed = config.seed,
                 .threads = config.threads};
}

std::unique_ptr<TaskRun> open_task_run(const RunConfig& config) {
  return words_of(config.task).of_text ? open_text_run(config) : open_recommendation_run(config);
}

}  // namespace why
