#include "experiments/report/comparisons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "experiments/report/run_summary.h"
#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

MethodResult found_after(std::int64_t calls, std::vector<int> members, std::int64_t ranking = 0) {
  MethodResult out = explained_by(found_set(std::move(members), 2), {calls, 0, 0});
  out.first_hit = calls;
  out.ranking_calls = ranking;
  out.first_hit_with_ranking = calls + ranking;
  return out;
}

MethodResult not_found() { return unexplained(SearchStatus::none, SearchBound::none, {4, 6, 0}); }

// sample    knockout        cleann
//   0       {0} by call 1   {0, 1} by call 5
//   1       {0} by call 2   {0} by call 2
//   2       {0} by call 3   none
//   3       none            {0, 1, 2} by call 9
//   4       {0} by call 40  none, and a budget of 20
//   5       not run         {0} by call 1
std::vector<Sample> six_samples() {
  std::vector<Sample> out(6);
  const std::vector<MethodResult> knockout = {found_after(1, {0}, 3), found_after(2, {0}, 3),
                                              found_after(3, {0}, 3), not_found(), found_after(40, {0}, 3)};
  const std::vector<MethodResult> cleann = {
      found_after(5, {0, 1}),    found_after(2, {0}), not_found(),
      found_after(9, {0, 1, 2}), not_found(),         found_after(1, {0})};
  for (std::size_t i = 0; i < 6; ++i) {
    out[i] = made_up_sample(static_cast<std::int64_t>(i));
    out[i].methods = {{"cleann", cleann[i]}};
    if (i < knockout.size()) out[i].methods["knockout"] = knockout[i];
  }
  return out;
}

std::vector<Comparison> compared(const std::vector<Sample>& samples, const ComparisonOptions& options,
                                 const std::vector<std::string>& methods = {"cleann", "knockout"}) {
  PairedOutcomes outcomes;
  for (const auto& sample : samples) outcomes.add(sample);
  return outcomes.compare(methods, options);
}

TEST(Comparisons, PairTheSamplesOnWhichBothWereRun) {
  const auto out = compared(six_samples(), {"cleann", 20, 1});
  ASSERT_EQ(out.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(out[i].method, "knockout");
    EXPECT_EQ(out[i].against, "cleann");
    EXPECT_EQ(out[i].measure, kMeasures[i]);
  }
  // 0 0 1 -1 1
  EXPECT_EQ(out[0].n, 5);
  EXPECT_DOUBLE_EQ(*out[0].difference, 0.2);
  EXPECT_DOUBLE_EQ(*out[0].p, mcnemar_p(2, 1));
  // -1 0
  EXPECT_EQ(out[1].n, 2);
  EXPECT_DOUBLE_EQ(*out[1].difference, -0.5);
  EXPECT_EQ(out[1].interval->low, -1);
  EXPECT_EQ(out[1].interval->high, 0);
  // 1 - 5, 2 - 2, 3 - 20, 20 - 9, 20 - 20
  EXPECT_EQ(out[2].n, 5);
  EXPECT_DOUBLE_EQ(*out[2].difference, -2);
  EXPECT_DOUBLE_EQ(*out[2].p, signed_rank_p(std::vector<std::int64_t>{-4, 0, -17, 11, 0}));
  // the ranking's three: 4 - 5, 5 - 2, 6 - 20, 20 - 9, 20 - 20
  EXPECT_DOUBLE_EQ(*out[3].difference, -0.2);
}

// 2 - 2 and, further down, 11 - 2
TEST(Comparisons, AReplacementFurtherDownHasRankEleven) {
  auto samples = six_samples();
  samples[1].methods["knockout"].sets[0].replacement_rank.reset();
  const auto out = compared(samples, {"cleann", 20, 1});
  EXPECT_EQ(out[4].measure, "replacement_rank");
  EXPECT_EQ(out[4].n, 2);
  EXPECT_DOUBLE_EQ(*out[4].difference, 4.5);
}

TEST(Comparisons, RanksAreLeftOutWhereTheyTellNothing) {
  Sample one = made_up_text(0), other = made_up_text(1);
  one.methods.erase("random");
  other.methods["knockout"] = one.methods["knockout"] = one.methods["cleann"];
  for (const auto& each : compared({one, other}, {"cleann", 20, 1}))
    EXPECT_NE(each.measure, "replacement_rank");
}

TEST(Comparisons, AreCorrectedTogether) {
  std::vector<double> p, corrected;
  std::vector<Sample> samples;
  for (int i = 0; i < 30; ++i) {
    Sample& sample = samples.emplace_back(made_up_sample(i));
    sample.methods = {{"cleann", i % 3 == 0 ? not_found() : found_after(7, {0, 1})},
                      {"knockout", i % 7 == 0 ? not_found() : found_after(1 + i % 5, {0})},
                      {"random", i % 2 == 0 ? not_found() : found_after(i, {0, 1})}};
  }
  for (const auto& each : compared(samples, {"cleann", 50, 1}, {"cleann", "random", "knockout"})) {
    p.push_back(*each.p);
    corrected.push_back(*each.p_holm);
  }
  EXPECT_EQ(p.size(), 10u);
  EXPECT_EQ(corrected, holm(p));
}

TEST(Comparisons, AreTheSameForTheSameSeed) {
  const auto one = compared(six_samples(), {"cleann", 20, 3}),
             same = compared(six_samples(), {"cleann", 20, 3});
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].interval->low, same[i].interval->low);
    EXPECT_EQ(one[i].interval->high, same[i].interval->high);
  }
}

TEST(Comparisons, OfOneSampleHaveNoInterval) {
  Sample one = made_up_sample(0);
  one.methods = {{"cleann", found_after(2, {0})}, {"knockout", not_found()}};
  const auto out = compared({one}, {"cleann", 20, 1});
  EXPECT_EQ(out[0].difference, -1);
  EXPECT_EQ(out[0].p, 1);
  EXPECT_FALSE(out[0].interval);
  EXPECT_EQ(out[1].n, 0);
  EXPECT_FALSE(out[1].difference || out[1].interval || out[1].p || out[1].p_holm);
}

TEST(Comparisons, AreNoneWithoutTheMethodOrWithNoOther) {
  EXPECT_TRUE(compared(six_samples(), {"accent", 20, 1}).empty());
  EXPECT_TRUE(compared(six_samples(), {"cleann", 20, 1}, {"cleann"}).empty());
  EXPECT_TRUE(compared({}, {"cleann", 20, 1}).empty());
}

TEST(Comparisons, StandInTheSummaryWithNullForWhatIsNotKnown) {
  Sample sample = made_up_sample(0);
  sample.methods.erase("permuted");
  SummaryBuilder builder("recommendation", ComparisonOptions{"cleann", 20, 1});
  builder.add(sample);
  const auto json = to_json(builder.finish());
  ASSERT_EQ(json["comparisons"].size(), 5u);
  EXPECT_EQ(json["comparisons"][0].dump(),
            R"({"method":"random","against":"cleann","measure":"explained","n":1,"difference":-1.0,)"
            R"("interval":null,"p":1.0,"p_holm":1.0})");
  EXPECT_EQ(json["comparisons"][1].dump(),
            R"({"method":"random","against":"cleann","measure":"size","n":0,"difference":null,)"
            R"("interval":null,"p":null,"p_holm":null})");
  EXPECT_EQ(json["comparisons"][2]["difference"], 18);
}

}  // namespace
}  // namespace why
