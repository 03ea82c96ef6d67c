// What a configuration names, opened: the samples to explain and the options of the task. A task is an
// implementation of this.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "experiments/datasets/interactions.h"
#include "experiments/runner/run_config.h"
#include "experiments/tasks/subject.h"

namespace why {

class TaskRun {
 public:
  virtual ~TaskRun() = default;

  std::filesystem::path bundle;
  BundleInfo info;
  TaskOptions options;
  bool together = false;  // the sets of a block's samples go through the model in one batch
  bool ahead = false;     // the graphs of the next block are learned meanwhile
  ItemTitles titles;      // for the report; empty: answers go by their names
  // what the run depends on, SHA-256 by file
  std::map<std::string, std::string> model_hashes, data_hashes;

  virtual std::size_t num_samples() const = 0;
  virtual std::string source(std::size_t number) const = 0;  // as its record names it
  virtual Subject subject(Model& model, std::size_t number) const = 0;
  virtual std::string in_words() const = 0;  // what would be done, without a full stop
};

// Reads the bundle's description and the data, not the weights. UserError for what is missing, damaged, or
// does not fit.
std::unique_ptr<TaskRun> open_task_run(const RunConfig& config);

// For implementations: the bundle and the options that all tasks have. UserError for a bundle of another
// kind.
void open_model_of_run(TaskRun& run, const RunConfig& config);

}  // namespace why
