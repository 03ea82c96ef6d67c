// A tiny classifier (negative, neutral, positive) and a tiny masked-lm, imported by the program once a test
// program. They take 17 tokens.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/files.h"
#include "tests/experiments/program.h"

namespace why {

class SmallTextModels : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    root_ = std::filesystem::temp_directory_path() / text("small_text_models_", ::getpid());
    std::filesystem::create_directories(root_ / "data");
    const auto imported = std::filesystem::path(std::getenv("WHYFORMER_SOURCE")) / "tests/models/imported";
    for (const auto& [from, to] :
         {std::pair("bert-classifier", "classifier"), std::pair("bert-masked-lm", "filler")}) {
      const auto run = run_program({"import", (imported / from).string(), "--output", to}, root_);
      ASSERT_EQ(run.exit_code, 0) << run.err;
    }
    write_file(root_ / "data/test.tsv",
               "the film was not good\t0\nvery good music and a great story\t1\ngood\t1\n"
               "it is boring , and it is very very long , never again\t0\nan honest actor plays well\t1\n");
    write_file(root_ / "run.yaml",
               "task: sentiment\nmodel: classifier\ndata: data\nthreads: 1\n"
               "graph: {alpha: 0.5, samples: \"1000\"}\nexhaustive_calls: 500\n");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(root_); }

  static ProgramRun program(const std::vector<std::string>& arguments) {
    return run_program(arguments, root_);
  }

  // The one sentence on stderr of a caller's mistake.
  static std::string mistake(const std::vector<std::string>& arguments) {
    const auto run = program(arguments);
    EXPECT_EQ(run.exit_code, 2) << run.out << run.err;
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(run.err.starts_with("whyformer: ")) << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    return run.err;
  }

  static std::string contents(const std::string& name) { return read_file(root_ / name); }

  static inline std::filesystem::path root_;
};

}  // namespace why
