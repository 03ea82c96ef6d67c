// Rankings on models written here, and the methods made of them.
#include "experiments/tasks/rankings.h"

#include <gmock/gmock.h>

#include "core/errors.h"
#include "experiments/methods.h"
#include "experiments/tasks/text_task.h"
#include "tests/experiments/fake_model.h"
#include "tests/experiments/small_tokenizer.h"

namespace why {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pointwise;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

// "negative" by 3.5 less what is missing: "not" 3, "good" 2, "film", "##s" and "is" 0.25 each.
// Its last layer knows it, too: knocked out, each token takes away half of what it does. Attributions are
// ids.
class SentimentModel : public FakeTextModel {
 public:
  SentimentModel(const SmallTokenizer& tokenizer)
      : FakeTextModel(*tokenizer.shared(), {"negative", "positive"},
                      [this](const Sequence& ids) {
                        float margin = 3.5f - 3 - 2 - 0.75f;
                        for (const auto id : ids) margin += weight(id);
                        return std::vector<float>{margin, 0.0f};
                      }),
        tokenizer_(tokenizer) {}

  float weight(std::int64_t id) const {
    if (id == tokenizer_.id("not")) return 3;
    if (id == tokenizer_.id("good")) return 2;
    const bool lends = id == tokenizer_.id("film") || id == tokenizer_.id("##s") || id == tokenizer_.id("is");
    return lends ? 0.25f : 0.0f;
  }

  Scores knock_out(const Sequence& input, std::span<const std::vector<int>> removed) override {
    const float whole = predict(std::span(&input, 1)).row(0)[0];
    Scores out{static_cast<int>(removed.size()), 2, {}};
    for (const auto& set : removed) {
      float score = whole;
      for (const int token : set) score -= weight(input[static_cast<std::size_t>(token)]) / 2;
      out.values.insert(out.values.end(), {score, 0.0f});
    }
    return out;
  }
  bool offers_knock_out() const override { return offers_; }

  std::vector<float> attribute(const Sequence& input, Attribution method, int output, int other,
                               int) override {
    EXPECT_EQ(output, 0);
    EXPECT_EQ(other, 1);
    std::vector<float> out;
    for (const auto id : input)
      out.push_back(method == Attribution::value_norm ? -static_cast<float>(id) : static_cast<float>(id));
    return out;
  }
  bool offers(Attribution) const override { return offers_; }

  bool offers_ = true;

 private:
  const SmallTokenizer& tokenizer_;
};

class Rankings : public ::testing::Test {
 protected:
  // without conditioning CLEANN's graphs are complete and propose every set
  void SetUp() override {
    options_.explanation.graph.samples = "1000000";
    options_.explanation.graph.max_order = 0;
  }

  Subject subject(const std::string& text = "the films is not good") {
    return text_subject(model_, reader_, {0, "", text, ""}, options_);
  }

  Ranking ranking(const std::string& method, std::optional<int> head = {}) {
    const Subject asked = subject();
    VerdictMemo memo(*asked.judge);
    return rank_parts(method, {model_, asked, memo, head});
  }

  Sample explained(std::vector<std::string> methods, const std::string& text = "the films is not good") {
    options_.methods = std::move(methods);
    std::vector<Subject> subjects;
    subjects.push_back(subject(text));
    return explain(model_, std::move(subjects), options_).front();
  }

  SmallTokenizer tokenizer_{{"the", "film", "##s", "is", "not", "good"}};
  SentimentModel model_{tokenizer_};
  TextReader reader_{model_.info(), tokenizer_.shared(), TextUnit::word};
  TaskOptions options_;
};

// [CLS] the film ##s is not good [SEP]; the fake model's head h gives exp(-(h + 1) distance).
TEST_F(Rankings, AttentionIsTheReadOutRowSummedOverPieces) {
  const auto weight = [](int head, int key) { return std::exp(-(head + 1.0) * key); };
  const auto share = [&](int head, std::vector<int> keys) {
    double all = 0, own = 0;
    for (int key = 0; key < 8; ++key) all += weight(head, key);
    for (const int key : keys) own += weight(head, key);
    return own / all;
  };
  const std::vector<std::vector<int>> words = {{1}, {2, 3}, {4}, {5}, {6}};
  std::vector<double> mean, second;
  for (const auto& keys : words) {
    mean.push_back((share(0, keys) + share(1, keys)) / 2);
    second.push_back(share(1, keys));
  }
  EXPECT_THAT(ranking("attention").scores, Pointwise(DoubleNear(1e-6), mean));
  EXPECT_THAT(ranking("attention", 1).scores, Pointwise(DoubleNear(1e-6), second));
  EXPECT_EQ(ranking("attention").calls, 1);
}

TEST_F(Rankings, RolloutIsARowOfTheProductOfAllLayers) {
  model_.change_info().layers = 3;  // all alike
  const Subject asked = subject();
  const Attention attention = model_.attend(std::span(&asked.asked, 1), 0).front();
  constexpr int kTokens = 8;
  std::vector<std::vector<double>> step(kTokens, std::vector<double>(kTokens)), product = step;
  for (int query = 0; query < kTokens; ++query) {
    const auto row = attention_row(attention, query);
    for (int key = 0; key < kTokens; ++key) {
      step[query][key] = static_cast<double>(row[key]) / 2 + (query == key ? 0.5 : 0);
      product[query][key] = query == key;
    }
  }
  for (int layer = 0; layer < 3; ++layer) {  // the whole matrix, from the lowest layer up
    auto next = std::vector<std::vector<double>>(kTokens, std::vector<double>(kTokens));
    for (int i = 0; i < kTokens; ++i)
      for (int j = 0; j < kTokens; ++j)
        for (int k = 0; k < kTokens; ++k) next[i][j] += step[i][k] * product[k][j];
    product = next;
  }
  const auto& row = product[0];
  EXPECT_THAT(ranking("rollout").scores,
              Pointwise(DoubleNear(1e-6), {row[1], row[2] + row[3], row[4], row[5], row[6]}));
  EXPECT_EQ(ranking("rollout").calls, 3);
}

TEST_F(Rankings, LeavingOutAndKnockingOut) {
  const Ranking left = ranking("leave-one-out");
  EXPECT_THAT(left.scores, ElementsAre(0, 0.5, 0.25, 3, 2));
  EXPECT_EQ(left.calls, 5);
  EXPECT_TRUE(left.asked_singles);
  const Ranking knocked = ranking("knockout");
  EXPECT_THAT(knocked.scores, ElementsAre(0, 0.25, 0.125, 1.5, 1));
  EXPECT_EQ(knocked.calls, 1);
}

TEST_F(Rankings, AttributionsAreSummedOverPieces) {
  const double film = tokenizer_.id("film") + tokenizer_.id("##s"), good = tokenizer_.id("good");
  for (const char* name : {"attention-gradient", "logit-attribution", "gradient-input"}) {
    EXPECT_EQ(ranking(name).scores[1], film) << name;
    EXPECT_EQ(ranking(name).scores[4], good) << name;
    EXPECT_EQ(ranking(name).calls, 2) << name;
  }
  EXPECT_EQ(ranking("value-norm").scores[1], -film);
  EXPECT_EQ(ranking("value-norm").calls, 1);
  EXPECT_EQ(ranking("integrated-gradients").calls, 128);
}

TEST_F(Rankings, AModelThatCannotServeAMethodSaysSo) {
  model_.offers_ = false;
  EXPECT_THAT(
      [&] {
        explained({"attention", "knockout:any"});
      },
      ThrowsMessage<UserError>(HasSubstr("method \"knockout:any\" needs a method knock_out(ids, mask, keep), "
                                         "which fake does not offer; attention, rollout and leave-one-out")));
  for (const auto& method : kMethods)
    if (method.find("gradient") != std::string::npos || method == "value-norm" ||
        method == "logit-attribution") {
      EXPECT_THROW(check_methods({method}, model_), UserError) << method;
    }
  EXPECT_NO_THROW(check_methods({"cleann", "attention", "rollout", "leave-one-out", "accent", "random-order",
                                 "pure-attention", "smart-attention"},
                                model_));
}

// Margin 3.5: without "not" 0.5, and without "good" too -1.5.
TEST_F(Rankings, EveryMethodFindsTheSmallestSetOrSaysThatItNeedNot) {
  const Sample sample = explained(kMethods);
  EXPECT_THAT(sample.methods, SizeIs(kMethods.size()));  // no controls were asked for
  for (const auto& [name, method] : sample.methods) {
    ASSERT_TRUE(method.explained()) << name;
    const bool by_size = name != "accent" && parse_method(name).way == Way::by_size;
    EXPECT_EQ(method.status, by_size ? SearchStatus::minimal : SearchStatus::found) << name;
    if (by_size) {
      EXPECT_THAT(method.sets.front().members, ElementsAre(3, 4)) << name;
    }
    EXPECT_GT(method.first_hit, 0) << name;
    EXPECT_LE(method.first_hit, method.total_calls()) << name;
  }
  const auto& knockout = sample.methods.at("knockout");
  EXPECT_EQ(knockout.first_hit, 6);  // five words, and the pair that was observed to drop most
  EXPECT_EQ(knockout.first_hit_with_ranking, 7);
  EXPECT_EQ(knockout.ranking_calls, 1);
  const auto& left = sample.methods.at("leave-one-out");
  EXPECT_EQ(left.first_hit, 6);
  EXPECT_EQ(left.first_hit_with_ranking, 6);  // the words were asked for the ranking
  EXPECT_EQ(left.ranking_calls, 5);
  EXPECT_EQ(sample.methods.at("cleann").ranking_calls, 1);
  // attention prefers what is near: the, films, is, not, good
  const auto& pure = sample.methods.at("pure-attention");
  EXPECT_THAT(pure.sets.front().members, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(pure.sets.front().margin, -0.25);
  EXPECT_THAT(sample.methods.at("smart-attention").sets.front().members, ElementsAre(1, 2, 3));
}

TEST_F(Rankings, AccentAddsInfluencesAndAsksOnce) {
  const auto accent = explained({"accent"}).methods.at("accent");
  EXPECT_THAT(accent.sets.front().members, ElementsAre(3, 4));
  EXPECT_EQ(accent.total_calls(), 1);
  EXPECT_EQ(accent.ranking_calls, 5);
  EXPECT_EQ(accent.first_hit_with_ranking, 6);
  EXPECT_THAT(accent.legal, IsEmpty());
}

TEST_F(Rankings, ControlsStandBesideCleannOnly) {
  options_.controls = {"permuted", "random"};
  options_.exhaustive_calls = 100;
  const Sample without = explained({"leave-one-out", "random-order"});
  EXPECT_THAT(without.methods, SizeIs(3));
  EXPECT_TRUE(without.methods.contains("exhaustive"));
  EXPECT_THAT(without.graphs, IsEmpty());
  EXPECT_THAT(without.warnings, IsEmpty());
  EXPECT_THAT(explained({"attention", "cleann"}).methods, SizeIs(5));
}

// What a method reports but its passes does not depend on the methods beside it.
TEST_F(Rankings, AMethodIsTheSameAloneAndAmongOthers) {
  const Sample together = explained(kMethods);
  for (const auto& name : kMethods) {
    Sample alone = explained({name}), beside = together;
    std::erase_if(beside.methods, [&](const auto& method) { return method.first != name; });
    if (name != "cleann") beside.graphs.clear();
    beside.warnings = alone.warnings;
    for (auto* sample : {&alone, &beside}) sample->methods.at(name).passes = 0;
    EXPECT_EQ(to_json_line(alone), to_json_line(beside)) << name;
  }
}

// Five words: 1, 5, 10 and 20 % are one of them, 50 % are three. p(margin) = 1 / (1 + exp(-margin)); margin
// 3.5, and leaving one out ranks not (3), good (2), films (.5), is (.25), the (0).
TEST_F(Rankings, AreMeasuredWhereThatIsAskedForAndNothingElseChanges) {
  const auto p = [](double margin) { return 1 / (1 + std::exp(-margin)); };
  const Sample unmeasured = explained(kMethods);
  EXPECT_THAT(unmeasured.rankings, IsEmpty());
  options_.aopc = true;
  Sample sample = explained(kMethods);
  EXPECT_EQ(sample.rankings.size(), 9u);
  const RankingResult& left = sample.rankings.at("leave-one-out");
  EXPECT_THAT(left.scores, ElementsAre(0, 0.5, 0.25, 3, 2));
  EXPECT_NEAR(*left.comprehensiveness, p(3.5) - (4 * p(0.5) + p(-2)) / 5, 1e-6);
  EXPECT_NEAR(*left.sufficiency, p(3.5) - (4 * p(0.75) + p(3.25)) / 5, 1e-6);
  EXPECT_EQ(explained({"pure-attention"}).rankings.at("attention").comprehensiveness,
            sample.rankings.at("attention").comprehensiveness);
  EXPECT_THAT(explained({"cleann", "accent", "random-order"}).rankings, IsEmpty());
  sample.rankings.clear();
  EXPECT_EQ(to_json_line(sample), to_json_line(unmeasured));
}

// Without CLEANN beside them, too; a random graph would do: whatever it proposes, the pair is found.
TEST_F(Rankings, GraphsMayGoBeforeARanking) {
  const Sample sample = explained({"knockout", "knockout:graph", "leave-one-out:after-cleann"});
  EXPECT_FALSE(sample.methods.contains("cleann"));
  EXPECT_THAT(sample.graphs, SizeIs(2));
  const auto& alone = sample.methods.at("knockout");
  const auto& legal = sample.methods.at("knockout:graph");
  EXPECT_EQ(legal.status, SearchStatus::minimal);
  EXPECT_EQ(legal.sets.front().members, alone.sets.front().members);
  EXPECT_EQ(legal.first_hit, alone.first_hit);  // complete graphs propose every set
  EXPECT_EQ(legal.ranking_calls, alone.ranking_calls + 1);
  const auto& after = sample.methods.at("leave-one-out:after-cleann");
  EXPECT_EQ(after.status, SearchStatus::found);
  EXPECT_EQ(after.ranking_calls, 6);
  EXPECT_EQ(after.first_hit_with_ranking, after.first_hit + 6);
}

TEST_F(Rankings, EveryReportedSetReplays) {
  const Sample sample =
      explained({"cleann", "knockout", "knockout:any", "rollout:smart", "attention:pure",
                 "attention:predicted", "accent", "random-order", "knockout:graph", "rollout:after-cleann"});
  const Replay replayed = replay(subject(), parse_sample(to_json_line(sample), "x:1"));
  EXPECT_GE(replayed.sets, 8);
  EXPECT_EQ(replayed.same_margin, replayed.sets);
}

}  // namespace
}  // namespace why
