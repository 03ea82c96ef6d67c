#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "experiments/commands/commands.h"
#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

using testing::HasSubstr;

struct Printed {
  std::string out, err;
};

Printed report_on(const std::filesystem::path& folder) {
  CLI::App app;
  add_report(app);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse("report " + folder.string());
  } catch (...) {
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    throw;
  }
  return {testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(ReportCommand, TakesTitlesFromTheDataFolderOfTheConfiguration) {
  const auto folder = made_up_run("command_titles", {made_up_sample(0)});
  const auto data = folder / "data";
  std::filesystem::create_directories(data);
  write_file(data / "x.inter", "user_id:token\titem_id:token\ttimestamp:float\nu0\ttop\t1\n");
  write_file(data / "x.item", "item_id:token\tmovie_title:token_seq\ntop\tThe Best & Film\n");
  write_file(folder / "config.yaml", "task: recommendation\ndata: " + data.string() + "\n");
  EXPECT_EQ(report_on(folder).out, (folder / "report.html").string() + "\n");
  EXPECT_THAT(read_file(folder / "report.html"), HasSubstr("The Best &amp; Film"));
}

// Also of a folder whose summary an earlier version wrote.
TEST(ReportCommand, ComputesTheResultsAgain) {
  const auto folder = made_up_run("command_results", {made_up_sample(0), made_up_sample(1)});
  write_file(folder / "summary.json", "{}");
  report_on(folder);
  EXPECT_THAT(read_file(folder / "summary.json"), HasSubstr("\"samples\": 2,"));
  EXPECT_THAT(read_file(folder / "metrics.csv"), HasSubstr("\n1,u1,4,top,cleann,minimal,"));
}

TEST(ReportCommand, GoesByIdsWhereTheDataAreGone) {
  const auto folder = made_up_run("command_ids", {made_up_sample(0)});
  write_file(folder / "config.yaml", "task: recommendation\ndata: /nonexistent\n");
  EXPECT_THAT(report_on(folder).err,
              HasSubstr("warning: the data folder /nonexistent does not exist; items go by their ids\n"));
  EXPECT_THAT(read_file(folder / "report.html"), HasSubstr("why top?"));
}

TEST(ReportCommand, AConfigurationWithoutATaskIsNoRuns) {
  const auto folder = made_up_run("command_no_task", {made_up_sample(0)});
  write_file(folder / "config.yaml", "");
  EXPECT_THAT([&] { report_on(folder); },
              testing::ThrowsMessage<UserError>(HasSubstr("config.yaml: key \"task\" is missing")));
}

TEST(ReportCommand, AFolderThatIsNoRunIsTheCallersMistake) {
  EXPECT_THAT([] { report_on("/nonexistent"); },
              testing::ThrowsMessage<UserError>("there is no run folder /nonexistent"));
  const auto folder = made_up_run("command_no_run", {});
  std::filesystem::remove(folder / "config.yaml");
  EXPECT_THAT([&] { report_on(folder); },
              testing::ThrowsMessage<UserError>(HasSubstr("holds no run: there is no config.yaml in it")));
}

}  // namespace
}  // namespace why
