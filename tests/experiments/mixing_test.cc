// What graphs are learned from, on models written in tests.
#include "experiments/tasks/mixing.h"

#include <gmock/gmock.h>

#include "core/errors.h"
#include "experiments/tasks/rankings.h"
#include "experiments/tasks/text_task.h"
#include "tests/experiments/fake_model.h"
#include "tests/experiments/small_tokenizer.h"

namespace why {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using ::testing::ThrowsMessage;

// The share of token i of the margin is i, with the sign of (-1)^i.
class SharingModel : public FakeTextModel {
 public:
  explicit SharingModel(const SmallTokenizer& tokenizer)
      : FakeTextModel(*tokenizer.shared(), {"negative", "positive"}, [](const Sequence&) {
          return std::vector<float>{1, 0};
        }) {}

  std::vector<float> attribute(const Sequence& input, Attribution method, int, int, int) override {
    EXPECT_EQ(method, Attribution::attention_gradient);
    std::vector<float> out;
    for (std::size_t i = 0; i < input.size(); ++i)
      out.push_back(scale_ * (i % 2 == 0 ? static_cast<float>(i) : -static_cast<float>(i)));
    return out;
  }
  bool offers(Attribution) const override { return offers_; }
  std::vector<Attention> attend(std::span<const Sequence> batch, int layer) override {
    asked_.push_back(layer);
    return FakeTextModel::attend(batch, layer);
  }

  std::vector<int> asked_;  // layers
  bool offers_ = true;
  float scale_ = 1;
};

class Mixing : public ::testing::Test {
 protected:
  Subject subject() { return text_subject(model_, reader_, {0, "", "a b c", ""}, options_); }  // 5 tokens
  std::vector<float> mixed(const std::string& estimator, int layer = -1) {
    model_.asked_.clear();
    return read_mixing(model_, subject(), {.estimator = estimator, .layer = layer}).probabilities;
  }
  // [2 heads][query][key] of the fake model's attention, the same in all layers
  float attention(int head, int query, int key) {
    static constexpr int n = 5;
    return plain_.at(static_cast<std::size_t>((head * n + query) * n + key));
  }
  float half(int head, int query, int key) {
    return (attention(head, query, key) + (query == key ? 1.0f : 0.0f)) / 2;
  }

  SmallTokenizer tokenizer_{{"a", "b", "c"}};
  SharingModel model_{tokenizer_};
  TextReader reader_{model_.info(), tokenizer_.shared(), TextUnit::word};
  TaskOptions options_;
  std::vector<float> plain_ = mixed("attention");
};

TEST_F(Mixing, OfALayerAloneRolloutIsHalfOfItself) {
  std::vector<float> expected;
  for (int head : {0, 1})
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 5; ++j) expected.push_back(half(head, i, j));
  EXPECT_THAT(mixed("rollout"), Pointwise(FloatNear(1e-6f), expected));
}

TEST_F(Mixing, RolloutPutsAHeadOnTheMeansBelow) {
  model_.change_info().layers = 3;
  const auto mean = [&](int i, int j) { return (half(0, i, j) + half(1, i, j)) / 2; };
  std::vector<float> expected;
  for (int head : {0, 1})
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 5; ++j) {
        float sum = 0;
        for (int k = 0; k < 5; ++k)
          for (int l = 0; l < 5; ++l) sum += half(head, i, k) * mean(k, l) * mean(l, j);
        expected.push_back(sum);
      }
  EXPECT_THAT(mixed("rollout"), Pointwise(FloatNear(1e-6f), expected));
  EXPECT_THAT(model_.asked_, ElementsAre(2, 0, 1));
  EXPECT_EQ(estimator_passes({.estimator = "rollout"}, model_.info()), 3);
}

TEST_F(Mixing, IsOfTheLayerAskedForAndThoseBelow) {
  model_.change_info().layers = 4;
  mixed("attention");
  EXPECT_THAT(model_.asked_, ElementsAre(3));
  mixed("outputs", 1);
  EXPECT_THAT(model_.asked_, ElementsAre(1));
  mixed("rollout", -2);
  EXPECT_THAT(model_.asked_, ElementsAre(2, 0, 1));
  EXPECT_EQ(estimator_passes({.estimator = "rollout", .layer = -2}, model_.info()), 3);
  EXPECT_EQ(estimator_passes({.estimator = "attention", .layer = 0}, model_.info()), 1);
}

TEST_F(Mixing, ALayerThatIsNotThereIsRefused) {
  model_.change_info().layers = 2;
  const auto refused = [&](const GraphOptions& graph) {
    return [&, graph] { check(ExplanationOptions{.graph = graph, .sets = {}}, model_.info()); };
  };
  EXPECT_THAT(
      refused({.layer = 2}),
      ThrowsMessage<UserError>(HasSubstr("there is no layer 2: fake has layers 0 to 1, or -2 to -1")));
  EXPECT_THAT(refused({.layer = -3}), ThrowsMessage<UserError>(HasSubstr("there is no layer -3")));
  EXPECT_THAT(refused({.estimator = "gradient", .layer = 0}),
              ThrowsMessage<UserError>(HasSubstr("knows the last layer only, and layer is 0")));
  EXPECT_NO_THROW(refused({.estimator = "gradient", .layer = 1})());
  EXPECT_NO_THROW(refused({.estimator = "rollout", .layer = -2})());
}

TEST_F(Mixing, GradientWeighsNoisesByTheirShareOfTheMargin) {
  std::vector<float> expected;  // shares 0 1 2 3 4 with mean 2
  for (int head : {0, 1})
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 5; ++j)
        expected.push_back(attention(head, i, j) * std::sqrt(j == 0 ? 1e-6f : static_cast<float>(j) / 2));
  EXPECT_THAT(mixed("gradient"), Pointwise(FloatNear(1e-6f), expected));
  model_.scale_ = 0;  // nothing has a share: all have the same
  EXPECT_EQ(mixed("gradient"), plain_);
  EXPECT_EQ(estimator_passes({.estimator = "gradient"}, model_.info()), 3);
}

TEST_F(Mixing, AModelWithoutGradientsIsRefused) {
  model_.offers_ = false;
  EXPECT_THAT(
      [&] { check_estimator({.estimator = "gradient"}, model_); },
      ThrowsMessage<UserError>(HasSubstr("estimator \"gradient\" needs gradients of its last layer's "
                                         "attention, which fake does not offer; attention, outputs")));
  EXPECT_NO_THROW(check_estimator({.estimator = "rollout"}, model_));
  options_.explanation.graph.estimator = "gradient";
  EXPECT_THROW(check_served(options_, model_), UserError);
  options_.methods = {"attention"};  // learns no graph
  EXPECT_NO_THROW(check_served(options_, model_));
}

}  // namespace
}  // namespace why
