#include "experiments/tasks/recommender.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "core/errors.h"
#include "tests/experiments/fake_model.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

bool holds(const Sequence& sequence, std::int64_t id) {
  return std::find(sequence.begin(), sequence.end(), id) != sequence.end();
}

// Items 1 .. 6 score 6, 5, .., 1; item 5 scores 10 as long as item 1 is in the history.
FakeModel five_because_of_one(int max_length = 51) {
  return FakeModel(6, max_length, [](const Sequence& sequence) {
    std::vector<float> scores{6, 5, 4, 3, 2, 1};
    if (holds(sequence, 1)) scores[4] = 10;
    return scores;
  });
}

TEST(Recommend, TheBestItemThatWasNotWatched) {
  auto model = five_because_of_one();
  const auto out = recommend(model, {2, 1});
  EXPECT_EQ(out.answer.output, 4);  // output 4 is item 5
  EXPECT_EQ(out.answer.score, 10);
  EXPECT_EQ(out.answer.margin, 6);  // above item 3 with 4; items 1 and 2 are watched
  EXPECT_THAT(out.answer.top, ElementsAre(4, 2, 3, 5));
  EXPECT_THAT(model.seen, ElementsAre(Sequence{2, 1, 7}));  // the mask is appended
}

TEST(Recommend, TiesGoToTheSmallerNumber) {
  FakeModel model(4, 51, [](const Sequence&) { return std::vector<float>{1, 3, 3, 3}; });
  EXPECT_EQ(recommend(model, {2}).answer.output, 2);
}

TEST(Recommend, ALongHistoryIsCutButNothingOfItComesBack) {
  auto model = five_because_of_one(3);  // two items and the mask
  const auto out = recommend(model, {5, 1, 3, 4});
  EXPECT_THAT(out.history, ElementsAre(3, 4));
  EXPECT_EQ(out.excluded, 4);
  EXPECT_EQ(out.answer.output, 1);  // of 2 and 6; 1 and 5 were watched before the cut
  EXPECT_THAT(recommend(model, {5, 1, 3, 4}, 1).history, ElementsAre(4));
  EXPECT_THAT(recommend(model, {5, 1, 3, 4}, 9).history, ElementsAre(3, 4));
}

TEST(Recommend, RefusesHistoriesThatHaveNoAnswer) {
  auto model = five_because_of_one();
  const auto because = [&](const Sequence& history, const char* reason) {
    EXPECT_THAT([&] { recommend(model, history); }, ThrowsMessage<UserError>(HasSubstr(reason)));
  };
  because({}, "the history is empty");
  because({1, 7}, "item 7 of the history is not one of the model's items 1 to 6");
  because({0}, "item 0 of the history");
  because({1, 2, 3, 4, 5}, "the history holds 5 of the model's 6 items, and two must be left");
}

TEST(Recommend, RefusesAModelThatScoresNothing) {
  FakeModel model(3, 51, [](const Sequence&) {
    return std::vector<float>{1, std::numeric_limits<float>::quiet_NaN(), 2};
  });
  EXPECT_THAT([&] { recommend(model, {1}); }, ThrowsMessage<UserError>(HasSubstr("NaN")));
}

TEST(AsIfWatched, AppendsTheRecommendation) {
  auto model = five_because_of_one();
  const auto out = recommend(model, {2, 1});
  EXPECT_EQ(as_if_watched(model.info(), out), (Sequence{2, 1, 5}));
}

Verdict without(Model& model, const Recommendation& original, Removal removal,
                const std::vector<int>& removed) {
  RecommendationJudge judge(model, original, removal);
  return judge_alone(judge, removed);
}

TEST(RecommendationJudge, RemovedItemsDoNotComeBackAsAnswers) {
  // Without item 1 the best scores are 6 for item 1 itself and 5 for item 2, both watched: item 3 is first.
  auto model = five_because_of_one();
  const auto original = recommend(model, {2, 1});
  RecommendationJudge judge(model, original, Removal::remove);
  const std::vector<KeepMask> masks{{1, 1}, {0, 1}, {1, 0}, {0, 0}};
  const auto verdicts = judge.judge(masks);
  EXPECT_FALSE(verdicts[0].changed);
  EXPECT_EQ(verdicts[0].margin, 6);
  EXPECT_FALSE(verdicts[1].changed);
  EXPECT_EQ(verdicts[1].output, 4);
  EXPECT_TRUE(verdicts[2].changed);
  EXPECT_EQ(verdicts[2].output, 2);
  EXPECT_EQ(verdicts[2].margin, 2 - 4);
  EXPECT_TRUE(verdicts[3].changed);
  EXPECT_EQ(model.seen.back(), (Sequence{7}));  // nothing left: the mask alone
}

TEST(RecommendationJudge, MayMaskInPlace) {
  auto model = five_because_of_one();
  const auto original = recommend(model, {2, 1, 3});
  EXPECT_TRUE(without(model, original, Removal::mask, {1}).changed);
  EXPECT_EQ(model.seen.back(), (Sequence{2, 7, 3, 7}));
  EXPECT_TRUE(without(model, original, Removal::remove, {1}).changed);
  EXPECT_EQ(model.seen.back(), (Sequence{2, 3, 7}));
}

TEST(RecommendationJudge, AModelWithoutMaskCannotBeAskedAboutNothing) {
  auto model = five_because_of_one();
  model.change_info().append_mask = false;
  const auto original = recommend(model, {1});
  const auto before = model.batches.size();
  const auto verdict = without(model, original, Removal::remove, {0});
  EXPECT_FALSE(verdict.changed);
  EXPECT_EQ(verdict.margin, original.answer.margin);
  EXPECT_EQ(model.batches.size(), before);
}

// A model whose scores have noise in their last digits in batches of several.
class NoisyInBatches : public FakeModel {
 public:
  using FakeModel::FakeModel;
  Scores predict(std::span<const Sequence> batch) override {
    Scores out = FakeModel::predict(batch);
    if (batch.size() > 1) out.values[2] += 1e-6f;
    return out;
  }
};

TEST(RecommendationJudge, ATieIsNoChangeAndIsSettledAlone) {
  NoisyInBatches model(3, 51, [](const Sequence& sequence) {
    return std::vector<float>{0, holds(sequence, 1) ? 2.0f : 1.0f, 1};
  });
  const auto original = recommend(model, {1});
  ASSERT_EQ(original.answer.output, 1);
  RecommendationJudge judge(model, original, Removal::remove);
  const std::vector<KeepMask> masks{{0}, {1}};
  const auto verdicts = judge.judge(masks);
  EXPECT_FALSE(verdicts[0].changed);  // the noise alone would say that it did
  EXPECT_EQ(verdicts[0].margin, 0);
  EXPECT_THAT(model.batches, ElementsAre(1, 2, 1));
}

}  // namespace
}  // namespace why
