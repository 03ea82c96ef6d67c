#include "experiments/runner/metrics.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace why {
namespace {

MethodResult found_two_sets() {
  MethodResult out;
  out.status = SearchStatus::minimal;
  FoundSet set;
  set.members = {0, 2};
  set.parts = {"50", "172"};
  set.replacement = "181";
  set.replacement_rank = 2;
  set.margin = -0.125;
  set.depth = 3;
  set.heads = {0, 1};
  out.sets = {set, set};
  out.legal = {3, 2, 1};
  out.possible = {3, 3, 1};
  out.calls = {3, 2, 0};
  out.passes = 4;
  out.first_hit = 4;
  out.ranking_calls = 1;
  out.first_hit_with_ranking = 5;
  return out;
}

Sample one_sample() {
  Sample out;
  out.number = 7;
  out.source = "196, \"Bob\"";
  out.parts = {"50", "9", "172"};
  out.answer = "174";
  out.methods["cleann"] = found_two_sets();
  MethodResult none;
  none.status = SearchStatus::budget;
  none.bound = SearchBound::max_calls;
  none.legal = none.possible = none.calls = {3};
  out.methods["random"] = none;
  return out;
}

TEST(Metrics, ARowAMethodWithTheFirstSet) {
  EXPECT_EQ(metrics_rows(one_sample()),
            "7,\"196, \"\"Bob\"\"\",3,174,cleann,minimal,,2,2,50 172,181,2,-0.125,3,0 1,5,4,6,7,4,1,5,,\n"
            "7,\"196, \"\"Bob\"\"\",3,174,random,budget,max_calls,0,0,,,,,,,3,0,3,3,,0,,,\n");
}

TEST(Metrics, AMethodHasTheMeasuresOfItsRanking) {
  Sample sample = one_sample();
  sample.methods = {{"smart-attention", found_two_sets()}, {"attention:any", found_two_sets()}};
  sample.rankings["attention"] = {{3, 1, 2}, 0.5, -0.125};
  EXPECT_THAT(metrics_rows(sample), ::testing::ContainsRegex(",0.5,-0.125\n.*,0.5,-0.125\n"));
  sample.rankings["attention"].comprehensiveness.reset();
  EXPECT_THAT(metrics_rows(sample), ::testing::Not(::testing::HasSubstr("0.125\n")));
}

TEST(Metrics, ATextHasItsOwnColumns) {
  EXPECT_EQ(metrics_header("sentiment").substr(0, 40), "sample,source,length,answer,method,statu");
  Sample sample = one_sample();
  sample.task = "sentiment";
  sample.source = "test:3";
  EXPECT_TRUE(metrics_rows(sample).starts_with("7,test:3,3,174,cleann,minimal,,2,2,50 172,"));
}

TEST(Metrics, AReplacementFurtherDownIsBeyondTen) {
  auto sample = one_sample();
  sample.methods["cleann"].sets[0].replacement_rank.reset();
  EXPECT_THAT(metrics_rows(sample), ::testing::HasSubstr(",181,>10,-0.125,"));
}

TEST(Metrics, EveryRowHasAFieldAColumn) {
  const auto header = metrics_header("recommendation");
  const auto columns = std::count(header.begin(), header.end(), ',');
  auto sample = one_sample();
  sample.source = "196";
  const auto rows = metrics_rows(sample);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), ','), 2 * columns);
}

}  // namespace
}  // namespace why
