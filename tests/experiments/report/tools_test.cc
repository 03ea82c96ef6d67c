#include "experiments/report/tools.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace why {
namespace {

std::string failure_of(const std::vector<std::string>& command) {
  try {
    run_tool(command, "");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no failure";
}

TEST(Tools, ThreeMegabytesPassThrough) {
  const std::string much(3'000'000, 'x');
  EXPECT_EQ(run_tool({"cat"}, much), much);
}

TEST(Tools, ArgumentsReachTheProgramWithoutAShell) {
  EXPECT_EQ(run_tool({"printf", "%s", "$HOME; 'a' \"b\""}, ""), "$HOME; 'a' \"b\"");
}

TEST(Tools, AProgramThatIsNotInstalledGivesNothing) {
  EXPECT_EQ(run_tool({"no-such-program-anywhere"}, ""), std::nullopt);
}

TEST(Tools, AFailureHasTheExitCodeAndTheComplaint) {
  EXPECT_EQ(failure_of({"sh", "-c", "echo broken >&2; exit 3"}), "sh failed: exit code 3: broken");
  EXPECT_EQ(failure_of({"sh", "-c", "kill -9 $$"}), "sh failed: ended by signal 9: ");
}

TEST(Tools, APdfLosesItsDateAndNoByte) {
  EXPECT_EQ(undated("<< /CreationDate (D:20261126193448Z) >>"), "<< /CreationDate (D:20000101000000Z) >>");
  EXPECT_EQ(undated("<< /CreationDate (D:2026"), "<< /CreationDate (D:2026");
  EXPECT_EQ(undated("no date"), "no date");
}

}  // namespace
}  // namespace why
