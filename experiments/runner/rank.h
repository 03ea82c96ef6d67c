// Which of several processes this one is, when one run is shared among them.
//
// Launchers say it in the environment: torchrun in RANK, WORLD_SIZE and LOCAL_RANK, Slurm's srun in
// SLURM_PROCID, SLURM_STEP_NUM_TASKS and SLURM_LOCALID.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace why {

struct Rank {
  int number = 0, count = 1;
  int local = 0;  // among those of this machine

  bool is_first() const { return number == 0; }
  bool is_alone() const { return count == 1; }
};

// UserError for half a rank and for one that cannot be.
Rank rank_of_environment();

// UserError when there are several ranks and no folder is named in which all of them work.
void check_shared_folder(const Rank& rank, const std::filesystem::path& named);

// What tells a process started by us that it is `rank`.
std::map<std::string, std::string> environment_of(const Rank& rank);

}  // namespace why
