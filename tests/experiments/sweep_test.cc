#include "experiments/runner/sweep.h"

#include <gmock/gmock.h>

#include "core/errors.h"
#include "experiments/runner/run_config.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<ConfigKey> known() {
  RunConfig config;
  config.task = "recommendation";
  return describe_keys(config);
}

std::vector<SweepKey> parse(const std::vector<std::string>& entries) { return parse_sweep(entries, known()); }

std::string error_of(const std::vector<std::string>& entries) {
  try {
    parse(entries);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(Sweep, TheLastKeyVariesFastest) {
  const auto grid = parse({"graph.alpha=1e-5,0.01", "graph.search=icd, fci,rfci"});
  ASSERT_EQ(num_points(grid), 6u);
  EXPECT_THAT(values_at(grid, 0), ElementsAre("1e-5", "icd"));
  EXPECT_THAT(values_at(grid, 1), ElementsAre("1e-5", "fci"));
  EXPECT_THAT(values_at(grid, 5), ElementsAre("0.01", "rfci"));
  EXPECT_EQ(name_of_point(grid, 4), "5_alpha=0.01_search=fci");
}

TEST(Sweep, TheLastWordOfAKeyIsEnough) {
  EXPECT_EQ(parse({"alpha=1e-5"}).front().path, "graph.alpha");
  EXPECT_EQ(parse({"limit=3,5"}).front().path, "limit");
}

TEST(Sweep, CommasInBracketsAndQuotesBelongToAValue) {
  EXPECT_THAT(parse({"methods=[cleann,attention],[rollout]"}).front().values,
              ElementsAre("[cleann,attention]", "[rollout]"));
  EXPECT_THAT(parse({R"(data="a,b",c)"}).front().values, ElementsAre(R"("a,b")", "c"));
  EXPECT_THAT(parse({"heads=0"}).front().values, ElementsAre("0"));
}

TEST(Sweep, NamesOfPointsAreFitForFolders) {
  const auto grid = parse({"methods=[cleann, attention],[rollout]", "model=a/b,c d"});
  EXPECT_EQ(name_of_point(grid, 1), "2_methods=-cleann--attention-_model=c-d");
  EXPECT_LE(name_of_point(parse({"model=" + std::string(300, 'x')}), 0).size(), 80u);
  std::string values = "seed=1";
  for (int i = 2; i <= 10; ++i) values += text(",", i);
  EXPECT_EQ(name_of_point(parse({values}), 0), "01_seed=1");
}

TEST(Sweep, WhatIsNoSweep) {
  EXPECT_THAT(error_of({"alpha"}), HasSubstr("sweep \"alpha\" is not of the form key=value,value"));
  EXPECT_THAT(
      error_of({"graph.alhpa=1,2"}),
      HasSubstr("sweep \"graph.alhpa=1,2\": unknown key \"graph.alhpa\"; did you mean \"graph.alpha\"?"));
  EXPECT_THAT(error_of({"alpha="}), HasSubstr("sweep \"alpha=\": a value is empty"));
  EXPECT_THAT(error_of({"alpha=0.1,,0.2"}), HasSubstr("a value is empty"));
  EXPECT_THAT(error_of({"alpha=0.1,0.2,0.1"}), HasSubstr("names the value 0.1 twice"));
  EXPECT_THAT(error_of({"alpha=0.1", "graph.alpha=0.2"}), HasSubstr("names the key graph.alpha twice"));
  for (const char* key : {"task", "name", "output"})
    EXPECT_THAT(error_of({text(key, "=a,b")}), HasSubstr(text(key, " cannot be swept")));
}

TEST(Sweep, HasAtMostFiveHundredPoints) {
  std::string values = "=0";
  for (int i = 1; i < 100; ++i) values += text(",", i);
  EXPECT_EQ(num_points(parse({"seed" + values, "limit=1,2,3,4,5"})), 500u);
  EXPECT_THAT(error_of({"seed" + values, "limit=1,2,3,4,5,6"}),
              HasSubstr("more than 500 points with the 6 values of limit"));
}

}  // namespace
}  // namespace why
