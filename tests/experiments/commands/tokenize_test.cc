// `whyformer tokenize` from lines on stdin to lines on stdout.
#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/experiments/program.h"

namespace why {
namespace {

using ::testing::HasSubstr;

class Tokenize : public ::testing::Test {
 protected:
  Tokenize() {
    folder_ =
        std::filesystem::temp_directory_path() /
        text("tokenize_", ::getpid(), "_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    write_file(folder_ / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nword\n##s\n");
  }
  ~Tokenize() override { std::filesystem::remove_all(folder_); }

  ProgramRun tokenize(const std::string& input, std::vector<std::string> arguments = {}) {
    write_file(folder_ / "input", input);
    arguments.insert(arguments.begin(), {"tokenize", "--model", folder_.string()});
    return run_program(arguments, folder_, {}, folder_ / "input");
  }

  std::filesystem::path folder_;
};

TEST_F(Tokenize, PrintsALineOfIdsForEachLine) {
  const auto run = tokenize("Words\n\nodd word\xFF");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "2 4 5 3\n2 3\n2 1 4 3\n");
  EXPECT_EQ(run.err, "");
}

TEST_F(Tokenize, PrintsPiecesOrObjectsOnRequest) {
  EXPECT_EQ(tokenize("Words\n", {"--pieces"}).out, "[CLS] word ##s [SEP]\n");
  EXPECT_EQ(tokenize("Words [SEP]\n", {"--json"}).out,
            R"({"ids":[2,4,5,3,3],"pieces":["[CLS]","word","##s","[SEP]","[SEP]"],)"
            R"("spans":[[0,0],[0,4],[4,5],[6,11],[0,0]],"special":[1,0,0,1,1]})"
            "\n");
}

TEST_F(Tokenize, AMistakeIsOneSentenceAndTwo) {
  std::filesystem::remove(folder_ / "vocab.txt");
  const auto run = tokenize("word\n");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("holds no tokenizer"));
  EXPECT_EQ(tokenize("word\n", {"--json", "--pieces"}).exit_code, 2);
}

TEST_F(Tokenize, AnInputThatCannotBeReadIsAMistake) {
  const auto run = run_program({"tokenize", "--model", "."}, folder_, {}, folder_);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("cannot read stdin"));
}

}  // namespace
}  // namespace why
