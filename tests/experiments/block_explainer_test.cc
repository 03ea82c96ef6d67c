#include "experiments/runner/block_explainer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "core/errors.h"
#include "experiments/tasks/recommendation.h"
#include "tests/experiments/fake_model.h"

namespace why {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// Item 5 because of 1, or of 2 and 3 together; whose threads it notes.
class WatchedModel : public FakeModel {
 public:
  WatchedModel() : FakeModel(8, 50, score) {}

  void on_own_stream(const std::function<void()>& work) override {
    ++streams;
    work();
  }
  Scores predict(std::span<const Sequence> batch) override {
    const std::lock_guard lock(mutex_);
    return FakeModel::predict(batch);
  }
  std::vector<Attention> attend(std::span<const Sequence> batch, int layer) override {
    const std::lock_guard lock(mutex_);
    readers.insert(std::this_thread::get_id());
    return FakeModel::attend(batch, layer);
  }

  std::set<std::thread::id> readers;  // of attention
  std::atomic<int> streams = 0;

 private:
  static std::vector<float> score(const Sequence& sequence) {
    const auto holds = [&](int id) { return std::ranges::find(sequence, id) != sequence.end(); };
    std::vector<float> scores{6, 5, 4, 3, 2, 1, .5f, .25f};
    if (holds(1) || (holds(2) && holds(3))) scores[4] = 10;
    return scores;
  }

  std::mutex mutex_;
};

// Blocks of two histories; one user may be refused.
class SmallRun : public TaskRun {
 public:
  explicit SmallRun(bool is_ahead) { ahead = is_ahead; }

  std::size_t num_samples() const override { return 6; }
  std::string source(std::size_t number) const override { return text("user ", number); }
  std::string in_words() const override { return "six users"; }
  Subject subject(Model& model, std::size_t number) const override {
    WHY_CHECK(static_cast<int>(number) != refused, "user ", number, " is refused");
    const std::vector<Sequence> histories = {{2, 1, 4}, {1, 2, 3}, {3, 2, 6, 7},
                                             {4, 1},    {1, 4},    {2, 3, 4, 6}};
    RecommendationQuery query;
    query.number = static_cast<std::int64_t>(number);
    query.history = histories[number];
    return recommendation_subject(model, query, {options});
  }

  int refused = -1;
};

constexpr BlockExplainer::Block kFirst{0, 2}, kSecond{2, 2}, kThird{4, 2};

class BlockExplainerTest : public ::testing::Test {
 protected:
  std::vector<std::string> in_turn(const BlockExplainer::Block& block) {
    WatchedModel model;
    const SmallRun run(false);
    return BlockExplainer(run, model).explain(block, std::nullopt);
  }

  WatchedModel model_;
  SmallRun run_{true};
  BlockExplainer explainer_{run_, model_};
};

TEST_F(BlockExplainerTest, ReadsAttentionOfTheNextBlockInAnotherThread) {
  EXPECT_EQ(explainer_.explain(kFirst, kSecond), in_turn(kFirst));
  EXPECT_EQ(explainer_.explain(kSecond, std::nullopt), in_turn(kSecond));
  EXPECT_EQ(model_.streams, 1);
  EXPECT_EQ(model_.readers.size(), 2u);
  EXPECT_TRUE(model_.readers.contains(std::this_thread::get_id()));
}

TEST_F(BlockExplainerTest, DoesAllInOneThreadUnlessItIsToGoAhead) {
  run_.ahead = false;
  explainer_.explain(kFirst, kSecond);
  explainer_.explain(kSecond, kThird);
  EXPECT_EQ(model_.streams, 0);
  EXPECT_THAT(model_.readers, ::testing::ElementsAre(std::this_thread::get_id()));
}

TEST_F(BlockExplainerTest, ABlockThatWasNotExpectedIsExplainedAsWell) {
  EXPECT_EQ(explainer_.explain(kFirst, kSecond), in_turn(kFirst));
  EXPECT_EQ(explainer_.explain(kThird, kSecond), in_turn(kThird));
  EXPECT_EQ(explainer_.explain(kSecond, std::nullopt), in_turn(kSecond));
}

TEST_F(BlockExplainerTest, AFailureShowsWhenItsBlocksTurnComes) {
  run_.refused = 3;
  EXPECT_EQ(explainer_.explain(kFirst, kSecond), in_turn(kFirst));
  EXPECT_THAT([&] { explainer_.explain(kSecond, kThird); },
              ThrowsMessage<UserError>(HasSubstr("user 3 is refused")));
  EXPECT_EQ(explainer_.explain(kFirst, kSecond), in_turn(kFirst));
  EXPECT_EQ(explainer_.explain(kThird, std::nullopt), in_turn(kThird));  // the failure is nobody's
}

TEST_F(BlockExplainerTest, SetsOfABlockTogetherGiveTheSame) {
  run_.together = true;
  EXPECT_EQ(explainer_.explain(kFirst, kSecond), in_turn(kFirst));
  EXPECT_EQ(explainer_.explain(kSecond, std::nullopt), in_turn(kSecond));
}

}  // namespace
}  // namespace why
