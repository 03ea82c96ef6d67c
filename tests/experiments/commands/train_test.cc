// `whyformer train` from a file of interactions to a model folder.
#include <gmock/gmock.h>

#include "core/file_lock.h"
#include "core/records.h"
#include "models/formats/bundle.h"
#include "tests/experiments/program.h"

namespace why {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kConfig[] = R"(
data: data
output: model
hidden: 8
inner: 16
max_history: 6
windows: 2
batch_size: 16
learning_rate: 1e-2
max_epochs: 8
)";

class Train : public ::testing::Test {
 protected:
  Train() {
    folder_ = std::filesystem::temp_directory_path() /
              text("train_command_", ::getpid(), "_",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_ / "data");
    std::string lines = "user_id:token\titem_id:token\ttimestamp:float\n";
    for (int user = 0; user < 40; ++user)
      for (int i = 0; i < 8; ++i) lines += text(user, '\t', 100 + (user + i) % 12, '\t', i, '\n');
    write_file(folder_ / "data/tiny.inter", lines);
    write_file(folder_ / "train.yaml", kConfig);
  }
  ~Train() override { std::filesystem::remove_all(folder_); }

  ProgramRun train(std::vector<std::string> arguments, const std::function<bool()>& kill_when = {}) {
    arguments.insert(arguments.begin(), {"train", "train.yaml"});
    return run_program(arguments, folder_, kill_when);
  }

  std::filesystem::path folder_;
};

TEST_F(Train, AConfigurationOfARunIsToldWhoTakesIt) {
  for (const char* config : {"runs: [a.yaml]\n", "task: recommendation\n"}) {
    write_file(folder_ / "run.yaml", config);
    const auto run = run_program({"train", "run.yaml"}, folder_);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.err, "whyformer: run.yaml configures a run: `whyformer run` takes it\n");
  }
}

TEST_F(Train, WritesAModelFolderAndPrintsTheFiguresBesidePopularity) {
  const auto run = train({});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("HR@5"));
  EXPECT_THAT(run.out, HasSubstr("popularity  test        unseen"));
  EXPECT_THAT(run.out, HasSubstr("bert4rec    test        all"));
  EXPECT_THAT(run.err, "");
  const auto info = read_bundle(folder_ / "model");
  EXPECT_EQ(info.outputs, 12);
  EXPECT_EQ(info.items.front(), "100");
  EXPECT_THAT(info.provenance.data,
              StartsWith("40 users, 12 items, 320 interactions (recbole; sha256 of tiny.inter: "));
  EXPECT_EQ(info.provenance.command, "whyformer train train.yaml --threads 1 --device cpu");
  EXPECT_EQ(whole_lines(folder_ / "model/training.jsonl").size(), 8u);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "model/model.pt"));
}

TEST_F(Train, ResumesAfterKillToTheSameWeights) {
  ASSERT_EQ(train({"output=whole"}).exit_code, 0);
  const auto log = folder_ / "killed/training.jsonl";
  const auto killed =
      train({"output=killed"}, [&] { return std::filesystem::exists(log) && whole_lines(log).size() >= 3; });
  ASSERT_EQ(killed.exit_code, -1);
  ASSERT_FALSE(std::filesystem::exists(folder_ / "killed/bundle.yaml"));
  const auto again = train({"output=killed"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("continue it with --resume"));

  {
    const FileLock first(log);  // as a training that is alive holds it
    const auto second = train({"output=killed", "--resume"});
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_THAT(second.err, HasSubstr("another process is writing killed/training.jsonl"));
    EXPECT_THAT(train({"output=killed"}).err, HasSubstr("another process is writing killed/training.jsonl"));
  }
  const auto resumed = train({"output=killed", "--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(sha256_file(folder_ / "killed/model.safetensors"),
            sha256_file(folder_ / "whole/model.safetensors"));
  EXPECT_EQ(whole_lines(log).size(), 8u);

  const auto finished = train({"output=killed", "--resume"});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(finished.err, "killed holds a trained model: nothing is left to resume\n");
}

TEST_F(Train, PrintsTheEffectiveConfiguration) {
  const auto run = train({"dropout=0.4", "--threads", "2", "--print-config"});
  ASSERT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("dropout: 0.4\n"));
  EXPECT_THAT(run.out, HasSubstr("threads: 2\n"));
  write_file(folder_ / "printed.yaml", run.out);
  EXPECT_EQ(run_program({"train", "printed.yaml", "--print-config"}, folder_).out, run.out);
}

TEST_F(Train, MistakesAreOneSentenceAndExitCode2) {
  const auto error = [&](const std::vector<std::string>& arguments) {
    const auto run = train(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    return run.err;
  };
  EXPECT_THAT(error({"droput=0.4"}), HasSubstr("unknown key \"droput\"; did you mean \"dropout\"?"));
  EXPECT_THAT(error({"dropout=2"}), HasSubstr("dropout"));
  EXPECT_THAT(error({"data=nowhere"}), HasSubstr("there is no data folder nowhere"));
  EXPECT_THAT(error({"heads=3"}), HasSubstr("train.yaml: hidden (8) is not a multiple of heads (3)"));
  EXPECT_THAT(error({"--resume"}), HasSubstr("no unfinished training to resume"));
  EXPECT_THAT(error({"device=gpu"}), HasSubstr("unknown device \"gpu\""));
  write_file(folder_ / "train.yaml", "architecture: gpt\ndata: data\noutput: model\n");
  EXPECT_THAT(error({}), HasSubstr("unknown architecture \"gpt\""));
  write_file(folder_ / "train.yaml", "architecture: sasrec\ndata: data\noutput: model\nmask_share: 0.2\n");
  EXPECT_THAT(error({}), HasSubstr("unknown key \"mask_share\""));
}

}  // namespace
}  // namespace why
