// Tests of commands: each runs the built program in a folder of its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/errors.h"
#include "core/files.h"
#include "tests/experiments/program.h"

namespace why {

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              text(test->test_suite_name(), "_", ::getpid(), "_", test->name());
    std::filesystem::create_directories(folder_);
  }
  ~ProgramTest() override { std::filesystem::remove_all(folder_); }

  // The name of a new file.
  std::string file(const std::string& name, const std::string& contents) const {
    write_file(folder_ / name, contents);
    return name;
  }
  std::string contents(const std::string& name) const { return read_file(folder_ / name); }

  ProgramRun run(const std::vector<std::string>& arguments) const { return run_program(arguments, folder_); }
  std::string output_of(const std::vector<std::string>& arguments) const {
    const ProgramRun done = run(arguments);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out;
  }
  // One sentence on stderr, nothing on stdout, exit code 2.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& sentence) const {
    const ProgramRun done = run(arguments);
    EXPECT_EQ(done.exit_code, 2) << sentence;
    EXPECT_EQ(done.out, "");
    EXPECT_THAT(done.err, testing::HasSubstr(sentence));
    EXPECT_EQ(std::ranges::count(done.err, '\n'), 1) << done.err;
  }

  std::filesystem::path folder_;
};

}  // namespace why
