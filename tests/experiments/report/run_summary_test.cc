#include "experiments/report/run_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::Pair;

RunSummary summary_of(const std::vector<Sample>& samples) {
  SummaryBuilder builder;
  for (const auto& sample : samples) builder.add(sample);
  return builder.finish();
}

// u0: {2}, rank 2, 2 calls; u1: {0, 1}, rank > 10, 3 calls; u2: none; u3: budget
std::vector<Sample> four_users() {
  std::vector<Sample> out;
  for (int user = 0; user < 4; ++user) out.push_back(made_up_sample(user));
  out[1].methods["cleann"] = explained_by(found_set({0, 1}, std::nullopt), {2, 1, 0});
  out[2].methods["cleann"] = unexplained(SearchStatus::none, SearchBound::none, {2, 1, 0});
  out[3].methods["cleann"] = unexplained(SearchStatus::budget, SearchBound::max_calls, {2, 0, 0});
  return out;
}

TEST(RunSummary, CountsStatusSizesRanksAndCalls) {
  const RunSummary summary = summary_of(four_users());
  ASSERT_EQ(summary.methods.size(), 3u);
  const MethodSummary& cleann = *summary.main_method();
  EXPECT_EQ(cleann.name, "cleann");
  EXPECT_EQ(cleann.samples, 4);
  EXPECT_EQ(cleann.explained, 2);
  EXPECT_EQ(cleann.none, 1);
  EXPECT_EQ(cleann.budget, 1);
  EXPECT_THAT(cleann.bounds, ElementsAre(Pair("max_calls", 1)));
  EXPECT_THAT(cleann.sizes, ElementsAre(Pair(1, 1), Pair(2, 1)));
  EXPECT_THAT(cleann.ranks, ElementsAre(Pair(2, 1)));
  EXPECT_EQ(cleann.beyond_top10, 1);
  EXPECT_THAT(cleann.legal, ElementsAre(8, 4, 0));
  EXPECT_THAT(cleann.possible, ElementsAre(16, 24, 16));
  EXPECT_THAT(cleann.calls, ElementsAre(8, 2, 0));
  EXPECT_THAT(cleann.calls_of_explained, ElementsAre(2, 3));
  EXPECT_THAT(cleann.calls_of_all, ElementsAre(2, 2, 3, 3));
}

TEST(RunSummary, MethodsComeWithControlsBesideCleannAndUnknownOnesLast) {
  Sample sample = made_up_sample(0);
  sample.methods["another"] = sample.methods["exhaustive"] = sample.methods["cleann"];
  std::vector<std::string> names;
  for (const auto& method : summary_of({sample}).methods) names.push_back(method.name);
  EXPECT_THAT(names, ElementsAre("cleann", "permuted", "random", "exhaustive", "another"));
}

// the optimum has one item for u0 and u1, none for u2, and one for u3
TEST(RunSummary, ComparesWithTheExhaustiveOptimumWhereThatWasFound) {
  auto samples = four_users();
  const MethodResult one_item = explained_by(found_set({3}, 2), {4, 0, 0});
  samples[0].methods["exhaustive"] = samples[1].methods["exhaustive"] = samples[3].methods["exhaustive"] =
      one_item;
  samples[2].methods["exhaustive"] = unexplained(SearchStatus::none, SearchBound::none, {4, 6, 4});
  const MethodSummary cleann = *summary_of(samples).main_method();
  EXPECT_EQ(cleann.compared, 2);
  EXPECT_EQ(cleann.same_size, 1);
  EXPECT_EQ(cleann.excess, 1);
  EXPECT_EQ(cleann.missed, 1);
}

TEST(RunSummary, CountsUsersWithWarningsAndWithAnIsolatedRecommendation) {
  Sample isolated = made_up_sample(1), half = made_up_sample(2);
  isolated.graphs = {{0, graph_of_numbers(5, "0 o-> 1")}, {1, graph_of_numbers(5, "1 o-> 2")}};
  isolated.warnings = {"the recommendation is isolated"};
  half.graphs.push_back({1, graph_of_numbers(5, "1 o-> 2")});
  const RunSummary summary = summary_of({made_up_sample(0), isolated, half});
  EXPECT_EQ(summary.isolated_roots, 1);
  EXPECT_EQ(summary.with_warnings, 1);
}

TEST(RunSummary, CountsRightAnswersWhereTheyAreKnown) {
  SummaryBuilder builder("sentiment");
  for (int number = 0; number < 3; ++number) builder.add(made_up_text(number));
  Sample unlabelled = made_up_text(3);
  unlabelled.text->label.clear();
  unlabelled.text->unit = "piece";
  builder.add(unlabelled);
  const RunSummary summary = builder.finish();
  EXPECT_EQ(summary.labelled, 3);
  EXPECT_EQ(summary.right, 2);
  EXPECT_EQ(summary.words.part, "word");
  EXPECT_DOUBLE_EQ(to_json(summary)["accuracy"], 2 / 3.0);
  SummaryBuilder users;
  users.add(made_up_sample(0));
  EXPECT_FALSE(to_json(users.finish()).contains("accuracy"));
}

TEST(RunSummary, JsonHoldsSharesMeansAndNullForNothing) {
  const auto json = to_json(summary_of(four_users()));
  EXPECT_EQ(json["samples"], 4);
  const auto& cleann = json["methods"]["cleann"];
  EXPECT_EQ(cleann["share_explained"], 0.5);
  EXPECT_EQ(cleann["sizes"].dump(), R"({"1":1,"2":1})");
  EXPECT_EQ(cleann["size"].dump(), R"({"mean":1.5,"median":1,"p95":2})");
  EXPECT_EQ(cleann["replacement_ranks"].dump(), R"({"2":1,">10":1})");
  EXPECT_EQ(cleann["replacement_rank"].dump(), R"({"mean":6.5,"median":2,"p95":11,"share_in_top10":0.5})");
  EXPECT_TRUE(json["methods"]["permuted"]["replacement_rank"]["share_in_top10"].is_null());
  EXPECT_EQ(cleann["calls_a_sample"].dump(), R"({"mean":2.5,"median":2,"p95":3})");
  EXPECT_EQ(cleann["coverage"][0], 0.5);
  EXPECT_FALSE(cleann.contains("beside_the_optimum"));
  EXPECT_EQ(json["methods"]["permuted"]["size"].dump(), R"({"mean":null,"median":null,"p95":null})");
  EXPECT_EQ(to_json(RunSummary()).dump(),
            R"({"samples":0,"with_warnings":0,"isolated_roots":0,"methods":{}})");
}

TEST(RunSummary, RankingsHaveMeansWithStandardErrors) {
  auto samples = four_users();
  const double measured[] = {0.5, 0.25, 0};
  for (int user = 0; user < 3; ++user)
    samples[static_cast<std::size_t>(user)].rankings["attention"] = {{4, 3, 2, 1}, measured[user], 0.125};
  samples[0].rankings["rollout"] = {{4, 3, 1, 2}, {}, {}};
  const auto json = to_json(summary_of(samples));
  const auto& attention = json["rankings"]["attention"];
  EXPECT_EQ(attention["samples"], 3);
  EXPECT_EQ(attention["comprehensiveness"]["mean"], 0.25);
  EXPECT_DOUBLE_EQ(attention["comprehensiveness"]["standard_error"], 0.25 / std::sqrt(3));
  EXPECT_EQ(attention["sufficiency"].dump(), R"({"mean":0.125,"standard_error":0.0})");
  EXPECT_EQ(json["rankings"]["rollout"]["sufficiency"].dump(), R"({"mean":null,"standard_error":null})");
  EXPECT_EQ(json["ranking_agreement"].dump(),
            R"([{"rankings":["attention","rollout"],"n":1,"spearman":0.8}])");
  EXPECT_FALSE(to_json(summary_of(four_users())).contains("rankings"));
}

TEST(RunSummary, FirstHitsHaveACurveOfTheirOwn) {
  const auto json = to_json(summary_of({made_up_sample(0), made_up_sample(1)}));
  const auto& hits = json["methods"]["cleann"]["first_hit"];
  EXPECT_EQ(hits["area_of_100_calls"].dump(), "[0.99,0.0]");
  EXPECT_EQ(hits["with_ranking"]["area_of_100_calls"].dump(), "[0.98,0.0]");
  EXPECT_EQ(hits["calls"].dump(), R"({"mean":2.0,"median":2,"p95":2})");
  EXPECT_EQ(hits["share_within_calls"]["5"], 1);
  EXPECT_EQ(json["methods"]["cleann"]["ranking_calls"], 2);
  EXPECT_EQ(json["methods"]["random"]["first_hit"]["area_of_100_calls"].dump(), "[0.0,0.0]");
}

TEST(RunSummary, SharesWithinCallsAndTheirMean) {
  // of four samples one is explained by its 2nd call and one by its 3rd: 0, 1/4, 1/2, 1/2
  const auto summary = summary_of(four_users());
  const MethodSummary& method = *summary.main_method();
  EXPECT_EQ(share_within(method.calls_of_explained, method.samples, 1), 0);
  EXPECT_EQ(share_within(method.calls_of_explained, method.samples, 2), 0.25);
  EXPECT_EQ(share_within(method.calls_of_explained, method.samples, 3), 0.5);
  EXPECT_EQ(share_within(method.calls_of_explained, method.samples, 500), 0.5);
  const Estimate area = area_of_calls(method.calls_of_explained, method.samples, 4);
  EXPECT_DOUBLE_EQ(area.value, (0 + 0.25 + 0.5 + 0.5) / 4);
  // the samples' parts are 3/4, 2/4, 0, 0: squared deviations from 5/16 sum to 27/64
  EXPECT_DOUBLE_EQ(area.standard_error, std::sqrt(27.0 / 64 / 4 / 3));
  EXPECT_EQ(area_of_calls(method.calls_of_explained, method.samples, 1).value, 0);
  EXPECT_EQ(area_of_calls({}, 0, 100).value, 0);
}

// Wilson 1927, worked by hand for 1 of 2 and 0 of 10: z^2 / (n + z^2) = 3.8415 / 13.8415
TEST(RunSummary, IntervalIsWilsons) {
  const Interval half = interval_of_share(1, 2), none = interval_of_share(0, 10),
                 nothing = interval_of_share(0, 0);
  EXPECT_NEAR(half.low, 0.0945, 5e-5);
  EXPECT_NEAR(half.high, 0.9055, 5e-5);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 3.8415 / 13.8415, 1e-4);
  EXPECT_EQ(nothing.low, 0);
  EXPECT_EQ(nothing.high, 1);
}

TEST(RunSummary, QuantilesAreValuesThatOccurred) {
  const std::vector<std::int64_t> values = {1, 2, 3, 4};
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 0.5), 2);
  EXPECT_EQ(quantile(values, 0.51), 3);
  EXPECT_EQ(quantile(values, 1), 4);
  EXPECT_EQ(quantile(std::map<int, std::int64_t>{{1, 2}, {3, 2}}, 0.5), 1);
  EXPECT_EQ(quantile(std::map<int, std::int64_t>{{1, 2}, {3, 2}}, 0.95), 3);
}

}  // namespace
}  // namespace why
