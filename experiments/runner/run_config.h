// What a run does: one YAML file, `whyformer run` reads it, the run folder keeps it as resolved.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "experiments/explanation_options.h"

namespace why {

extern const std::vector<std::string> kSplits, kControls;

struct RunConfig {
  std::string task;   // "recommendation"
  std::string name;   // of the run; the file's name by default
  std::string model;  // a bundle
  std::string data;   // a folder of interactions

  // The last item of a history is the test item, the one before is for validation: "test" explains what is
  // recommended after all but the last, "validation" after all but the last two.
  std::string split = "test";
  int limit = 0;          // samples; 0: all
  int history_limit = 0;  // the model sees so many items at most; 0: as many as it takes

  ExplanationOptions explanation;
  std::vector<std::string> controls = {"permuted", "random"};
  // Model calls of a search through all sets, which gives the optimum; 0 leaves it out.
  int exhaustive_calls = 0;

  std::uint64_t seed = 1;
  std::string device = "cpu";
  int threads = 0;     // 0: all of the machine's
  std::string output;  // the run folder; by default runs/<name>/<time>-<hash>
};

void describe(Fields& fields, RunConfig& config);

// Reads, checks and resolves: no key is left to be filled in from the machine or the file's name. UserError
// begins with the file.
RunConfig load_run_config(const std::string& path, std::span<const std::string> overrides = {});

}  // namespace why
