#include "experiments/runner/shared_blocks.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "core/errors.h"
#include "core/files.h"
#include "experiments/runner/run_folder.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr std::size_t kBlock = RunFolder::kBlock;

class SharedBlocksTest : public ::testing::Test {
 protected:
  SharedBlocksTest() {
    run_ = fs::temp_directory_path() /
           text("shared_", ::getpid(), "_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(run_);
    fs::create_directories(run_);
  }
  ~SharedBlocksTest() override { fs::remove_all(run_); }

  SharedBlocks open(int number, int count, std::size_t samples, std::size_t done = 0) const {
    return {run_, Rank{number, count, number}, done, samples};
  }
  static std::vector<std::string> lines_of_block(const SharedBlocks::Block& block) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < block.count; ++i) out.push_back(text("sample ", block.first + i));
    return out;
  }
  // The number of the block that it explained, -1 when there was none for it.
  static int explain_one(SharedBlocks& blocks, seconds patience = seconds(10)) {
    const auto block = blocks.next(patience);
    if (!block) return -1;
    blocks.append(*block, lines_of_block(*block), 0);
    return static_cast<int>(block->first / kBlock);
  }
  static void expect_all(SharedBlocks& blocks, std::size_t samples, std::size_t before = 0) {
    EXPECT_EQ(blocks.samples_done(), samples);
    for (std::size_t b = before; b < (samples + kBlock - 1) / kBlock; ++b) {
      const std::size_t first = b * kBlock;
      EXPECT_EQ(blocks.read(b).lines, lines_of_block({first, std::min(kBlock, samples - first)})) << b;
    }
  }
  fs::path file(int rank, const char* name) const {
    return SharedBlocks::folder_in(run_) / std::to_string(rank) / name;
  }

  fs::path run_;
};

TEST_F(SharedBlocksTest, ARankTakesItsOwnInOrderAndThenWhatOthersAreNotAt) {
  constexpr std::size_t kSamples = 6 * kBlock + 3;  // blocks 0 .. 6
  auto first = open(0, 2, kSamples), second = open(1, 2, kSamples);
  for (const int own : {0, 2, 4, 6}) EXPECT_EQ(explain_one(first), own);
  EXPECT_EQ(explain_one(first), 5);  // the second is at 1, and 3 and 5 wait
  EXPECT_EQ(explain_one(second), 1);
  EXPECT_EQ(explain_one(second), 3);
  EXPECT_EQ(explain_one(second), -1);  // 5 is done
  EXPECT_EQ(explain_one(first), -1);
  expect_all(first, kSamples);
}

TEST_F(SharedBlocksTest, BehindABlockComesTheRanksOwnNext) {
  constexpr std::size_t kSamples = 4 * kBlock + 3;  // blocks 0 .. 4
  auto first = open(0, 2, kSamples), second = open(1, 2, kSamples);
  const auto behind = [](const SharedBlocks& blocks, std::size_t number) {
    const auto found = blocks.behind({number * kBlock, kBlock});
    return found ? static_cast<int>(found->first / kBlock) : -1;
  };
  EXPECT_EQ(behind(first, 0), 2);
  EXPECT_EQ(behind(first, 2), 4);
  EXPECT_EQ(first.behind({2 * kBlock, kBlock})->count, 3u);
  EXPECT_EQ(behind(first, 4), -1);
  EXPECT_EQ(behind(first, 1), -1);  // another's, taken up
  EXPECT_EQ(behind(second, 1), 3);
  for (const int own : {0, 2, 4, 3}) EXPECT_EQ(explain_one(first), own);
  EXPECT_EQ(explain_one(second), 1);
  EXPECT_EQ(explain_one(second), -1);  // it knows now that 3 is done
  EXPECT_EQ(behind(second, 1), -1);
}

TEST_F(SharedBlocksTest, OnlyTheFirstTakesUpABlockThatMayBeAnothersAtWork) {
  constexpr std::size_t kSamples = 3 * kBlock;
  auto first = open(0, 3, kSamples), second = open(1, 3, kSamples);
  EXPECT_EQ(explain_one(second), 1);
  EXPECT_EQ(explain_one(second), -1);  // 0 and 2 are the others' first
  EXPECT_EQ(explain_one(first), 0);
  EXPECT_EQ(explain_one(first, seconds(0)), 2);  // the third never came
  EXPECT_EQ(explain_one(first, seconds(0)), -1);
  expect_all(first, kSamples);
}

TEST_F(SharedBlocksTest, WhatWasDoneBeforeNeedsNobody) {
  auto blocks = open(0, 1, 3 * kBlock, 2 * kBlock);
  EXPECT_EQ(blocks.samples_done(), 2 * kBlock);
  EXPECT_EQ(explain_one(blocks), 2);
  EXPECT_EQ(explain_one(blocks), -1);
  expect_all(blocks, 3 * kBlock, 2);
}

TEST_F(SharedBlocksTest, AnotherNumberOfRanksFindsWhatWasDone) {
  constexpr std::size_t kSamples = 5 * kBlock;
  {
    auto third = open(2, 3, kSamples);
    EXPECT_EQ(explain_one(third), 2);
  }
  auto alone = open(0, 1, kSamples);
  for (const int next : {0, 1, 3, 4, -1}) EXPECT_EQ(explain_one(alone), next);
  expect_all(alone, kSamples);
}

TEST_F(SharedBlocksTest, WhatAKilledRankLeftBehindItsLastBlockIsCut) {
  constexpr std::size_t kSamples = 3 * kBlock;
  {
    auto blocks = open(0, 1, kSamples);
    EXPECT_EQ(explain_one(blocks), 0);
  }
  // samples without their timing, and half a line
  std::ofstream(file(0, "samples.jsonl"), std::ios::app) << "sample 16\nsam";
  std::ofstream(file(0, "timings.jsonl"), std::ios::app) << "{\"first\":16,";
  auto again = open(0, 1, kSamples);
  for (const int next : {1, 2, -1}) EXPECT_EQ(explain_one(again), next);
  expect_all(again, kSamples);
}

TEST_F(SharedBlocksTest, ABlockThatTwoExplainedCountsOnce) {
  constexpr std::size_t kSamples = 2 * kBlock;
  auto first = open(0, 2, kSamples), second = open(1, 2, kSamples);
  const auto block = second.next();
  ASSERT_TRUE(block);
  EXPECT_EQ(explain_one(first), 0);
  EXPECT_EQ(explain_one(first, seconds(0)), 1);
  second.append(*block, lines_of_block(*block), 0);
  EXPECT_EQ(explain_one(first), -1);
  expect_all(first, kSamples);
}

TEST_F(SharedBlocksTest, ARankThatComesWhenAllIsOverHasNothingToDo) {
  auto second = open(1, 2, 2 * kBlock);
  const auto block = second.next();
  ASSERT_TRUE(block);
  fs::remove_all(SharedBlocks::folder_in(run_));
  second.append(*block, lines_of_block(*block), 0);  // which the first has explained too
  EXPECT_FALSE(second.next());
}

TEST_F(SharedBlocksTest, TwoProcessesAreNotTheSameRank) {
  auto second = open(1, 2, 2 * kBlock);
  EXPECT_THAT([&] { open(1, 2, 2 * kBlock); },
              ::testing::ThrowsMessage<UserError>(::testing::HasSubstr("another process is writing")));
  EXPECT_EQ(explain_one(second), 1);
}

TEST_F(SharedBlocksTest, DamagedJournalsAreNamed) {
  const auto mistake = [&](auto&& act) {
    try {
      act();
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("no mistake");
  };
  {
    auto blocks = open(1, 2, 4 * kBlock);
    EXPECT_EQ(explain_one(blocks), 1);
  }
  const std::string timings = read_file(file(1, "timings.jsonl"));
  for (const std::string line : {"{}", "nonsense", R"({"first":5,"samples":16,"bytes":1,"seconds":0})",
                                 R"({"first":640,"samples":16,"bytes":1,"seconds":0})",
                                 R"({"first":16,"samples":7,"bytes":1,"seconds":0})"}) {
    write_file(file(1, "timings.jsonl"), line + "\n");
    EXPECT_THAT(mistake([&] { open(0, 2, 4 * kBlock).next(); }),
                HasSubstr("ranks/1/timings.jsonl is damaged"))
        << line;
  }
  write_file(file(1, "timings.jsonl"), timings);
  write_file(file(1, "samples.jsonl"), "sample 16\n");
  EXPECT_THAT(mistake([&] { open(1, 2, 4 * kBlock); }),
              HasSubstr("samples.jsonl holds 1 whole lines, not 16"));
  {
    auto first = open(0, 2, 4 * kBlock);
    EXPECT_EQ(explain_one(first), 0);
    EXPECT_EQ(explain_one(first), 2);
    EXPECT_THAT(mistake([&] { first.read(1); }), HasSubstr("the samples from 16 on are not whole"));
  }

  // more bytes than there are, and than there can be
  write_file(file(1, "timings.jsonl"), R"({"first":16,"samples":16,"bytes":9000000000000000000,"seconds":0})"
                                       "\n");
  auto again = open(0, 2, 4 * kBlock);
  again.next(seconds(0));
  EXPECT_THAT(mistake([&] { again.read(1); }), HasSubstr("the samples from 16 on are not whole"));
}

}  // namespace
}  // namespace why
