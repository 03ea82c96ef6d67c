// The two formats of labelled texts, on small sets written here.
#include "experiments/datasets/texts.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

class Texts : public ::testing::Test {
 protected:
  Texts() {
    folder_ =
        std::filesystem::temp_directory_path() /
        text("texts_", ::getpid(), "_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~Texts() override { std::filesystem::remove_all(folder_); }

  void write(const std::filesystem::path& name, const std::string& contents) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    write_file(folder_ / name, contents);
  }
  std::vector<LabelledText> read(TextPart part) { return read_texts(find_texts(folder_), part); }

  std::filesystem::path folder_;
};

std::vector<std::string> ids(const std::vector<LabelledText>& texts) {
  std::vector<std::string> out;
  for (const auto& one : texts) out.push_back(one.id);
  return out;
}

TEST_F(Texts, Sst2IsTextTabLabelWithOrWithoutAHeader) {
  write("train.tsv", "sentence\tlabel\na \"quoted film \t1\r\nbad\t0\n");
  write("dev.tsv", "fine\t1\n");
  const auto train = read(TextPart::train);
  EXPECT_THAT(ids(train), ElementsAre("train:2", "train:3"));
  EXPECT_EQ(train[0].text, "a \"quoted film");
  EXPECT_EQ(train[0].label, 1);
  EXPECT_THAT(ids(read(TextPart::validation)), ElementsAre("dev:1"));
  EXPECT_THAT(read(TextPart::test), IsEmpty());
}

TEST_F(Texts, GluesTestPartHasNoLabelsAndCountsAsMissing) {
  write("test.tsv", "index\tsentence\n0\tuneasy mishmash\n");
  EXPECT_THAT(read(TextPart::test), IsEmpty());
}

TEST_F(Texts, ImdbSortsReviewsByNumberAndBreaksLines) {
  for (const char* name : {"train/neg/10_2.txt", "train/neg/9_1.txt", "train/pos/2_10.txt"})
    write(name, "one<br /><br />two");
  write("train/neg/urls.dat", "not a review");
  const auto train = read(TextPart::train);
  EXPECT_THAT(ids(train), ElementsAre("train/neg/9_1", "train/neg/10_2", "train/pos/2_10"));
  EXPECT_EQ(train[0].text, "one\n\ntwo");
  EXPECT_EQ(train[0].label, 0);
  EXPECT_EQ(train[2].label, 1);
  EXPECT_THAT(read(TextPart::validation), IsEmpty());
}

TEST_F(Texts, BytesThatAreNoUtf8Stay) {
  write("train.tsv", "caf\xe9\t1\n");
  EXPECT_EQ(read(TextPart::train)[0].text, "caf\xe9");
}

TEST_F(Texts, WhatIsNotLabelledTextIsNamed) {
  const auto message = [&](const std::string& contents) {
    write("train.tsv", contents);
    try {
      read(TextPart::train);
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message("good\t1\nbad\t2\n"), HasSubstr("train.tsv:2: label \"2\" is not known; known: 0 "
                                                      "(negative), 1 (positive): \"bad"));
  EXPECT_THAT(message("good\n"), HasSubstr("train.tsv:1: wanted text, tab, label, found 1 columns"));
  EXPECT_THAT(message("a\t1\tb\n"), HasSubstr("found 3 columns"));
  EXPECT_THAT(message(" \t1\n"), HasSubstr("the text is empty"));
  EXPECT_THAT(message("a\tpositive\n"), HasSubstr("label \"positive\" is not known"));
}

TEST_F(Texts, AFolderWithoutThemSaysWhereToGetThem) {
  EXPECT_THAT([&] { find_texts(folder_); },
              ThrowsMessage<UserError>(AllOf(HasSubstr("holds no labelled texts; SST-2 is train.tsv"),
                                             HasSubstr("https://ai.stanford.edu/~amaas/data/sentiment"))));
  EXPECT_THAT([&] { find_texts(folder_ / "nowhere"); },
              ThrowsMessage<UserError>(HasSubstr("there is no data folder")));
  EXPECT_THAT([&] { find_texts(""); }, ThrowsMessage<UserError>(HasSubstr("no data folder is named")));
  write("train/pos/1_9.txt", "");
  EXPECT_THAT([&] { read(TextPart::train); }, ThrowsMessage<UserError>(HasSubstr("there is no folder")));
  write("train/neg/1_1.txt", "dull");
  EXPECT_THAT([&] { read(TextPart::train); }, ThrowsMessage<UserError>(HasSubstr("1_9.txt is empty")));
}

TEST_F(Texts, AHoldOutTakesTheSameTextsForTheSameSeed) {
  const auto texts = [] {
    std::vector<LabelledText> out;
    for (int i = 0; i < 10; ++i) out.push_back({std::to_string(i), "x", 0});
    return out;
  };
  auto a = texts(), b = texts(), c = texts();
  const auto held = set_aside(a, 3, Random(1));
  EXPECT_EQ(ids(held), ids(set_aside(b, 3, Random(1))));
  EXPECT_EQ(held.size(), 3u);
  EXPECT_EQ(a.size(), 7u);
  EXPECT_TRUE(std::is_sorted(a.begin(), a.end(), [](auto& x, auto& y) { return x.id < y.id; }));
  EXPECT_EQ(set_aside(c, 99, Random(1)).size(), 10u);
  EXPECT_THAT(c, IsEmpty());
}

}  // namespace
}  // namespace why
