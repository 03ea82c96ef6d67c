// `whyformer run` by several ranks, started by itself and as a launcher starts them.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/records.h"
#include "tests/experiments/small_recommender.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

// 40 samples in blocks of 16: three blocks, one for each of three ranks.
class RunRanks : public SmallRecommender {
 protected:
  static void SetUpTestSuite() {
    SmallRecommender::SetUpTestSuite();
    ASSERT_EQ(program({"run", "run.yaml", "--output", "single"}).exit_code, 0);
  }

  static void expect_same_as_single(const std::string& folder) {
    for (const char* name : {"config.yaml", "samples.jsonl", "metrics.csv", "summary.json"})
      EXPECT_EQ(contents(text(folder, "/", name)), contents(text("single/", name))) << name;
    EXPECT_TRUE(fs::exists(root_ / folder / "report.html"));
    EXPECT_FALSE(fs::exists(root_ / folder / "ranks"));
    EXPECT_TRUE(nlohmann::json::parse(contents(folder + "/environment.json")).contains("seconds"));
  }

  // One rank of three, as torchrun starts it. Each writes what it prints to a folder of its own.
  static ProgramRun rank(int number, const std::vector<std::string>& arguments,
                         const std::function<bool()>& kill_when = {}) {
    const fs::path own = root_ / text("rank", number);
    fs::create_directories(own);
    for (const char* each : {"run.yaml", "model", "data"})
      if (!fs::exists(own / each)) fs::create_symlink(root_ / each, own / each);
    return run_program(arguments, own, kill_when, "/dev/null", SIGKILL,
                       {{"RANK", std::to_string(number)}, {"WORLD_SIZE", "3"}, {"LOCAL_RANK", "0"}});
  }
};

TEST_F(RunRanks, GiveTheBytesOfASingleRun) {
  const auto run = program({"run", "run.yaml", "--ranks", "3", "--output", "shared"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, AllOf(HasSubstr("cleann"), HasSubstr("shared/report.html")));
  EXPECT_EQ(run.out.find("cleann"), run.out.rfind("cleann"));  // one rank prints
  expect_same_as_single("shared");
}

TEST_F(RunRanks, GiveThemWhereEachLearnsItsNextBlockAhead) {
  const auto run = program({"run", "run.yaml", "ahead=true", "--ranks", "2", "--output", "ahead"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(contents("ahead/samples.jsonl"), contents("single/samples.jsonl"));
}

TEST_F(RunRanks, AKilledRanksBlocksAreTakenUp) {
  const std::vector<std::string> arguments = {"run", "run.yaml", "--output", (root_ / "launched").string()};
  ProgramRun first, second, third;
  {
    // the third is killed as soon as it has opened its journal
    std::jthread a([&] { first = rank(0, arguments); });
    std::jthread b([&] { second = rank(1, arguments); });
    std::jthread c([&] {
      third = rank(2, arguments, [] { return fs::exists(root_ / "launched/ranks/2/timings.jsonl"); });
    });
  }
  EXPECT_EQ(third.exit_code, -1);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(second.out, "");
  expect_same_as_single("launched");
}

TEST_F(RunRanks, ResumeTakesUpWhatAKilledRunLeft) {
  const auto begin = [&](const std::string& folder) {
    const auto killed = program({"run", "run.yaml", "--ranks", "2", "--output", folder}, [&] {
      for (const char* each : {"0", "1"}) {
        const fs::path journal = root_ / folder / "ranks" / each / "timings.jsonl";
        if (fs::exists(journal) && fs::file_size(journal) > 0) return true;
      }
      return false;
    });
    EXPECT_EQ(killed.exit_code, -1);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the ranks end with their parent
    EXPECT_FALSE(fs::exists(root_ / folder / "summary.json"));
  };
  begin("by_ranks");
  const auto by_ranks = program({"run", "--resume", "by_ranks", "--ranks", "3"});
  ASSERT_EQ(by_ranks.exit_code, 0) << by_ranks.err;
  expect_same_as_single("by_ranks");

  begin("alone");
  const auto alone = program({"run", "--resume", "alone"});
  ASSERT_EQ(alone.exit_code, 0) << alone.err;
  expect_same_as_single("alone");

  // a single run that was cut, continued by ranks
  fs::copy(root_ / "single", root_ / "cut", fs::copy_options::recursive);
  const auto size = fs::file_size(root_ / "cut/samples.jsonl");
  fs::resize_file(root_ / "cut/samples.jsonl", size * 3 / 4);
  const auto cut = program({"run", "--resume", "cut", "--ranks", "2"});
  ASSERT_EQ(cut.exit_code, 0) << cut.err;
  expect_same_as_single("cut");

  const auto finished = program({"run", "--resume", "cut", "--ranks", "2"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  expect_same_as_single("cut");
}

TEST_F(RunRanks, AListOfRunsIsSharedToo) {
  write_file(root_ / "list.yaml", "runs: [run.yaml, other.yaml]\n");
  write_file(root_ / "other.yaml", contents("run.yaml") + "limit: 20\n");
  const auto run = program({"run", "list.yaml", "--ranks", "2", "--output", "both"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  expect_same_as_single("both/run");
  EXPECT_EQ(whole_lines(root_ / "both/other/samples.jsonl").size(), 20u);
}

TEST_F(RunRanks, Mistakes) {
  EXPECT_THAT(mistake({"run", "run.yaml", "--ranks", "0"}), HasSubstr("--ranks"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--ranks", "2", "model=nowhere"}),
              HasSubstr("the model nowhere does not exist"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--ranks", "2", "--output", "single"}),
              HasSubstr("single exists and is not empty"));
  EXPECT_THAT(mistake({"run", "--resume", "single", "--ranks", "2", "--limit", "7"}),
              HasSubstr("cannot resume single: its limit is 0, not 7"));
  const auto homeless = rank(1, {"run", "run.yaml"});
  EXPECT_EQ(homeless.exit_code, 2);
  EXPECT_THAT(homeless.err, HasSubstr("the 3 ranks need --output"));
  const auto twice = rank(0, {"run", "run.yaml", "--ranks", "2"});
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("this process is one already"));
}

TEST_F(RunRanks, ThreadsAreDividedAmongThem) {
  const auto printed = program({"run", "run.yaml", "--ranks", "2", "--threads", "3", "--print-config"});
  EXPECT_THAT(printed.out, HasSubstr("threads: 3\n"));
  write_file(root_ / "free.yaml", "task: recommendation\nmodel: model\ndata: data\nlimit: 2\n");
  const auto run = program({"run", "free.yaml", "--ranks", "2", "--output", "free"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
  EXPECT_THAT(contents("free/config.yaml"), HasSubstr(text("threads: ", threads, "\n")));
}

}  // namespace
}  // namespace why
