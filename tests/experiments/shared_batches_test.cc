#include "experiments/tasks/shared_batches.h"

#include <gmock/gmock.h>

#include <atomic>
#include <new>

#include "core/errors.h"
#include "experiments/tasks/recommendation.h"
#include "experiments/tasks/recommender.h"
#include "experiments/tasks/subject.h"
#include "tests/experiments/fake_model.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::ThrowsMessage;

// Scores that tell the sequence from others.
FakeModel telling() {
  return FakeModel(2, 50, [](const Sequence& sequence) {
    float sum = 0;
    for (const auto id : sequence) sum = 7 * sum + static_cast<float>(id);
    return std::vector<float>{sum, static_cast<float>(sequence.size())};
  });
}

std::vector<Sequence> sequences(std::size_t count, std::size_t length, std::int64_t id) {
  return std::vector<Sequence>(count, Sequence(length, id));
}

TEST(SharedBatches, PutTheQuestionsOfAllTogether) {
  for (int repeat = 0; repeat < 20; ++repeat) {  // whatever the threads do
    FakeModel model = telling();
    SharedBatches shared(model);
    shared.run(3, [&](std::size_t i) {
      // one question, two, three: the k-th of each goes with the k-th of the others
      for (std::size_t k = 0; k <= i; ++k) {
        const auto batch = sequences(2 + k, 3 - i, static_cast<std::int64_t>(10 * i + k));
        const Scores scores = shared.predict(batch);
        ASSERT_EQ(scores.rows, static_cast<int>(2 + k));
        for (int row = 0; row < scores.rows; ++row)
          EXPECT_THAT(scores.row(row),
                      ElementsAre(telling().predict(batch).row(0)[0], 3 - static_cast<float>(i)));
      }
    });
    EXPECT_THAT(model.batches, ElementsAre(6, 6, 4));
    // the shortest first, those of one length in the order of their askers
    EXPECT_EQ(model.seen[0], Sequence(1, 20));
    EXPECT_EQ(model.seen[2], Sequence(2, 10));
    EXPECT_EQ(model.seen[4], Sequence(3, 0));
  }
}

TEST(SharedBatches, AreCutWhereTheyHoldTooManyTokens) {
  FakeModel model = telling();
  SharedBatches shared(model, 12);
  shared.run(2, [&](std::size_t i) { shared.predict(sequences(5, i == 0 ? 2 : 4, 1)); });
  // three rows of four tokens are twelve; a row of two would count as four among them
  EXPECT_THAT(model.batches, ElementsAre(5, 3, 2));
  model.batches.clear();
  SharedBatches(model, 1).predict(sequences(2, 9, 1));  // outside of run: as it is
  EXPECT_THAT(model.batches, ElementsAre(2));
}

TEST(SharedBatches, AskAloneWhatIsToBeAskedAlone) {
  FakeModel model = telling();
  SharedBatches shared(model);
  shared.run(4, [&](std::size_t) {
    shared.predict_alone(Sequence(2, 1), {});
    shared.attend(sequences(2, 2, 1), -1);
    shared.predict(sequences(3, 2, 1));
  });
  EXPECT_THAT(model.batches, ElementsAre(1, 1, 1, 1, 12));
}

TEST(SharedBatches, HandOnWhatTheModelThrows) {
  FakeModel model(2, 50, [](const Sequence& sequence) -> std::vector<float> {
    WHY_CHECK(sequence[0] != 5, "no 5");
    return {1, 2};
  });
  SharedBatches shared(model);
  const auto ask = [&](std::size_t of_two) {
    shared.run(3, [&](std::size_t i) {
      shared.predict(sequences(2, 1, 1));
      shared.predict(sequences(i == of_two ? 2 : 1, 1, i == of_two ? 5 : 4));
    });
  };
  EXPECT_THAT([&] { ask(1); }, ThrowsMessage<UserError>("no 5"));
  EXPECT_NO_THROW(ask(7));  // and is ready for more
  EXPECT_NO_THROW(shared.run(0, [](std::size_t) {}));
}

TEST(SharedBatches, EndAllWorkAtTheFirstFailure) {
  FakeModel model = telling();
  SharedBatches shared(model);
  std::atomic<int> asked = 0;
  const auto run = [&] {
    shared.run(4, [&](std::size_t i) {
      for (int k = 0; k < 1000; ++k) {
        WHY_CHECK(i != 2 || k < 3, "the third fails");
        shared.predict(sequences(2, 1, 1));
        shared.predict_alone({1}, {});
        ++asked;
      }
    });
  };
  EXPECT_THAT(run, ThrowsMessage<UserError>("the third fails"));
  EXPECT_LE(asked, 4 * 4);
}

// An exception of the model, or of a copy that memory has no room for, comes in the thread that runs.
TEST(SharedBatches, EndAllWorkWhereTheModelFails) {
  FakeModel model(2, 50, [](const Sequence&) -> std::vector<float> { throw std::bad_alloc(); });
  SharedBatches shared(model);
  EXPECT_THROW(shared.run(3, [&](std::size_t) { shared.predict(sequences(2, 1, 1)); }), std::bad_alloc);
  EXPECT_THROW(shared.run(3, [&](std::size_t) { shared.predict_alone({1}, {}); }), std::bad_alloc);
}

TEST(SharedBatches, ExplainWhatIsExplainedAlone) {
  // item 5 because of 1, or of 2 and 3 together
  FakeModel model(8, 50, [](const Sequence& sequence) {
    const auto holds = [&](int id) {
      return std::find(sequence.begin(), sequence.end(), id) != sequence.end();
    };
    std::vector<float> scores{6, 5, 4, 3, 2, 1, .5f, .25f};
    if (holds(1) || (holds(2) && holds(3))) scores[4] = 10;
    return scores;
  });
  RecommendationOptions options;
  options.methods = {"cleann", "leave-one-out", "smart-attention", "random-order"};
  options.controls = {"permuted", "random"};
  options.exhaustive_calls = 100;
  const auto subjects = [&](Model& asked) {
    std::vector<Subject> out;
    std::int64_t number = 0;
    for (const Sequence& history :
         std::vector<Sequence>{{2, 1, 4}, {1, 2, 3}, {3, 2, 6, 7}, {4, 1}, {2, 3, 4, 6, 7}}) {
      RecommendationQuery query;
      query.number = number++;
      query.history = history;
      out.push_back(recommendation_subject(asked, query, options));
    }
    return out;
  };
  const std::vector<Sample> wanted = explain(model, subjects(model), options);
  model.batches.clear();
  SharedBatches shared(model);
  const std::vector<Sample> found =
      explain_together(shared, learn(shared, subjects(shared), options), options);
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(to_json_line(found[i]), to_json_line(wanted[i]));
  EXPECT_GT(*std::max_element(model.batches.begin(), model.batches.end()),
            4);  // no search asks for more than three
}

}  // namespace
}  // namespace why
