// The whole task on a model written here: scores are known, so the smallest sets are too.
#include "experiments/tasks/recommendation.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/errors.h"
#include "experiments/tasks/recommender.h"
#include "tests/experiments/fake_model.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

bool holds(const Sequence& sequence, std::int64_t id) {
  return std::find(sequence.begin(), sequence.end(), id) != sequence.end();
}

// 20 items. 10 is recommended while two of 1, 2, 3 are in the history, 11 otherwise; all others trail behind
// in the order of their numbers.
FakeModel two_of_three() {
  return FakeModel(20, 51, [](const Sequence& sequence) {
    std::vector<float> scores;
    for (int j = 0; j < 20; ++j) scores.push_back(static_cast<float>(-j));
    const int present = holds(sequence, 1) + holds(sequence, 2) + holds(sequence, 3);
    scores[9] = present >= 2 ? 5 : 1;
    scores[10] = 3;
    return scores;
  });
}

// Without conditioning, all tokens of the fake model's attention are correlated: the graphs are complete and
// propose every set.
RecommendationOptions propose_everything() {
  RecommendationOptions options;
  options.explanation.graph.samples = "1000000";
  options.explanation.graph.max_order = 0;
  options.controls = {"permuted", "random"};
  options.exhaustive_calls = 1000;
  return options;
}

std::set<std::vector<int>> members(const MethodResult& method) {
  std::set<std::vector<int>> out;
  for (const auto& set : method.sets) out.insert(set.members);
  return out;
}

TEST(ExplainRecommendations, FindsAllSmallestSets) {
  auto model = two_of_three();
  const std::vector<RecommendationQuery> queries{{0, "ann", {4, 1, 5, 2, 3}}};
  const auto samples = explain_recommendations(model, queries, propose_everything());
  ASSERT_THAT(samples, SizeIs(1));
  const Sample& sample = samples[0];
  EXPECT_EQ(sample.source, "ann");
  EXPECT_THAT(sample.parts, ElementsAre("item4", "item1", "item5", "item2", "item3"));
  EXPECT_EQ(sample.answer, "item10");
  EXPECT_EQ(sample.score, 5);
  EXPECT_THAT(sample.top10, SizeIs(10));
  EXPECT_EQ(sample.top10[1], "item11");
  ASSERT_THAT(sample.graphs, SizeIs(2));
  EXPECT_EQ(sample.graphs[0].graph.num_edges(), 15);  // complete

  // two of the positions 1, 3, 4 must go
  const std::set<std::vector<int>> pairs{{1, 3}, {1, 4}, {3, 4}};
  for (const char* name : {"cleann", "permuted", "random", "exhaustive"}) {
    SCOPED_TRACE(name);
    const auto& method = sample.methods.at(name);
    ASSERT_EQ(method.status, SearchStatus::minimal);
    EXPECT_EQ(members(method), pairs);
    EXPECT_THAT(method.calls, ::testing::Contains(10));  // pairs of five
    const auto& set = method.sets.front();
    EXPECT_EQ(set.replacement, "item11");
    EXPECT_EQ(set.replacement_rank, 2);
    EXPECT_EQ(set.margin, 1 - 3);
  }
  EXPECT_EQ(sample.methods.at("cleann").passes, 15);
  EXPECT_EQ(sample.methods.at("permuted").passes, 0);  // all remembered
}

TEST(ExplainRecommendations, AOneItemHistoryIsExplainedByNothing) {
  FakeModel model(4, 51, [](const Sequence& sequence) {
    return std::vector<float>{0, holds(sequence, 1) ? 2.0f : 0.0f, 1, 0};
  });
  const std::vector<RecommendationQuery> queries{{0, "", {1}}};
  auto options = propose_everything();
  const auto sample = explain_recommendations(model, queries, options).front();
  EXPECT_EQ(sample.answer, "item2");
  for (const char* name : {"cleann", "exhaustive"}) {
    EXPECT_FALSE(sample.methods.at(name).explained())
        << name;  // without it nothing is left to recommend from
    EXPECT_EQ(sample.methods.at(name).total_calls(), 0) << name;
  }
  EXPECT_THAT(sample.methods.at("cleann").legal, ElementsAre(0, 0, 0));
}

// 10 is recommended; 11 without item 1, and 12 without item 2 or without 1 and 3.
FakeModel one_for_each_alternative() {
  return FakeModel(20, 51, [](const Sequence& sequence) {
    std::vector<float> scores(20, 0);
    scores[9] = 3 + static_cast<float>(holds(sequence, 1) + holds(sequence, 2));
    scores[10] = holds(sequence, 1) ? 3 : 4.5f;
    scores[11] = holds(sequence, 2) ? 2 : 5;
    if (!holds(sequence, 1) && !holds(sequence, 3)) scores[11] = 6;
    return scores;
  });
}

TEST(ExplainRecommendations, InsteadOfOneAnswerOnlyThatOneCounts) {
  auto model = one_for_each_alternative();
  const std::vector<RecommendationQuery> queries{{0, "", {4, 1, 5, 2, 3}}};
  auto options = propose_everything();
  options.methods = {"cleann",        "attention",     "attention:pure", "attention:smart",
                     "attention:any", "leave-one-out", "random-order"};
  const auto any = explain_recommendations(model, queries, options).front();
  EXPECT_EQ(members(any.methods.at("cleann")), (std::set<std::vector<int>>{{1}, {3}}));

  options.instead_of = 11;  // item12
  const auto sample = explain_recommendations(model, queries, options).front();
  EXPECT_EQ(sample.answer, "item10");
  for (const char* name : {"cleann", "attention", "leave-one-out", "random-order", "exhaustive"}) {
    ASSERT_EQ(members(sample.methods.at(name)), (std::set<std::vector<int>>{{3}})) << name;
    EXPECT_EQ(sample.methods.at(name).sets.front().margin, 4 - 5) << name;
  }
  for (const auto& [name, method] : sample.methods)
    for (const auto& set : method.sets) {
      EXPECT_EQ(set.replacement, "item12") << name;
      EXPECT_LT(set.margin, 0) << name;
    }

  options.instead_of = 10;  // item11
  const auto other = explain_recommendations(model, queries, options).front();
  EXPECT_EQ(members(other.methods.at("cleann")), (std::set<std::vector<int>>{{1}}));
  options.instead_of = 19;  // never
  const auto never = explain_recommendations(model, queries, options).front();
  for (const auto& [name, method] : never.methods) EXPECT_FALSE(method.explained()) << name;
}

// The margin falls below nothing where a third answer comes before both: that is no change.
TEST(ExplainRecommendations, AThirdAnswerIsNoChange) {
  auto model = one_for_each_alternative();
  const auto found = recommend(model, {4, 1, 5, 2, 3}, 0, 10);
  EXPECT_EQ(found.answer.output, 9);
  EXPECT_EQ(found.answer.margin, 5 - 3);
  RecommendationJudge judge(model, found, Removal::remove);
  const auto verdict = judge_alone(judge, {1, 4});  // 10: 4, 11: 4.5, 12: 6
  EXPECT_FALSE(verdict.changed);
  EXPECT_EQ(verdict.output, 9);
  EXPECT_EQ(verdict.margin, 4 - 4.5f);
  EXPECT_TRUE(judge_alone(judge, {1}).changed);
}

TEST(ExplainRecommendations, AScoreThatIsNoNumberNamesTheUser) {
  FakeModel model(20, 51, [](const Sequence& sequence) {
    return std::vector<float>(20, holds(sequence, 2) ? 1 : std::numeric_limits<float>::quiet_NaN());
  });
  const auto explain_one = [&](const Sequence& history) {
    return explain_recommendations(model, std::vector<RecommendationQuery>{{0, "ann", history}},
                                   propose_everything());
  };
  const auto names_her = ThrowsMessage<UserError>(
      "user ann: fake answers with a score that is NaN or infinite: its weights are damaged");
  EXPECT_THAT([&] { explain_one({4, 1, 5, 3}); }, names_her);
  EXPECT_THAT([&] { explain_one({4, 1, 5, 2, 3}); }, names_her);  // without item 2
}

TEST(ExplainRecommendations, OnlyCausalAttentionHasAnOrder) {
  auto model = two_of_three();
  const std::vector<RecommendationQuery> queries{{0, "", {4, 1, 5, 2, 3}}};
  auto options = propose_everything();
  options.explanation.graph.search = "ordicd";
  EXPECT_THAT([&] { explain_recommendations(model, queries, options); },
              ThrowsMessage<UserError>("search \"ordicd\" needs causal attention, and in fake a token reads "
                                       "later ones too; icd, fci, rfci and pc do not"));
  options.controls.clear();
  options.methods = {"attention"};  // learns no graph
  EXPECT_THAT(explain_recommendations(model, queries, options), SizeIs(1));

  options.methods = {"cleann"};
  model.change_info().causal = true;
  const auto sample = explain_recommendations(model, queries, options).front();
  const MixedGraph& graph = sample.graphs.at(0).graph;
  for (Node later = 1; later < 6; ++later)
    for (Node earlier = 0; earlier < later; ++earlier) EXPECT_EQ(graph.mark(earlier, later), Mark::arrow);
}

TEST(ExplainRecommendations, ARefusedHistoryNamesItsUser) {
  auto model = two_of_three();
  const std::vector<RecommendationQuery> queries{{0, "ann", {}}};
  EXPECT_THAT([&] { explain_recommendations(model, queries, propose_everything()); },
              ThrowsMessage<UserError>(HasSubstr("user ann: the history is empty")));
}

TEST(ExplainRecommendations, AReplacementBeyondTheTopTenHasNoRank) {
  FakeModel model(30, 51, [](const Sequence& sequence) {
    std::vector<float> scores;
    for (int j = 0; j < 30; ++j) scores.push_back(static_cast<float>(-j));
    if (!holds(sequence, 1)) scores[25] = 9;
    return scores;
  });
  const std::vector<RecommendationQuery> queries{{0, "", {1, 2}}};
  const auto sample = explain_recommendations(model, queries, propose_everything()).front();
  const auto& set = sample.methods.at("exhaustive").sets.front();
  EXPECT_EQ(set.replacement, "item26");
  EXPECT_FALSE(set.replacement_rank.has_value());
}

// What a sample says must not depend on its neighbours in the block, on threads, or on the other methods.
TEST(ExplainRecommendations, ASampleDoesNotDependOnItsNeighbours) {
  auto model = two_of_three();
  std::vector<RecommendationQuery> queries;
  for (std::int64_t i = 0; i < 6; ++i) {
    Sequence history{1, 2, 3};
    for (std::int64_t j = 0; j < i; ++j) history.insert(history.begin() + j % 3, 12 + j);
    queries.push_back({i, std::to_string(i), history});
  }
  RecommendationOptions options;
  options.controls = {"permuted", "random"};
  options.exhaustive_calls = 100;
  options.threads = 3;
  const auto together = explain_recommendations(model, queries, options);
  options.threads = 1;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto alone = explain_recommendations(model, std::span(&queries[i], 1), options).front();
    EXPECT_EQ(to_json_line(alone), to_json_line(together[i]));
  }
  options.controls = {"random"};
  options.exhaustive_calls = 0;
  const auto fewer = explain_recommendations(model, queries, options);
  for (std::size_t i = 0; i < queries.size(); ++i)
    for (const char* name : {"cleann", "random"}) {
      EXPECT_EQ(members(fewer[i].methods.at(name)), members(together[i].methods.at(name)));
      EXPECT_EQ(fewer[i].methods.at(name).calls, together[i].methods.at(name).calls);
    }
}

TEST(ExplainRecommendations, HeadsAndRemovalAreChecked) {
  auto model = two_of_three();
  const std::vector<RecommendationQuery> queries{{0, "", {1, 2}}};
  auto options = propose_everything();
  options.explanation.sets.heads = "2";
  EXPECT_THAT([&] { explain_recommendations(model, queries, options); },
              ThrowsMessage<UserError>(HasSubstr("there is no head 2: fake has heads 0 to 1")));
  options = propose_everything();
  options.explanation.sets.removal = "mask";
  model.change_info().mask_id = -1;
  EXPECT_THAT([&] { explain_recommendations(model, queries, options); },
              ThrowsMessage<UserError>(HasSubstr("needs a mask token")));
}

TEST(Replay, AsksEverySetAgain) {
  auto model = two_of_three();
  const std::vector<RecommendationQuery> queries{{0, "", {4, 1, 5, 2, 3}}};
  const auto options = propose_everything();
  auto sample = explain_recommendations(model, queries, options).front();
  sample.methods.erase("random");
  sample.methods.erase("permuted");
  sample.methods.erase("exhaustive");
  auto replayed = replay(recommendation_subject(model, queries[0], options), sample);
  EXPECT_EQ(replayed.sets, 3);
  EXPECT_EQ(replayed.flipped, 3);
  EXPECT_EQ(replayed.same_answer, 3);

  // a set that does nothing, and one with another answer than reported
  sample.methods.at("cleann").sets[0].members = {0, 2};
  sample.methods.at("cleann").sets[1].replacement = "item12";
  replayed = replay(recommendation_subject(model, queries[0], options), sample);
  EXPECT_EQ(replayed.flipped, 2);
  EXPECT_EQ(replayed.same_answer, 1);

  // another model: the recommendation itself is another
  sample.answer = "item19";
  EXPECT_EQ(replay(recommendation_subject(model, queries[0], options), sample).flipped, 0);
}

}  // namespace
}  // namespace why
