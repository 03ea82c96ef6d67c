#include "core/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/files.h"

namespace why {
namespace {

struct Inner {
  double alpha = 0.01;
  std::string algorithm = "icd";
};

struct Outer {
  int limit = 5;
  std::uint64_t seed = 1;
  bool strict = true;
  std::vector<std::string> names = {"a"};
  Inner search;
};

void describe(Fields& f, Inner& o) {
  f.field("alpha", o.alpha, "independent iff p > alpha", in_range(0, 1));
  f.field("algorithm", o.algorithm, "the search", one_of({"icd", "fci"}));
}

void describe(Fields& f, Outer& o) {
  f.field("limit", o.limit, "how many", in_range(1));
  f.field("seed", o.seed, "of everything random");
  f.field("strict", o.strict, "whether to be strict");
  f.field("names", o.names, "some names");
  f.section("search", o.search, "how the graph is learned");
}

Outer read(const std::string& yaml, std::vector<std::string> overrides = {}) {
  Outer out;
  ConfigTree::parse(yaml, "x.yaml", overrides).read(out);
  return out;
}

std::string error_of(const std::string& yaml, std::vector<std::string> overrides = {}) {
  try {
    read(yaml, std::move(overrides));
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Config, KeepsDefaultsAndReadsNestedKeys) {
  const Outer out = read("search:\n  alpha: 1e-5\nnames: [x, y]\n");
  EXPECT_EQ(out.limit, 5);
  EXPECT_EQ(out.search.alpha, 1e-5);
  EXPECT_THAT(out.names, testing::ElementsAre("x", "y"));
}

TEST(Config, AnEmptyFileKeepsAllDefaultsAndAMissingOneIsNamed) {
  const auto path = (std::filesystem::path(testing::TempDir()) / "empty.yaml").string();
  write_file(path, "");
  Outer out;
  ConfigTree::load(path).read(out);
  EXPECT_EQ(out.limit, 5);
  std::filesystem::remove(path);
  EXPECT_THAT([&] { ConfigTree::load(path); },
              testing::ThrowsMessage<UserError>(testing::HasSubstr("there is no file " + path)));
}

TEST(Config, UnknownKeyNamesLineColumnAndNearestKey) {
  EXPECT_EQ(error_of("limit: 3\nsearch:\n  alhpa: 0.1\n"),
            "x.yaml:3:3: unknown key \"alhpa\" in search; did you mean \"alpha\"?; known: alpha, algorithm");
}

TEST(Config, UnknownChoiceListsTheKnownOnes) {
  EXPECT_EQ(error_of("search: {algorithm: fcii}\n"),
            "x.yaml:1:21: unknown algorithm \"fcii\"; did you mean \"fci\"?; known: icd, fci");
}

TEST(Config, OverridesWinAndAreNamedInErrors) {
  EXPECT_EQ(read("limit: 3\n", {"limit=7", "search.alpha=0.5"}).limit, 7);
  EXPECT_EQ(read("", {"search.alpha=0.5"}).search.alpha, 0.5);
  EXPECT_EQ(
      error_of("", {"search.alhpa=1"}),
      "override \"search.alhpa=1\": unknown key \"alhpa\" in search; did you mean \"alpha\"?; known: alpha, "
      "algorithm");
  EXPECT_EQ(error_of("", {"search.alpha=2"}),
            "override \"search.alpha=2\": \"search.alpha\" must be between 0 and 1, not 2");
  EXPECT_EQ(error_of("", {"limit"}), "override \"limit\" is not of the form key.sub=value");
}

TEST(Config, RejectsWrongTypes) {
  EXPECT_EQ(error_of("limit: many\n"), "x.yaml:1:8: \"limit\" must be a whole number, not \"many\"");
  EXPECT_EQ(error_of("limit: 2.5\n"), "x.yaml:1:8: \"limit\" must be a whole number, not \"2.5\"");
  EXPECT_EQ(error_of("limit: 99999999999\n"),
            "x.yaml:1:8: \"limit\" must be a whole number, not \"99999999999\"");
  EXPECT_EQ(error_of("seed: -1\n"), "x.yaml:1:7: \"seed\" must be a whole number, 0 or more, not \"-1\"");
  EXPECT_EQ(error_of("strict: \"true\"\n"), "x.yaml:1:9: \"strict\" must be true or false, not \"true\"");
  EXPECT_EQ(error_of("search: 3\n"), "x.yaml:1:9: \"search\" must be a section of keys, not \"3\"");
  EXPECT_EQ(error_of("names: x\n"), "x.yaml:1:8: \"names\" must be a list, not \"x\"");
  EXPECT_EQ(error_of("limit: 0\n"), "x.yaml:1:8: \"limit\" must be at least 1, not 0");
}

TEST(Config, RejectsRepeatedKeysBadYamlAndDeepNesting) {
  EXPECT_EQ(error_of("limit: 3\nlimit: 4\n"), "x.yaml:2:1: key \"limit\" is given twice");
  EXPECT_THAT(error_of("limit: [1\n"), testing::StartsWith("x.yaml:"));
  EXPECT_THAT(error_of("names: " + std::string(40, '[') + std::string(40, ']')),
              testing::HasSubstr("levels deep"));
  EXPECT_EQ(error_of("- a\n"), "x.yaml: a configuration is a list of `key: value` lines");
}

TEST(Config, NumbersReadAsYaml12Does) {
  for (const auto& [written, value] : {std::pair{"1e-12", 1e-12}, {"1E0", 1.0}, {".5", 0.5}, {"0", 0.0}})
    EXPECT_EQ(read(std::string("search: {alpha: ") + written + "}").search.alpha, value) << written;
  EXPECT_EQ(error_of("search: {alpha: .nan}"),
            "x.yaml:1:17: \"search.alpha\" must be between 0 and 1, not .nan");
}

TEST(Config, ResolvedFormReadsBackTheSame) {
  Outer out;
  out.names = {"with \"quotes\"", "and: colon", "ü"};
  out.search.alpha = 1.0 / 3;
  const std::string yaml = to_yaml(out);
  EXPECT_EQ(to_yaml(read(yaml)), yaml);
  EXPECT_THAT(yaml, testing::HasSubstr("search:\n  alpha: 0.3333333333333333\n"));
}

TEST(Config, ListsItsKeysForTheDocumentation) {
  const auto keys = describe_keys(Outer{});
  ASSERT_EQ(keys.size(), 6u);
  EXPECT_EQ(keys[4].path, "search.alpha");
  EXPECT_EQ(keys[4].value, "0.01");
  EXPECT_EQ(keys[4].help, "independent iff p > alpha");
  EXPECT_EQ(keys[4].allowed.high, 1);
}

}  // namespace
}  // namespace why
