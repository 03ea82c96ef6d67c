#include "experiments/runner/run_config.h"

#include <set>

#include "core/device.h"
#include "core/parallel.h"
#include "experiments/methods.h"
#include "experiments/report/comparisons.h"
#include "experiments/report/task_words.h"
#include "experiments/tasks/text_units.h"

namespace why {

const std::vector<std::string> kControls = {"permuted", "random"};

namespace {

void describe_histories(Fields& fields, RunConfig& config) {
  fields.field("data", config.data, "a folder of interactions", required());
  fields.field("split", config.split, "which item is held out", one_of({"test", "validation"}));
  fields.field("history_limit", config.history_limit, "the model sees so many items at most; 0: all it takes",
               in_range(0));
}

void describe_masked_words(Fields& fields, RunConfig& config) {
  fields.field("texts", config.texts, "texts with [MASK] in the place of the word", required());
  fields.field("unit", config.unit, "what a text is taken apart into", one_of(kUnits));
}

void describe_texts(Fields& fields, RunConfig& config) {
  fields.field("data", config.data, "a folder of labelled texts: SST-2 or IMDB");
  fields.field("texts", config.texts, "texts, in place of data");
  fields.field("split", config.split, "which part of the data", one_of({"test", "validation", "train"}));
  fields.field("unit", config.unit, "what a text is taken apart into", one_of(kUnits));
  fields.field("min_parts", config.min_parts, "only texts of so many units at least; 0: no bound",
               in_range(0));
  fields.field("max_parts", config.max_parts, "only texts of so many units at most; 0: no bound",
               in_range(0));
  fields.field("max_tokens", config.max_tokens, "only texts of so many tokens at most; 0: all", in_range(0));
  fields.field("shuffle", config.shuffle, "the data in an order drawn from the seed");
}

}  // namespace

void describe(Fields& fields, RunConfig& config) {
  Constraint task = one_of(kTasks);
  task.required = true;
  fields.field("task", config.task, "what is explained", task);
  fields.field("name", config.name, "name of the run; the file's name by default");
  fields.field("model", config.model, "a model bundle", required());
  if (config.task == "recommendation") describe_histories(fields, config);
  if (config.task == "sentiment") describe_texts(fields, config);
  if (config.task == "masked-word") describe_masked_words(fields, config);
  fields.field("limit", config.limit, "number of samples; 0: all", in_range(0));
  describe(fields, config.explanation);
  fields.field("methods", config.methods, "what explains; `whyformer list` knows them");
  fields.field("controls", config.controls, "of cleann: searches without the graph's knowledge",
               one_of(kControls));
  fields.field("exhaustive_calls", config.exhaustive_calls,
               "model calls of a search through all sets; 0 leaves it out", in_range(0, 1'000'000));
  fields.field("exhaustive_parts", config.exhaustive_parts, "only for so many items or words at most; 0: all",
               in_range(0));
  fields.field("aopc", config.aopc,
               "measures each ranking by comprehensiveness and sufficiency, and keeps its scores");
  fields.field("seed", config.seed, "of the controls, and of the shuffle");
  fields.field("device", config.device, "cpu, cuda, cuda:N, or auto");
  fields.field("batches", config.batches,
               "whose sets go through the model together: one sample's, or a block's of 16 samples, which a "
               "GPU needs",
               one_of(kBatches));
  fields.field(
      "ahead", config.ahead,
      "reads attention and learns graphs of the next block of 16 samples, in a thread of its own, while "
      "this one's sets are asked");
  fields.field("threads", config.threads, "0: all of the machine's", in_range(0, kMostThreads));
  fields.field("output", config.output, "the run folder; by default runs/<name>/<time>-<hash>");
}

namespace {

void check_controls(const std::vector<std::string>& controls) {
  std::set<std::string> seen;
  for (const auto& control : controls)
    WHY_CHECK(seen.insert(control).second, "controls names \"", control, "\" twice");
}

}  // namespace

std::string folder_name(const std::string& written, const std::string& path) {
  const std::string name = written.empty() ? std::filesystem::path(path).stem().string() : written;
  WHY_CHECK(name.find('/') == std::string::npos && name.front() != '.', path, ": name \"", name,
            "\" cannot be a folder's name");
  return name;
}

ComparisonOptions comparison_options(const RunConfig& config) {
  return {config.methods.front(), config.explanation.sets.max_calls, config.seed};
}

RunConfig load_run_config(const std::string& path, std::span<const std::string> overrides) {
  RunConfig config;
  const ConfigTree tree = ConfigTree::load(path, overrides);
  WHY_CHECK(!tree.scalar("task").empty() || tree.scalar("architecture").empty(), path,
            " configures a training: `whyformer train` takes it");
  tree.read(config);
  try {
    resolve(config.explanation, config.task);
    check(config.explanation);
    check_methods(config.methods);
    check_controls(config.controls);
    config.device = parse_device(config.device).name();
  } catch (const UserError& error) {
    throw UserError(text(path, ": ", error.what()));
  }
  config.name = folder_name(config.name, path);
  if (config.threads == 0) config.threads = hardware_threads();
  return config;
}

}  // namespace why
