#include "experiments/runner/rank.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "core/errors.h"

namespace why {
namespace {

class RankTest : public ::testing::Test {
 protected:
  RankTest() { clear(); }
  ~RankTest() override { clear(); }

  static void clear() {
    for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS",
                             "SLURM_NTASKS", "SLURM_LOCALID"})
      ::unsetenv(name);
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

TEST_F(RankTest, AProcessWithoutALauncherIsAlone) {
  EXPECT_TRUE(rank_of_environment().is_alone());
  set("SLURM_PROCID", "0");  // a batch script, whose job has four tasks and whose own process is none of them
  set("SLURM_NTASKS", "4");
  EXPECT_TRUE(rank_of_environment().is_alone());
}

TEST_F(RankTest, TorchrunAndSlurmSayWhichOneItIs) {
  set("SLURM_PROCID", "5");
  set("SLURM_STEP_NUM_TASKS", "8");
  set("SLURM_LOCALID", "1");
  const Rank slurm = rank_of_environment();
  EXPECT_EQ(slurm.number, 5);
  EXPECT_EQ(slurm.count, 8);
  EXPECT_EQ(slurm.local, 1);

  for (const auto& [name, value] : environment_of({2, 3, 2})) set(name.c_str(), value.c_str());
  const Rank inner = rank_of_environment();  // torchrun under srun
  EXPECT_EQ(inner.number, 2);
  EXPECT_EQ(inner.count, 3);
  EXPECT_EQ(inner.local, 2);
}

TEST_F(RankTest, MistakesNameTheVariable) {
  const auto error = [](const char* number, const char* count) {
    clear();
    if (number) set("RANK", number);
    set("WORLD_SIZE", count);
    try {
      rank_of_environment();
    } catch (const UserError& mistake) {
      return std::string(mistake.what());
    }
    return std::string("no mistake");
  };
  EXPECT_EQ(error("3", "3"), "the environment's RANK is 3, which is no rank of WORLD_SIZE 3");
  EXPECT_EQ(error("-1", "3"), "the environment's RANK must be a whole number of at least 0, not \"-1\"");
  EXPECT_EQ(error("one", "3"), "the environment's RANK must be a whole number of at least 0, not \"one\"");
  EXPECT_EQ(error("0", "0"), "the environment's RANK is 0, which is no rank of WORLD_SIZE 0");
  EXPECT_EQ(error(nullptr, "3"), "the environment holds WORLD_SIZE and no RANK");
}

}  // namespace
}  // namespace why
