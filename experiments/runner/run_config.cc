#include "experiments/runner/run_config.h"

#include <set>

#include "core/device.h"
#include "core/parallel.h"
#include "experiments/report/task_words.h"

namespace why {

const std::vector<std::string> kSplits = {"test", "validation"};
const std::vector<std::string> kControls = {"permuted", "random"};

void describe(Fields& fields, RunConfig& config) {
  Constraint task = one_of(kTasks);
  task.required = true;
  fields.field("task", config.task, "what is explained", task);
  fields.field("name", config.name, "name of the run; the file's name by default");
  fields.field("model", config.model, "a model bundle", required());
  fields.field("data", config.data, "a folder of interactions", required());
  fields.field("split", config.split, "which item is held out", one_of(kSplits));
  fields.field("limit", config.limit, "number of samples; 0: all", in_range(0));
  fields.field("history_limit", config.history_limit, "the model sees so many items at most; 0: all it takes",
               in_range(0));
  describe(fields, config.explanation);
  fields.field("controls", config.controls, "searches without the graph's knowledge", one_of(kControls));
  fields.field("exhaustive_calls", config.exhaustive_calls,
               "model calls of a search through all sets; 0 leaves it out", in_range(0, 1'000'000));
  fields.field("seed", config.seed, "of the controls");
  fields.field("device", config.device, "cpu, cuda, cuda:N, or auto");
  fields.field("threads", config.threads, "0: all of the machine's", in_range(0, 1024));
  fields.field("output", config.output, "the run folder; by default runs/<name>/<time>-<hash>");
}

namespace {

void check_controls(const std::vector<std::string>& controls) {
  std::set<std::string> seen;
  for (const auto& control : controls)
    WHY_CHECK(seen.insert(control).second, "controls names \"", control, "\" twice");
}

}  // namespace

RunConfig load_run_config(const std::string& path, std::span<const std::string> overrides) {
  RunConfig config;
  const ConfigTree tree = ConfigTree::load(path, overrides);
  WHY_CHECK(!tree.scalar("task").empty() || tree.scalar("architecture").empty(), path,
            " configures a training: `whyformer train` takes it");
  tree.read(config);
  try {
    check(config.explanation);
    check_controls(config.controls);
    config.device = parse_device(config.device).name();
  } catch (const UserError& error) {
    throw UserError(text(path, ": ", error.what()));
  }
  if (config.name.empty()) config.name = std::filesystem::path(path).stem().string();
  WHY_CHECK(config.name.find('/') == std::string::npos && config.name.front() != '.', path, ": name \"",
            config.name, "\" cannot be a folder's name");
  if (config.threads == 0) config.threads = hardware_threads();
  return config;
}

}  // namespace why
