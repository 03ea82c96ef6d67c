#include "models/formats/bundle.h"

#include <gmock/gmock.h>

#include <functional>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Bundle : public ::testing::Test {
 protected:
  Bundle() {
    folder_ =
        std::filesystem::temp_directory_path() /
        text("bundle_", ::getpid(), "_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    info_.layers = 2;
    info_.heads = 2;
    info_.hidden = 8;
    info_.inner = 16;
    info_.max_length = 6;
    info_.outputs = 3;
    info_.mask_id = 4;
    info_.append_mask = true;
    info_.items = {"10", "twenty", "30"};
    info_.provenance.seed = "7";
  }
  ~Bundle() override { std::filesystem::remove_all(folder_); }

  std::string error_after(const std::function<void()>& damage) {
    write_bundle(folder_, info_);
    damage();
    try {
      read_bundle(folder_);
    } catch (const UserError& error) {
      return error.what();
    }
    return "nothing thrown";
  }

  std::string with(const std::string& from, const std::string& to) {
    return error_after([&] {
      std::string yaml = read_file(folder_ / kBundleFile);
      const auto at = yaml.find(from);
      WHY_ASSERT(at != std::string::npos);
      write_file(folder_ / kBundleFile, yaml.replace(at, from.size(), to));
    });
  }

  std::filesystem::path folder_;
  BundleInfo info_;
};

TEST_F(Bundle, IsReadAsItWasWritten) {
  write_bundle(folder_, info_);
  const auto read = read_bundle(folder_);
  EXPECT_EQ(read.path, folder_.string());
  EXPECT_EQ(read.architecture, "bert4rec");
  EXPECT_EQ(read.inner, 16);
  EXPECT_EQ(read.max_history(), 5);
  EXPECT_THAT(read.items, ElementsAre("10", "twenty", "30"));
  EXPECT_EQ(read.provenance.seed, "7");
  EXPECT_THAT(prediction_input(read, {1, 2}), ElementsAre(1, 2, 4));
}

TEST_F(Bundle, WhatIsWrongIsNamed) {
  EXPECT_THAT(with("pad_id", "pda_id"), HasSubstr("unknown key \"pda_id\"; did you mean \"pad_id\"?"));
  EXPECT_THAT(with("layers: 2\n", ""), HasSubstr("key \"layers\" is missing"));
  EXPECT_THAT(with("inner: 16", "inner: 0"), HasSubstr("key \"inner\" is missing"));
  EXPECT_THAT(with("format: 1", "format: 9"), HasSubstr("format 9 is not known; known: 1"));
  EXPECT_THAT(with("bert4rec", "gpt4rec"),
              HasSubstr("unknown architecture \"gpt4rec\"; did you mean \"bert4rec\"?"));
  EXPECT_THAT(with("heads: 2", "heads: 3"), HasSubstr("hidden (8) is not a multiple of heads (3)"));
  EXPECT_THAT(with("heads: 2", "heads: 0"), HasSubstr("heads"));
  EXPECT_THAT(with("outputs: 3", "outputs: 4"), HasSubstr("outputs is 4, but items.txt holds 3 items"));
  EXPECT_THAT(with("pad_id: 0", "pad_id: 1"), HasSubstr("pad_id 1 is the id of an item"));
  EXPECT_THAT(with("mask_id: 4", "mask_id: 3"), HasSubstr("mask_id 3 is the id of an item"));
  EXPECT_THAT(with("mask_id: 4", "mask_id: -1"), HasSubstr("append_mask needs a mask_id"));
  EXPECT_THAT(with("max_length: 6", "max_length: 1"), HasSubstr("leaves no room for a history"));
}

TEST_F(Bundle, MissingOrDamagedFilesAreNamed) {
  EXPECT_THAT(error_after([&] { std::filesystem::remove(folder_ / kItemsFile); }), HasSubstr("items.txt"));
  EXPECT_THAT(error_after([&] { write_file(folder_ / kItemsFile, "10\n20\n10\n"); }),
              HasSubstr("items.txt:3: item \"10\" is there a second time"));
  EXPECT_THAT(error_after([&] { write_file(folder_ / kItemsFile, "10\n\n30\n"); }),
              HasSubstr("items.txt:2: the item id is empty"));
  EXPECT_THAT(error_after([&] { std::filesystem::remove(folder_ / kBundleFile); }),
              HasSubstr("is not a model: it has no bundle.yaml"));
  EXPECT_THAT(error_after([&] { write_file(folder_ / kBundleFile, "a: [1"); }), HasSubstr("bundle.yaml"));
  EXPECT_THAT(error_after([&] { std::filesystem::remove_all(folder_); }),
              HasSubstr("there is no model folder"));
}

}  // namespace
}  // namespace why
