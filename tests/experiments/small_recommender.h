// A small data set of invented films and a recommender trained on it by the program, once a test program.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/files.h"
#include "tests/experiments/program.h"

namespace why {

class SmallRecommender : public ::testing::Test {
 protected:
  static constexpr int kUsers = 40, kItems = 16, kWatched = 8;

  // 40 users who each watched 8 of 16 films in a row; the films 100 and 101 have the same title.
  static void SetUpTestSuite() {
    root_ = std::filesystem::temp_directory_path() / text("small_recommender_", ::getpid());
    std::filesystem::create_directories(root_ / "data");
    std::string lines = "user_id:token\titem_id:token\ttimestamp:float\n";
    for (int user = 0; user < kUsers; ++user)
      for (int i = 0; i < kWatched; ++i)
        lines += text("u", user, '\t', 100 + (user * 5 + i * (1 + user % 3)) % kItems, '\t', i, '\n');
    write_file(root_ / "data/films.inter", lines);

    std::string titles = "item_id:token\tmovie_title:token_seq\trelease_year:token\n";
    for (int item = 0; item < kItems; ++item)
      titles += text(100 + item, "\tFilm ", std::max(1, item), "\t", 1980 + std::max(1, item), '\n');
    write_file(root_ / "data/films.item", titles);

    write_file(
        root_ / "train.yaml",
        "data: data\noutput: model\nhidden: 16\ninner: 32\nmax_history: 6\nwindows: 4\nbatch_size: 16\n"
        "learning_rate: 1e-2\nmax_epochs: 30\n");
    const auto trained = run_program({"train", "train.yaml"}, root_);
    ASSERT_EQ(trained.exit_code, 0) << trained.err;

    // few samples in a small test: a lenient alpha leaves edges to explain with
    write_file(root_ / "run.yaml",
               "task: recommendation\nmodel: model\ndata: data\nthreads: 1\ngraph: {alpha: 0.2}\n"
               "exhaustive_calls: 100\n");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(root_); }

  static ProgramRun program(const std::vector<std::string>& arguments,
                            const std::function<bool()>& kill_when = {}) {
    return run_program(arguments, root_, kill_when);
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

  // A copy of the model folder, to be damaged.
  static std::filesystem::path copy_of_model(const std::string& name) {
    std::filesystem::copy(root_ / "model", root_ / name);
    return root_ / name;
  }

  static inline std::filesystem::path root_;
};

}  // namespace why
