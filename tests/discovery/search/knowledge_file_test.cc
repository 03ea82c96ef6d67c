#include "discovery/search/knowledge_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"

namespace why {
namespace {

const std::vector<std::string> kNames = {"a", "b", "c", "d", "two words"};

Knowledge read(const std::string& text) { return parse_knowledge(text, "k.txt", kNames); }

void expect_error(const std::string& text, const std::string& message) {
  EXPECT_THAT([&] { read(text); }, testing::ThrowsMessage<UserError>(message)) << text;
}

TEST(KnowledgeFile, ReadsTiersAndEdges) {
  const Knowledge knowledge = read(
      "# what the doctors say\ntier: a, \"two words\"\n\ntier: b\nforbidden: c --> d  # never\n"
      "required: b <-- a\n");
  EXPECT_EQ(knowledge.tier(0), 0);
  EXPECT_EQ(knowledge.tier(4), 0);
  EXPECT_EQ(knowledge.tier(1), 1);
  EXPECT_EQ(knowledge.tier(2), -1);
  EXPECT_TRUE(knowledge.is_forbidden(2, 3));
  EXPECT_FALSE(knowledge.is_forbidden(3, 2));
  EXPECT_TRUE(knowledge.is_required(0, 1));
  EXPECT_STREQ(knowledge.rule(4, 1), "tier");
}

TEST(KnowledgeFile, ReadsAnOrder) {
  const Knowledge knowledge = read("order: d c b a \"two words\"\n");
  EXPECT_EQ(knowledge.total_order(), (std::vector<Node>{3, 2, 1, 0, 4}));
  EXPECT_EQ(read("\xEF\xBB\xBForder: d c b a \"two words\"\n").total_order(), knowledge.total_order());
  EXPECT_STREQ(knowledge.rule(3, 2), "order");
  EXPECT_FALSE(read("order: d c\n").total_order());  // the others are free
}

TEST(KnowledgeFile, ReadsTetradsFormat) {
  const Knowledge knowledge = read(
      "/knowledge\naddtemporal\n\n1 a\n2* b c\n3\n4 d\n\nforbiddirect\n\nd \"two words\"\n// a comment\n"
      "requiredirect\na b\n");
  EXPECT_LT(knowledge.tier(0), knowledge.tier(1));
  EXPECT_EQ(knowledge.tier(1), knowledge.tier(2));
  EXPECT_LT(knowledge.tier(2), knowledge.tier(3));
  EXPECT_TRUE(knowledge.is_forbidden(1, 2) && knowledge.is_forbidden(2, 1));
  EXPECT_TRUE(knowledge.is_forbidden(3, 4));
  EXPECT_TRUE(knowledge.is_required(0, 1));
}

TEST(KnowledgeFile, ReadsTetradsGroups) {
  const Knowledge knowledge = read(
      "/knowledge\nforbiddengroup\na b\nc d\n// a comment\nd\n\"two words\"\nrequiredgroup\nc\na b\n"
      "addtemporal\n1 c\n");
  for (const Node cause : {0, 1})
    for (const Node effect : {2, 3}) EXPECT_TRUE(knowledge.is_forbidden(cause, effect));
  EXPECT_TRUE(knowledge.is_forbidden(3, 4));
  EXPECT_FALSE(knowledge.is_forbidden(3, 2) || knowledge.is_forbidden(0, 1) || knowledge.is_forbidden(0, 4));
  EXPECT_TRUE(knowledge.is_required(2, 0) && knowledge.is_required(2, 1));
  EXPECT_EQ(knowledge.tier(2), 1);
}

TEST(KnowledgeFile, NothingSaidIsNothingKnown) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("# nothing\n\n").empty());
  EXPECT_TRUE(read("/knowledge\naddtemporal\n\n").empty());
}

TEST(KnowledgeFile, NamesWhatItCannotRead) {
  expect_error("tier: a zebra\n", "k.txt:1: unknown variable \"zebra\" in `tier: a zebra`");
  expect_error("tier: a\ntier: two_words\n",
               "k.txt:2: unknown variable \"two_words\" (did you mean \"two words\"?) in `tier: two_words`");
  expect_error("forbidden: a o-> b\n", "k.txt:1: no edge such as `A --> B` in `forbidden: a o-> b`");
  expect_error("required: a b\n", "k.txt:1: no edge such as `A --> B` in `required: a b`");
  expect_error("required: a --> a\n", "k.txt:1: a variable and itself in `required: a --> a`");
  expect_error("order: a b a\n", "k.txt:1: the variable \"a\" is named twice in `order: a b a`");
  expect_error("order: a b\norder: c d\n", "k.txt:2: a second order in `order: c d`");
  expect_error(
      "forbid: a --> b\n",
      "k.txt:1: no statement such as `tier: A B`, `order: A B C`, `forbidden: A --> B` or `required: "
      "A --> B` (did you mean \"forbidden:\"?) in `forbid: a --> b`");
  expect_error("/knowledge\na b\n", "k.txt:2: no section yet, such as addtemporal in `a b`");
  expect_error("/knowledge\nforbidgroup\n",
               "k.txt:2: unknown section \"forbidgroup\" (known: addtemporal, forbiddirect, requiredirect, "
               "forbiddengroup, requiredgroup) in `forbidgroup`");
  for (const char* rest : {"", "requiredgroup\n"})
    expect_error(text("/knowledge\nforbiddengroup\na b\nc\nb\n", rest),
                 "k.txt:5: the causes of a group, without a line of effects behind it, in `b`");
  expect_error("/knowledge\nforbiddengroup\na b\nb c\n",
               "k.txt:4: the variable \"b\" on both sides of a group in `b c`");
  expect_error("/knowledge\nforbiddengroup\na zebra\nb\n",
               "k.txt:3: unknown variable \"zebra\" in `a zebra`");
  expect_error("/knowledge\nforbiddirect\na b c\n", "k.txt:3: not two variables in `a b c`");
  expect_error("/knowledge\naddtemporal\n-1 a\n", "k.txt:3: no tier such as `1 A B` or `2* C D` in `-1 a`");
  expect_error("/knowledge\naddtemporal\n1- a\n", "k.txt:3: no tier such as `1 A B` or `2* C D` in `1- a`");
}

TEST(KnowledgeFile, NamesStatementsThatContradictEachOther) {
  expect_error("tier: a b\ntier: b\n",
               "k.txt:2: `tier: b` contradicts k.txt:1: `tier: a b`: \"b\" is in two tiers");
  expect_error(
      "tier: a\ntier: b\nrequired: b --> a\n",
      "k.txt:3: `required: b --> a` contradicts k.txt:2: `tier: b` and k.txt:1: `tier: a`: \"b\" comes "
      "after \"a\"");
  expect_error("order: a b\nrequired: b --> a\n",
               "k.txt:2: `required: b --> a` contradicts k.txt:1: `order: a b`: \"b\" comes after \"a\"");
  expect_error(
      "order: a b\ntier: c\n",
      "k.txt:2: `tier: c` contradicts k.txt:1: `order: a b`: an order is a list of tiers, so there is one "
      "or the other");
  expect_error(
      "forbidden: a --> b\nrequired: a --> b\n",
      "k.txt:1: `forbidden: a --> b` contradicts k.txt:2: `required: a --> b`: \"a\" is required to be a "
      "cause of \"b\"");
  expect_error(
      "required: a --> b\nrequired: b --> a\n",
      "k.txt:2: `required: b --> a` contradicts k.txt:1: `required: a --> b`: \"a\" would be a cause of "
      "itself");
  // through others
  expect_error(
      "required: a --> b\nrequired: b --> c\nforbidden: a --> c\n",
      "k.txt:3: `forbidden: a --> c` contradicts k.txt:1: `required: a --> b` and k.txt:2: `required: b "
      "--> c`: \"a\" is required to be a cause of \"c\"");
  expect_error(
      "required: a --> b\nrequired: b --> c\nrequired: c --> a\n",
      "k.txt:3: `required: c --> a` contradicts k.txt:1: `required: a --> b` and k.txt:2: `required: b "
      "--> c`: \"a\" would be a cause of itself");
  expect_error(
      "required: d --> b\nrequired: b --> a\ntier: a\ntier: d\n",
      "k.txt:2: `required: b --> a` contradicts k.txt:1: `required: d --> b` and k.txt:4: `tier: d` and "
      "k.txt:3: `tier: a`: \"d\" comes after \"a\"");
}

}  // namespace
}  // namespace why
