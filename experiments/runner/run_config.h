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

struct ComparisonOptions;  // report/comparisons.h

extern const std::vector<std::string> kControls;
inline const std::vector<std::string> kBatches = {"sample", "block"};  // whose sets share a batch

struct RunConfig {
  std::string task;   // see kTasks; decides which of the keys below there are
  std::string name;   // of the run; the file's name by default
  std::string model;  // a bundle
  std::string data;   // a folder of interactions, or of labelled texts (datasets/texts.h)

  // recommendation: the last item of a history is the test item, the one before is for validation: "test"
  // explains what is recommended after all but the last, "validation" after all but the last two.
  // texts: the part of the data, "train" among them.
  std::string split = "test";
  int limit = 0;  // samples; 0: all

  // recommendation
  int history_limit = 0;  // the model sees so many items at most; 0: as many as it takes

  // texts
  std::vector<std::string> texts;    // in place of data
  std::string unit = "word";         // word, piece, sentence
  int min_parts = 0, max_parts = 0;  // only texts of so many words, pieces or sentences; 0: no bound
  int max_tokens = 0;                // only texts of so many tokens at most, special ones included; 0: all
  bool shuffle = false;              // the data in an order drawn from the seed, before the limit

  ExplanationOptions explanation;
  std::vector<std::string> methods = {"cleann"};  // experiments/methods.h
  std::vector<std::string> controls = {"permuted", "random"};
  // Model calls of a search through all sets, which gives the optimum; 0 leaves it out.
  int exhaustive_calls = 0;
  int exhaustive_parts = 0;  // only for inputs of so many items or words at most; 0: for all
  bool aopc = false;         // comprehensiveness and sufficiency of each ranking; its scores are kept

  std::uint64_t seed = 1;
  std::string device = "cpu";
  std::string batches = "sample";  // see kBatches
  bool ahead = false;              // learns the graphs of the next block while this one's sets are asked
  int threads = 0;                 // 0: all of the machine's
  std::string output;              // the run folder; by default runs/<name>/<time>-<hash>
};

void describe(Fields& fields, RunConfig& config);

// The methods of a run are compared with the first one that it names.
ComparisonOptions comparison_options(const RunConfig& config);

// Reads, checks and resolves: no key is left to be filled in from the machine or the file's name. UserError
// begins with the file.
RunConfig load_run_config(const std::string& path, std::span<const std::string> overrides = {});

// `written`, or the name of the file. UserError when that cannot be a folder's.
std::string folder_name(const std::string& written, const std::string& path);

}  // namespace why
