#include "experiments/runner/run_folder.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/file_lock.h"
#include "core/files.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class RunFolderTest : public ::testing::Test {
 protected:
  RunFolderTest() {
    folder_ =
        fs::temp_directory_path() /
        text("run_folder_", ::getpid(), "_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    config_.task = "recommendation";
    resolve(config_.explanation, config_.task);
    config_.name = "test";
    config_.model = "a model";
    config_.data = "some data";
    config_.threads = 2;
    config_.output = folder_.string();
  }
  ~RunFolderTest() override { fs::remove_all(folder_); }

  RunFolder create() { return RunFolder::create(config_, inputs_, {{"libtorch", "2.11"}}, 37); }
  RunFolder resume(std::size_t num_samples) {
    return RunFolder::resume(folder_, config_, inputs_, num_samples);
  }
  // A block of samples first, first + 1, ...
  static std::vector<std::string> block(std::size_t first, std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(text("{\"sample\":", first + i, "}"));
    return out;
  }
  std::string samples() const { return read_file(folder_ / "samples.jsonl"); }

  fs::path folder_;
  RunConfig config_;
  InputHashes inputs_{{"model", {{"weights", "aa"}}}, {"data", {{"ratings", "bb"}, {"titles", "cc"}}}};
};

TEST_F(RunFolderTest, ContinuesBehindTheLastWholeBlock) {
  constexpr std::size_t kAll = 2 * RunFolder::kBlock + 5;
  {
    auto run = create();
    run.append(block(0, RunFolder::kBlock), 1.5);
    run.append(block(RunFolder::kBlock, RunFolder::kBlock), 1.5);
    EXPECT_EQ(run.done(), 2 * RunFolder::kBlock);
  }
  const std::string whole = samples();
  fs::resize_file(folder_ / "samples.jsonl", whole.size() - 4);  // killed within the second block
  {
    auto run = resume(kAll);
    EXPECT_EQ(run.done(), RunFolder::kBlock);
    run.append(block(RunFolder::kBlock, RunFolder::kBlock), 1.5);
    EXPECT_EQ(samples(), whole);
    run.append(block(2 * RunFolder::kBlock, 5), 0.5);
    run.finish();
  }

  EXPECT_EQ(resume(kAll).done(), kAll);  // the last, shorter block is whole too
  const auto environment = nlohmann::json::parse(read_file(folder_ / "environment.json"));
  EXPECT_EQ(environment["samples"], 37);
  EXPECT_EQ(environment["sessions"].size(), 3u);
  EXPECT_EQ(environment["sessions"][0]["samples"], 2 * RunFolder::kBlock);
  EXPECT_EQ(environment["sessions"][0]["seconds"], 3.0);
  EXPECT_FALSE(environment["sessions"][0].contains("finished"));
  EXPECT_EQ(environment["sessions"][1]["samples"], RunFolder::kBlock + 5);
  EXPECT_EQ(environment["sessions"][1]["seconds"], 2.0);
  EXPECT_EQ(environment["seconds"], 5.0);  // the killed part too
  EXPECT_EQ(environment["libraries"]["libtorch"], "2.11");
  EXPECT_EQ(environment["inputs"]["data"]["titles"], "cc");
}

TEST_F(RunFolderTest, AFolderKilledBeforeTheFirstBlockStartsAnew) {
  { auto run = create(); }
  fs::remove(folder_ / "samples.jsonl");
  fs::remove(folder_ / "timings.jsonl");
  EXPECT_EQ(resume(10).done(), 0u);
}

TEST_F(RunFolderTest, AFolderKilledBeforeItsConfigurationIsWrittenIsTaken) {
  fs::create_directories(folder_);
  write_file(folder_ / "samples.jsonl", "");
  write_file(folder_ / "environment.json", "{}");
  write_file(folder_ / "config.yaml.tmp17", "half");
  {
    const FileLock other(folder_ / "samples.jsonl");  // as one that is just beginning holds it
    EXPECT_THAT([&] { create(); }, ThrowsMessage<UserError>(HasSubstr("another process is writing")));
  }
  EXPECT_EQ(create().done(), 0u);
  EXPECT_EQ(resume(37).done(), 0u);

  fs::remove_all(folder_);
  fs::create_directories(folder_);
  write_file(folder_ / "environment.json", "mine");  // without the journal it is somebody's
  EXPECT_THAT([&] { create(); }, ThrowsMessage<UserError>(HasSubstr("exists and is not empty")));
}

TEST_F(RunFolderTest, OneProcessAtATimeRunsInIt) {
  auto run = create();
  run.append(block(0, RunFolder::kBlock), 1.5);
  const std::string environment = read_file(folder_ / "environment.json");
  const auto refuses = ThrowsMessage<UserError>(HasSubstr("another process is writing " + folder_.string()));
  EXPECT_THAT([&] { resume(37); }, refuses);
  EXPECT_THAT([&] { create(); }, refuses);                          // and not: continue it with --resume
  EXPECT_EQ(read_file(folder_ / "environment.json"), environment);  // no session begun
  run.append(block(RunFolder::kBlock, RunFolder::kBlock), 1.5);
  EXPECT_EQ(lines_of(samples()).size(), 2 * RunFolder::kBlock);
}

TEST_F(RunFolderTest, ARunWhoseFolderIsTakenByAnotherLeavesThatAlone) {
  auto run = create();
  run.append(block(0, RunFolder::kBlock), 1.5);
  fs::remove_all(folder_);
  auto other = create();
  other.append(block(0, 5), 0.5);
  const std::string environment = read_file(folder_ / "environment.json");
  const auto refuses = ThrowsMessage<UserError>(HasSubstr("was moved or removed while this process"));
  EXPECT_THAT([&] { run.append(block(RunFolder::kBlock, RunFolder::kBlock), 1.5); }, refuses);
  EXPECT_THAT([&] { run.check_in_place(); }, refuses);
  EXPECT_THAT([&] { run.finish(); }, refuses);
  EXPECT_EQ(read_file(folder_ / "environment.json"), environment);
  EXPECT_EQ(lines_of(samples()).size(), 5u);
}

TEST_F(RunFolderTest, KeepsWhatIsThere) {
  fs::create_directories(folder_);
  write_file(folder_ / "notes.txt", "mine");
  EXPECT_THAT([&] { create(); },
              ThrowsMessage<UserError>(HasSubstr(
                  "exists and is not empty; continue the run in it with --resume " + folder_.string())));
  EXPECT_EQ(read_file(folder_ / "notes.txt"), "mine");
  config_.output = (folder_ / "notes.txt").string();
  EXPECT_THAT([&] { create(); }, ThrowsMessage<UserError>(HasSubstr("it is a file")));
  config_.output = (folder_ / "notes.txt/run").string();
  EXPECT_THAT([&] { create(); }, ThrowsMessage<UserError>(HasSubstr("cannot make the run folder")));
}

TEST_F(RunFolderTest, AnEmptyFolderIsTaken) {
  fs::create_directories(folder_);
  EXPECT_EQ(create().path(), folder_);
}

TEST_F(RunFolderTest, NamesTheSettingThatDiffers) {
  { auto run = create(); }
  config_.explanation.graph.alpha = 0.01;
  EXPECT_THAT([&] { resume(10); }, ThrowsMessage<UserError>(HasSubstr("its graph.alpha is 1e-05, not 0.01")));
}

TEST_F(RunFolderTest, AChangedConfigurationIsRefused) {
  {
    auto run = create();
    run.append(block(0, 5), 1);
  }
  config_.explanation.graph.alpha = 0.01;
  const std::string before = read_file(folder_ / "config.yaml"), whole = samples();
  std::string changed = before;
  changed.replace(changed.find("1e-05"), 5, "0.01");
  write_file(folder_ / "config.yaml", changed);
  EXPECT_THAT([&] { resume(37); },
              ThrowsMessage<UserError>(HasSubstr("its config.yaml was changed since the run began")));
  EXPECT_EQ(samples(), whole);

  // data that moved are told by their hashes
  config_.explanation.graph.alpha = 1e-5;
  config_.data = "moved";
  std::string moved = before;
  moved.replace(moved.find("some data"), 9, "moved");
  write_file(folder_ / "config.yaml", moved);
  EXPECT_EQ(resume(37).done(), 0u);
}

TEST_F(RunFolderTest, AChangedJournalIsRefused) {
  {
    auto run = create();
    run.append(block(0, RunFolder::kBlock), 1);
  }
  const std::string whole = samples(), first = whole.substr(0, whole.find('\n') + 1);
  const auto refused = [&](const std::string& journal, const std::string& message) {
    write_file(folder_ / "samples.jsonl", journal);
    EXPECT_THAT([&] { resume(37); }, ThrowsMessage<UserError>(HasSubstr(message)));
    EXPECT_EQ(samples(), journal);  // nothing is cut off
  };
  refused(first + whole, "samples.jsonl:2: sample 1 should stand here");
  refused(whole.substr(first.size()), "samples.jsonl:1: sample 0 should stand here");
  refused(first + "\n", "samples.jsonl:2: sample 1 should stand here");
  refused("{\"sample\":01}\n", "samples.jsonl:1: sample 0");
}

TEST_F(RunFolderTest, WhereTheFolderIsDoesNotMatter) {
  { auto run = create(); }
  config_.output = "elsewhere";
  EXPECT_EQ(resume(10).done(), 0u);
}

TEST_F(RunFolderTest, NamesTheFileThatDiffers) {
  { auto run = create(); }
  const auto before = read_file(folder_ / "environment.json");
  inputs_["data"]["titles"] = "dd";
  EXPECT_THAT([&] { resume(10); },
              ThrowsMessage<UserError>(
                  AllOf(HasSubstr("the data has changed since the run"), HasSubstr("titles is another"))));
  inputs_["data"]["titles"] = "cc";
  inputs_["model"]["extra"] = "ee";
  EXPECT_THAT([&] { resume(10); }, ThrowsMessage<UserError>(HasSubstr("extra is new")));
  inputs_["model"] = {};
  EXPECT_THAT([&] { resume(10); }, ThrowsMessage<UserError>(HasSubstr("weights is gone")));
  EXPECT_EQ(read_file(folder_ / "environment.json"), before);  // refusing writes nothing
}

TEST_F(RunFolderTest, SaysWhatIsWrongWithAFolder) {
  EXPECT_THAT([&] { resume(10); }, ThrowsMessage<UserError>(HasSubstr("there is no run folder")));
  fs::create_directories(folder_);
  EXPECT_THAT([&] { resume(10); }, ThrowsMessage<UserError>(HasSubstr("there is no config.yaml in it")));
  { auto run = create(); }
  write_file(folder_ / "environment.json", "{\"inputs\": {}}");
  EXPECT_THAT([&] { resume(10); }, ThrowsMessage<UserError>(HasSubstr("environment.json is damaged")));
  write_file(folder_ / "environment.json", "{\"inputs\": {}, \"sessions\": [1]}");
  EXPECT_THAT([&] { resume(10); }, ThrowsMessage<UserError>(HasSubstr("environment.json is damaged")));
}

TEST_F(RunFolderTest, FoldersOfTheSameSecondDoNotMeet) {
  fs::create_directories(folder_);
  const auto before = fs::current_path();
  fs::current_path(folder_);
  config_.output.clear();
  const auto first = create().path(), second = create().path();
  EXPECT_NE(first, second);
  EXPECT_TRUE(fs::exists(folder_ / second / "config.yaml"));
  EXPECT_EQ(first.parent_path(), "runs/test");
  fs::current_path(before);
}

}  // namespace
}  // namespace why
