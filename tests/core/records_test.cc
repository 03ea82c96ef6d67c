#include "core/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

namespace fs = std::filesystem;

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove(path_);
  }
  void TearDown() override { fs::remove(path_); }
  fs::path path_;
};

TEST_F(JournalTest, CutsWhatAKilledRunLeft) {
  {
    auto journal = Journal::create(path_);
    journal.append(std::vector<std::string>{"a", "b"});
    journal.append(std::vector<std::string>{"c", "d"});
  }
  fs::resize_file(path_, 7);  // "a b c" and half of "d"
  EXPECT_THAT(whole_lines(path_), testing::ElementsAre("a", "b", "c"));

  auto journal = Journal::open(path_);
  journal.keep(2);  // the last whole block of two
  journal.append(std::vector<std::string>{"c", "d"});
  EXPECT_EQ(read_file(path_), "a\nb\nc\nd\n");
}

TEST_F(JournalTest, RefusesToOverwriteAndToInvent) {
  { auto journal = Journal::create(path_); }
  EXPECT_THROW(Journal::create(path_), UserError);
  EXPECT_THROW(Journal::open(path_).keep(1), UserError);
  EXPECT_THROW(Journal::create("/nowhere/at/all"), UserError);
  EXPECT_THROW(Journal::open("/nowhere/at/all"), UserError);
}

TEST_F(JournalTest, OneProcessAtATimeHasIt) {
  const auto refuses = testing::ThrowsMessage<UserError>("another process is writing " + path_.string() +
                                                         "; wait for its end, or stop it");
  {
    auto first = Journal::open(path_);
    EXPECT_THAT([&] { Journal::open(path_); }, refuses);
    auto moved = std::move(first);
    moved.append(std::vector<std::string>{"a"});
    EXPECT_THAT([&] { Journal::open(path_); }, refuses);
  }
  Journal::open(path_).keep(1);
  {
    const FileLock held(path_);
    EXPECT_THAT([&] { Journal::open(path_); }, refuses);
  }
  EXPECT_EQ(read_file(path_), "a\n");
  fs::remove(path_);
  EXPECT_THAT([&] { FileLock lock(path_); },
              testing::ThrowsMessage<UserError>(testing::HasSubstr("cannot open")));
}

TEST_F(JournalTest, WhatTookItsPlaceIsLeftAlone) {
  auto journal = Journal::create(path_);
  journal.append(std::vector<std::string>{"a"});
  const fs::path moved = path_.string() + "_moved";
  fs::rename(path_, moved);
  const auto refuses = testing::ThrowsMessage<UserError>(
      testing::StartsWith(path_.string() + " was moved or removed while this process was writing it"));
  EXPECT_THAT([&] { journal.append(std::vector<std::string>{"b"}); }, refuses);
  auto other = Journal::create(path_);
  EXPECT_THAT([&] { journal.check_in_place(); }, refuses);
  other.append(std::vector<std::string>{"c"});
  EXPECT_EQ(read_file(moved), "a\n");
  EXPECT_EQ(read_file(path_), "c\n");
  fs::remove(moved);
}

TEST(Files, NameThePathThatFails) {
  EXPECT_THAT([] { read_file("/nowhere"); }, testing::ThrowsMessage<UserError>("there is no file /nowhere"));
  EXPECT_THAT([] { read_file("/tmp"); }, testing::ThrowsMessage<UserError>("/tmp is a folder, not a file"));
  EXPECT_THAT([] { write_file("/nowhere/x", "y"); },
              testing::ThrowsMessage<UserError>(testing::HasSubstr("cannot write /nowhere/x")));
}

TEST(Files, FollowLinksKeepModesAndWriteToDevices) {
  const fs::path folder = fs::path(testing::TempDir()) / "follow_links";
  fs::remove_all(folder);
  fs::create_directories(folder);
  write_file(folder / "target", "old");
  fs::permissions(folder / "target", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("target", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_EQ(read_file(folder / "target"), "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(fs::status(folder / "target").permissions(), fs::perms::owner_read | fs::perms::owner_write);

  fs::create_symlink("/dev/full", folder / "full");
  EXPECT_THAT([&] { write_file(folder / "full", "x"); },
              testing::ThrowsMessage<UserError>(testing::HasSubstr("No space left")));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  fs::remove_all(folder);
}

TEST(Files, Sha256OfTheEmptyText) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");  // FIPS 180-4
}

}  // namespace
}  // namespace why
