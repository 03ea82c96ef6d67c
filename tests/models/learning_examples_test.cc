#include "models/learning_examples.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace why {
namespace {

constexpr std::int64_t kMask = 1000;

Sequence one_to(std::int64_t n) {
  Sequence out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 1);
  return out;
}

ClozeOptions options() {
  ClozeOptions out;
  out.max_length = 6;
  out.windows = 200;
  out.mask_id = kMask;
  return out;
}

Sequence restored(const LearningExample& example) {
  Sequence out = example.inputs;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i] == kMask) out[i] = example.targets[i];
  return out;
}

TEST(Cloze, EveryExampleIsAWindowWithSomethingHidden) {
  Random random(3);
  const auto examples = cloze_epoch({one_to(9)}, options(), random);
  ASSERT_EQ(examples.size(), 200u);
  bool shortest = false, longest = false, newest = false;
  for (const auto& example : examples) {
    const Sequence window = restored(example);
    ASSERT_EQ(example.targets.size(), window.size());
    EXPECT_NE(example.inputs, window);
    for (std::size_t i = 0; i < window.size(); ++i) {
      EXPECT_EQ(window[i], window[0] + static_cast<std::int64_t>(i));  // neighbours of the history
      EXPECT_EQ(example.targets[i] != 0, example.inputs[i] == kMask);
    }
    EXPECT_GE(window.size(), 2u);
    EXPECT_LE(window.size(), 6u);
    shortest |= window.size() == 2;
    longest |= window.size() == 6 && window[0] > 1;
    newest |= window.back() == 9;
  }
  EXPECT_TRUE(shortest && longest && newest);
}

TEST(Cloze, WindowsEndLaterTheGreaterTheRecency) {
  // A history of nine has eight ends; u^(1 - recency) falls below k / 8 with the chance (k / 8)^(1 / (1 -
  // r)).
  for (const double recency : {0.0, 0.5, 0.8, 1.0}) {
    ClozeOptions asked = options();
    asked.recency = recency;
    asked.windows = 4000;
    Random random(9);
    std::vector<double> shares(9);
    for (const auto& example : cloze_epoch({one_to(9)}, asked, random))
      shares[static_cast<std::size_t>(restored(example).back() - 1)] += 1.0 / asked.windows;
    for (int k = 1; k <= 8; ++k) {
      const double wanted = std::pow(k / 8.0, 1 / (1 - recency)) - std::pow((k - 1) / 8.0, 1 / (1 - recency));
      EXPECT_NEAR(shares[static_cast<std::size_t>(k)], wanted, 0.02)
          << "recency " << recency << ", end " << k;
    }
  }
}

TEST(Cloze, HidesTheLastItemAloneAsOftenAsAsked) {
  for (const double share : {0.0, 0.25, 1.0}) {
    ClozeOptions asked = options();
    asked.last_share = share;
    asked.mask_share = 1.0;  // the others hide everything
    asked.windows = 2000;
    Random random(4);
    const auto examples = cloze_epoch({one_to(9)}, asked, random);
    const auto last_alone =
        std::count_if(examples.begin(), examples.end(), [](const LearningExample& example) {
          return std::count(example.inputs.begin(), example.inputs.end(), kMask) == 1 &&
                 example.inputs.back() == kMask;
        });
    EXPECT_NEAR(static_cast<double>(last_alone) / 2000, share, 0.04);
  }
}

TEST(Cloze, DropsItemsButNeverTheLast) {
  ClozeOptions asked = options();
  asked.drop_share = 1.0;
  asked.max_length = 50;
  Random random(5);
  std::size_t kept = 0, gaps = 0;
  for (const auto& example : cloze_epoch({one_to(30)}, asked, random)) {
    const Sequence window = restored(example);
    EXPECT_TRUE(std::is_sorted(window.begin(), window.end()));
    kept += window.size();
    gaps += window.size() >= 2 && window.back() - window.front() >= static_cast<std::int64_t>(window.size());
  }
  EXPECT_GT(gaps, 100u);
  EXPECT_GT(kept, 500u);
}

TEST(Cloze, TheSameSeedGivesTheSameExamples) {
  Random a(6), b(6), c(7);
  const auto first = cloze_epoch({one_to(9), one_to(4)}, options(), a);
  const auto again = cloze_epoch({one_to(9), one_to(4)}, options(), b);
  const auto other = cloze_epoch({one_to(9), one_to(4)}, options(), c);
  const auto inputs = [](const std::vector<LearningExample>& examples) {
    std::vector<Sequence> out;
    for (const auto& example : examples) out.push_back(example.inputs);
    return out;
  };
  EXPECT_EQ(inputs(first), inputs(again));
  EXPECT_NE(inputs(first), inputs(other));
}

TEST(Cloze, NothingIsAskedAboutHistoriesOfOneItem) {
  Random random(8);
  EXPECT_TRUE(cloze_epoch({{}, {1}}, options(), random).empty());
}

TEST(NextItem, EachItemOfAWindowIsToldFromThoseBeforeIt) {
  Random random(3);
  const auto examples = next_item_epoch({one_to(9), {7}}, options(), random);
  ASSERT_EQ(examples.size(), 200u);
  bool shortest = false, longest = false, newest = false;
  for (const auto& example : examples) {
    ASSERT_EQ(example.inputs.size(), example.targets.size());
    for (std::size_t i = 0; i < example.inputs.size(); ++i) {
      EXPECT_EQ(example.inputs[i], example.inputs[0] + static_cast<std::int64_t>(i));
      EXPECT_EQ(example.targets[i], example.inputs[i] + 1);
    }
    shortest |= example.inputs.size() == 1;
    longest |= example.inputs.size() == 5;  // of a window of six
    newest |= example.targets.back() == 9;
    EXPECT_LE(example.inputs.size(), 5u);
  }
  EXPECT_TRUE(shortest && longest && newest);
}

TEST(NextItem, NothingIsAskedWhereAllOthersWereDropped) {
  ClozeOptions asked = options();
  asked.drop_share = 1.0;
  Random random(5);
  const auto examples = next_item_epoch({{1, 2}}, asked, random);
  EXPECT_LT(examples.size(), 200u);
  EXPECT_GT(examples.size(), 50u);
  for (const auto& example : examples) {
    EXPECT_EQ(example.inputs, Sequence{1});
    EXPECT_EQ(example.targets, Sequence{2});
  }
}

}  // namespace
}  // namespace why
