// An experiment from its configuration to its run folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/runner/rank.h"
#include "experiments/runner/run_config.h"

namespace why {

struct RunOutcome {
  std::filesystem::path folder;
  std::vector<std::string> warnings;  // what the report lacks, and why
};

// Explains every sample, block by block, and writes the run folder (run_folder.h). `resume`: the folder of a
// run that was killed, which is continued behind its last whole block.
//
// Of several ranks, the first makes the folder, puts together what all of them explained (shared_blocks.h)
// and writes the results: the same bytes as of one. The others wait for the folder, explain their share in it
// and return without a word; all need one and the same config.output or `resume`. A CUDA device is the
// configuration's, counted on by the rank's number on its machine.
RunOutcome run_experiment(const RunConfig& config, const std::optional<std::filesystem::path>& resume = {},
                          const Rank& rank = {});

// Reads what a configuration names without opening the model, so that mistakes show before the work begins;
// says in a line what would be done. With `resume`, also whether that folder holds this run.
std::string validate_experiment(const RunConfig& config,
                                const std::optional<std::filesystem::path>& resume = {});

// Every set that a run reports, asked of the model again.
struct Verification {
  std::string task;
  std::int64_t samples = 0, sets = 0;
  std::int64_t flipped = 0;        // sets without which the answer is another
  std::int64_t same_answer = 0;    // of these: the one reported
  std::int64_t same_margin = 0;    // of these: with the margin reported (Replay)
  std::vector<std::string> wrong;  // the others, each in words
  std::vector<std::string> warnings;
  bool all_good() const { return same_margin == sets; }
};
Verification verify_run(const std::filesystem::path& folder);

}  // namespace why
