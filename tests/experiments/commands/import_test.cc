// `whyformer import`, and `attention` and `tokenize` on what it makes.
#include <gmock/gmock.h>

#include "core/npy.h"
#include "tests/experiments/program.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Import : public ::testing::Test {
 protected:
  Import() {
    folder_ =
        fs::temp_directory_path() / text("import_command_", ::getpid(), "_",
                                         ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  ~Import() override { fs::remove_all(folder_); }

  static std::string imported(const std::string& name) {
    return (fs::path(std::getenv("WHYFORMER_SOURCE")) / "tests/models/imported" / name).string();
  }

  ProgramRun run(const std::vector<std::string>& arguments) { return run_program(arguments, folder_); }

  fs::path folder_;
};

TEST_F(Import, SaysWhatItMadeAndHowExactItIs) {
  const auto made = run({"import", imported("bert-classifier"), "--adapter", imported("lora-all-linear"),
                         "--output", "bundle"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("bert classifier: 2 layers of 4 heads, 32 wide, 17 tokens at most"));
  EXPECT_THAT(made.out, HasSubstr("labels: negative, neutral, positive"));
  EXPECT_THAT(made.out, HasSubstr("fused against explicit attention: states differ by at most "));
  EXPECT_THAT(made.out, HasSubstr("captured against recomputed attention: at most "));

  const auto again = run({"import", imported("bert-classifier"), "--output", "bundle"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("bundle exists and is not an empty folder"));
}

TEST_F(Import, AttentionOfATextIsANumPyFile) {
  ASSERT_EQ(run({"import", imported("distilbert-classifier"), "--output", "bundle"}).exit_code, 0);
  const std::string words = "The film is good, not long.";
  const auto maps = run({"attention", "--model", "bundle", "--text", words, "--output", "a.npy"});
  ASSERT_EQ(maps.exit_code, 0) << maps.err;
  EXPECT_EQ(maps.out, "a.npy [4, 10, 10] float32\n");
  const auto nowhere = run({"attention", "--model", "bundle", "--text", words, "--output", "no/a.npy"});
  EXPECT_EQ(nowhere.err, "whyformer: --output no/a.npy: there is no folder no\n");
  const NpyArray array = read_npy(folder_ / "a.npy");
  EXPECT_THAT(array.shape, ElementsAre(4, 10, 10));
  float row = 0;
  for (int key = 0; key < 10; ++key) row += array.values[static_cast<std::size_t>(key)];
  EXPECT_NEAR(row, 1, 1e-5);
  const auto outputs = run({"attention", "--model", "bundle", "--text", words, "--output", "o.npy", "--what",
                            "outputs", "--layer", "0"});
  EXPECT_EQ(outputs.out, "o.npy [4, 10, 8] float32\n");

  const auto layer =
      run({"attention", "--model", "bundle", "--text", words, "--output", "x.npy", "--layer", "2"});
  EXPECT_EQ(layer.exit_code, 2);
  EXPECT_THAT(layer.err, HasSubstr("layer 2 was asked for, but bundle has 2 layers"));
  const auto far =
      run({"attention", "--model", "bundle", "--text", words + words + words + words, "--output", "x.npy"});
  EXPECT_EQ(far.exit_code, 2);
  EXPECT_THAT(far.err, HasSubstr("tokens, more than the 17 that bundle takes"));
  EXPECT_FALSE(fs::exists(folder_ / "x.npy"));

  const auto bytes = run({"attention", "--model", "bundle", "--text", "a \xff film", "--output", "b.npy"});
  EXPECT_EQ(bytes.exit_code, 0);
  EXPECT_EQ(bytes.err,
            "warning: the text is not UTF-8; what is ill-formed in it is read as U+FFFD: \"a \\xff film\"\n");
  const auto nameless = run({"attention", "--model", "bundle", "--text", words, "--output", ""});
  EXPECT_EQ(nameless.exit_code, 2);
  EXPECT_THAT(nameless.err, HasSubstr("--output: must not be empty"));
  const auto threads =
      run({"attention", "--model", "bundle", "--text", words, "--output", "b.npy", "--threads", "100000"});
  EXPECT_EQ(threads.exit_code, 2);
  EXPECT_THAT(threads.err, HasSubstr("must be a whole number from 1 to 1024, not 100000"));
}

TEST_F(Import, MistakesAreOneSentence) {
  const auto nothing = run({"import", "nothing", "--output", "bundle"});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_EQ(nothing.err, "whyformer: there is no folder nothing\n");
  const auto recommender =
      run({"attention", "--model", "checkpoints/bert4rec-ml-100k", "--text", "x", "--output", "a.npy"});
  EXPECT_EQ(recommender.exit_code, 2);
  EXPECT_THAT(recommender.err, HasSubstr("is a recommender, which reads no text"));
}

}  // namespace
}  // namespace why
