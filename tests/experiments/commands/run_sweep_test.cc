// `whyformer run CONFIG -m KEY=VALUES …`, as a user runs it.
#include <nlohmann/json.hpp>

#include "core/file_lock.h"
#include "experiments/report/comparisons.h"
#include "tests/experiments/small_recommender.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class RunSweep : public SmallRecommender {
 protected:
  static constexpr const char* kTables[] = {"comparison.md", "comparison.csv", "comparison.json"};
  static constexpr const char* kPoints[] = {"1_alpha=0.05_search=icd", "2_alpha=0.05_search=fci",
                                            "3_alpha=0.2_search=icd", "4_alpha=0.2_search=fci"};

  static std::vector<std::string> sweep(const std::string& output) {
    return {"run", "run.yaml", "--output", output, "-m", "graph.alpha=0.05,0.2", "search=icd,fci"};
  }

  static void SetUpTestSuite() {
    SmallRecommender::SetUpTestSuite();
    const auto run = program(sweep("whole"));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr(kPoints[0]), HasSubstr(kPoints[3]), HasSubstr("cleann"),
                               HasSubstr("whole/comparison.md")));
  }

  static void expect_same_as_whole(const std::string& folder) {
    for (const char* name : kTables)
      EXPECT_EQ(contents(text(folder, "/", name)), contents(text("whole/", name))) << name;
    for (const char* point : kPoints)
      for (const char* name : {"config.yaml", "samples.jsonl", "summary.json"}) {
        const std::string file = text("/", point, "/", name);
        EXPECT_EQ(contents(folder + file), contents("whole" + file)) << file;
      }
  }
};

TEST_F(RunSweep, ComparesThePointsOfTheGrid) {
  const auto table = nlohmann::json::parse(contents("whole/comparison.json"));
  ASSERT_EQ(table["points"].size(), 4u);
  EXPECT_EQ(table["points"][1]["name"], kPoints[1]);
  EXPECT_EQ(table["points"][1]["values"]["graph.search"], "fci");
  for (const auto& point : table["points"]) {
    const auto summary =
        nlohmann::json::parse(contents(text("whole/", point["name"].get<std::string>(), "/summary.json")));
    for (const auto& [name, method] : point["methods"].items())
      EXPECT_EQ(method["share_explained"]["value"], summary["methods"][name]["share_explained"]) << name;
  }
  // each other point's cleann beside the first one's, by every measure
  ASSERT_EQ(table["comparisons"].size(), 3 * std::size(kMeasures));
  EXPECT_EQ(table["comparisons"][0]["method"], kPoints[1]);
  for (const auto& each : table["comparisons"]) EXPECT_EQ(each["against"], kPoints[0]);
  EXPECT_EQ(table["comparisons"][0]["n"], kUsers);
  // a line a point and method, and the head
  const std::string csv = contents("whole/comparison.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 4 * 4);
  EXPECT_EQ(csv.find("nan"), std::string::npos);
  for (const char* figure : {"explained-by-graph.alpha", "area-by-graph.search"})
    EXPECT_TRUE(fs::exists(root_ / "whole/figures" / text(figure, ".svg"))) << figure;
}

TEST_F(RunSweep, APointIsTheRunOfItsOwn) {
  ASSERT_EQ(
      program({"run", "run.yaml", "graph.alpha=0.05", "graph.search=fci", "--output", "alone"}).exit_code, 0);
  EXPECT_EQ(contents("alone/samples.jsonl"), contents(text("whole/", kPoints[1], "/samples.jsonl")));
}

TEST_F(RunSweep, AKilledSweepContinuesToTheSameBytesAndRunsNoPointTwice) {
  const auto journal = root_ / "killed" / kPoints[2] / "samples.jsonl";
  const auto killed = program(sweep("killed"), [&] { return fs::exists(journal); });
  ASSERT_EQ(killed.exit_code, -1);
  const auto page = root_ / "killed" / kPoints[0] / "report.html";
  const auto written = fs::last_write_time(page);
  const auto resumed = program({"run", "--resume", "killed"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(fs::last_write_time(page), written);
  expect_same_as_whole("killed");
}

TEST_F(RunSweep, ASecondProcessInTheSameFolderIsRefused) {
  fs::copy(root_ / "whole", root_ / "held", fs::copy_options::recursive);
  const FileLock first(root_ / "held/runs.yaml");
  const auto second = program({"run", "--resume", "held"});
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.err, HasSubstr("another process is writing held/runs.yaml"));
}

TEST_F(RunSweep, RanksShareThePoints) {
  auto arguments = sweep("shared");
  arguments.insert(arguments.begin() + 2, {"--ranks", "2"});
  const auto run = program(arguments);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  expect_same_as_whole("shared");

  // the threads that ranks would share among them are the points'
  const auto threads =
      program({"run", "run.yaml", "limit=2", "--ranks", "2", "--output", "threads", "-m", "threads=1,2"});
  EXPECT_EQ(threads.exit_code, 0) << threads.err;
  EXPECT_TRUE(fs::exists(root_ / "threads/2_threads=2/report.html"));
}

TEST_F(RunSweep, ReportAndVerifyTakeTheFolder) {
  fs::copy(root_ / "whole", root_ / "again", fs::copy_options::recursive);
  for (const char* name : kTables) fs::remove(root_ / "again" / name);
  const auto report = program({"report", "again"});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(report.out, HasSubstr("again/comparison.md"));
  expect_same_as_whole("again");
  EXPECT_EQ(program({"verify", "again"}).exit_code, 0);
}

// Whether a model takes a search shows only when it is loaded.
TEST_F(RunSweep, APointThatFailsIsToldAndTheOthersGoOn) {
  const auto run = program({"run", "run.yaml", "limit=4", "--output", "failing", "-m", "search=ordicd,icd"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("warning: 1_search=ordicd: search \"ordicd\" needs causal attention"),
                    HasSubstr("1 of the 2 points could not be run, the first of them 1_search=ordicd")));
  EXPECT_THAT(contents("failing/comparison.md"), HasSubstr("Not run to its end: 1\\_search=ordicd."));
  const auto table = nlohmann::json::parse(contents("failing/comparison.json"));
  EXPECT_FALSE(table["points"][0]["finished"]);
  EXPECT_TRUE(table["points"][1]["finished"]);
}

TEST_F(RunSweep, AFileMaySweepToo) {
  write_file(root_ / "grid.yaml", "runs: [run.yaml]\noverrides: [limit=4]\nsweep: ['heads=0,union']\n");
  const auto run = program({"run", "grid.yaml", "--output", "grid"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(fs::exists(root_ / "grid/2_heads=union/report.html"));
  EXPECT_THAT(mistake({"run", "grid.yaml", "-m", "alpha=0.1,0.2"}),
              HasSubstr("grid.yaml is a sweep already"));
}

TEST_F(RunSweep, Mistakes) {
  EXPECT_THAT(mistake({"run", "run.yaml", "-m", "alhpa=1,2"}), HasSubstr("unknown key \"alhpa\""));
  EXPECT_THAT(mistake({"run", "run.yaml", "-m", "alpha=0.1,many"}),
              HasSubstr("override \"graph.alpha=many\": \"graph.alpha\" must be a number"));
  EXPECT_THAT(mistake({"run", "run.yaml", "-m", "methods=[cleann,attention"}), HasSubstr("override"));
  EXPECT_THAT(mistake({"run", "run.yaml", "-m", "heads=0,7", "--output", "none"}),
              HasSubstr("there is no head 7"));
  EXPECT_THAT(mistake({"run", "run.yaml", "-m", "methods=[cleann],[clean]"}),
              HasSubstr("point 2_methods=-clean-: "));
  EXPECT_THAT(mistake({"run", "run.yaml", "limit=2", "-m", "limit=3,4"}),
              HasSubstr("the sweep is over limit, and \"limit=2\" sets it for all points"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--limit", "2", "-m", "limit=3,4"}),
              HasSubstr("the sweep is over limit"));
  EXPECT_THAT(mistake({"run", "run.yaml", "graph={alpha: 0.3}", "-m", "alpha=0.1,0.2"}),
              HasSubstr("the sweep is over graph.alpha, and \"graph={alpha: 0.3}\" sets it"));
  EXPECT_THAT(mistake({"run", "run.yaml", "-m", "alpha=0.1,0.10"}),
              HasSubstr("the points 1_alpha=0.1 and 2_alpha=0.10 of the sweep are the same"));
  EXPECT_FALSE(fs::exists(root_ / "none"));
  EXPECT_THAT(mistake({"run", "--resume", "whole", "-m", "alpha=0.1"}),
              HasSubstr("--resume continues a sweep as it was begun, without -m"));
  write_file(root_ / "two.yaml", "runs: [run.yaml, grid.yaml]\n");
  write_file(root_ / "grid.yaml", "task: recommendation\nmodel: model\ndata: data\n");
  EXPECT_THAT(mistake({"run", "two.yaml", "-m", "alpha=0.1,0.2"}),
              HasSubstr("a sweep is of one configuration, and runs names 2"));
}

}  // namespace
}  // namespace why
