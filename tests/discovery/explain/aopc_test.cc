#include "discovery/explain/aopc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace why {
namespace {

// p = 1 less what is removed of the weights, which sum to 1.
class WeightJudge : public Judge {
 public:
  explicit WeightJudge(std::vector<float> weights) : weights_(std::move(weights)) {}

  int num_candidates() const override { return static_cast<int>(weights_.size()); }

  std::vector<Verdict> judge(std::span<const KeepMask> masks) override {
    asked += static_cast<int>(masks.size());
    std::vector<Verdict> out(masks.size());
    for (std::size_t i = 0; i < masks.size(); ++i)
      for (std::size_t x = 0; x < weights_.size(); ++x)
        if (masks[i][x]) out[i].probability += weights_[x];
    return out;
  }

  int asked = 0;

 private:
  std::vector<float> weights_;
};

// Of five 1, 5, 10 and 20 % are one, 50 % three: p falls by .5 and .8 without them, by .5 and .2 with them
// alone.
TEST(Aopc, IsTheMeanOverFiveSizesRoundedUp) {
  WeightJudge judge({.125f, .5f, .0625f, .1875f, .125f});
  VerdictMemo memo(judge);
  const auto out = aopc(std::vector<double>{2, 9, 1, 3, 2}, 1, memo);
  EXPECT_DOUBLE_EQ(out->comprehensiveness, (4 * .5 + .8125) / 5);
  EXPECT_DOUBLE_EQ(out->sufficiency, (4 * .5 + .1875) / 5);
  EXPECT_EQ(judge.asked, 4);  // two sets and the rest of each
}

TEST(Aopc, AWrongRankingIsLessComprehensiveAndLessSufficient) {
  WeightJudge judge({.125f, .5f, .0625f, .1875f, .125f});
  VerdictMemo memo(judge);
  const auto out = aopc(std::vector<double>{-2, -9, -1, -3, -2}, 1, memo);
  EXPECT_DOUBLE_EQ(out->comprehensiveness, (4 * .0625 + .3125) / 5);
  EXPECT_DOUBLE_EQ(out->sufficiency, (4 * .9375 + .6875) / 5);
}

// 1, 5, 10, 20, 50 of 100
TEST(Aopc, OfAHundredTakesThatMany) {
  WeightJudge judge(std::vector<float>(100, 1.0f / 128));
  VerdictMemo memo(judge);
  std::vector<double> scores(100);
  std::iota(scores.begin(), scores.end(), 0);
  EXPECT_DOUBLE_EQ(aopc(scores, 100.0 / 128, memo)->comprehensiveness, 86.0 / 128 / 5);
  EXPECT_EQ(judge.asked, 10);
}

TEST(Aopc, OfTwoIsWhatEachDoesAndOfOneNothing) {
  WeightJudge two({.75f, .25f}), one({1});
  VerdictMemo memo(two), single(one);
  const auto out = aopc(std::vector<double>{1, 0}, 1, memo);
  EXPECT_DOUBLE_EQ(out->comprehensiveness, .75);
  EXPECT_DOUBLE_EQ(out->sufficiency, .25);
  EXPECT_FALSE(aopc(std::vector<double>{1}, 1, single));
  EXPECT_EQ(one.asked, 0);
}

}  // namespace
}  // namespace why
