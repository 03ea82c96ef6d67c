#include "discovery/explain/any_size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "core/subsets.h"
#include "tests/discovery/explain/toy_judge.h"

namespace why {
namespace {

using Sets = std::vector<std::vector<Node>>;

struct Asked {
  MinimalSets result;
  Sets sets;
};

Asked ask(const std::vector<double>& scores, MarginJudge judge, double margin,
          const SearchBounds& bounds = {}) {
  VerdictMemo memo(judge);
  auto result = first_flip(scores, margin, memo, bounds);
  return {std::move(result), judge.asked};
}

TEST(FirstFlip, TheBestSingleSetsTheScale) {
  // Scores are a tenth of the drops. After {0} (5 of 8) the pair {0, 1} is predicted to drop by 9.
  const auto asked = ask({.5, .4, .3, .1}, {4, sum_of_drops(8, {5, 4, 3, 1})}, 8);
  EXPECT_EQ(asked.sets, (Sets{{0}, {0, 1}}));
  EXPECT_EQ(asked.result.status, SearchStatus::found);
  EXPECT_EQ(asked.result.first_hit, 2);
  EXPECT_EQ(asked.result.total_calls(), 2);
}

TEST(FirstFlip, ASingleThatFlipsIsAllThereIsToAsk) {
  EXPECT_EQ(ask({1, 2, 0}, {3, sum_of_drops(1, {0, 3, 0})}, 1).sets, (Sets{{1}}));
}

TEST(FirstFlip, AsksTheLargestDropWhereNoneIsThoughtToDo) {
  // {0} drops by 1 of 10: scaled, the three best are thought to drop by 2.5. They drop by 4, which they
  // share: 1.5, 1.25, 1.25; and 0 1 3 with .5 is the next best.
  const auto asked = ask({4, 3, 3, 2},
                         {4,
                          [](const std::vector<int>& removed) {
                            return removed.size() == 1 ? 9.0 : removed == std::vector{0, 1, 2} ? 6.0 : -1.0;
                          }},
                         10);
  EXPECT_EQ(asked.sets, (Sets{{0}, {0, 1, 2}, {0, 1, 3}}));
  EXPECT_EQ(asked.result.sets[0].set.members, (std::vector<Node>{0, 1, 3}));
}

TEST(FirstFlip, BoundsAndWhatIsLeft) {
  const auto none = [](const auto&) { return 1.0; };
  const auto all = ask({1, 1, 1}, {3, none}, 1);
  EXPECT_EQ(all.result.status, SearchStatus::none);
  EXPECT_EQ(all.result.total_calls(), 6);  // 3 singles, 3 pairs, and never all three
  const auto calls = ask({1, 1, 1}, {3, none}, 1, {.max_set_size = 3, .max_calls = 6});
  EXPECT_EQ(calls.result.status, SearchStatus::none);
  const auto fewer = ask({1, 1, 1}, {3, none}, 1, {.max_set_size = 3, .max_calls = 5});
  EXPECT_EQ(fewer.result.bound, SearchBound::max_calls);
  const auto smaller = ask({1, 1, 1}, {3, none}, 1, {.max_set_size = 1});
  EXPECT_EQ(smaller.result.bound, SearchBound::max_set_size);
  EXPECT_EQ(smaller.result.status, SearchStatus::budget);
  for (const int n : {0, 1})
    EXPECT_EQ(ask(std::vector<double>(static_cast<std::size_t>(n)), {n, none}, 1).result.total_calls(), 0);
}

// Every set is asked once before the search gives up, and what it finds does change the output.
TEST(FirstFlip, FindsASetWhereThereIsOne) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const int n = 2 + static_cast<int>(random.below(5));
    std::vector<double> scores(static_cast<std::size_t>(n));
    for (auto& score : scores) score = random.normal();
    std::vector<double> margins(std::size_t{1} << n);
    for (auto& margin : margins) margin = random.uniform() - 0.03;
    const auto margin = [&](const std::vector<int>& removed) {
      std::size_t index = 0;
      for (const int x : removed) index |= std::size_t{1} << x;
      return margins[index];
    };
    bool any = false;
    for (int size = 1; size <= std::min(3, n - 1); ++size) {
      auto set = first_subset(size);
      do any |= margin(set) < 0;
      while (next_subset(set, n));
    }
    const auto asked = ask(scores, {n, margin}, 1);
    EXPECT_EQ(asked.result.sets.size(), any ? 1u : 0u) << "seed " << seed;
    EXPECT_EQ(std::set(asked.sets.begin(), asked.sets.end()).size(), asked.sets.size()) << "seed " << seed;
  }
}

TEST(FirstFlip, TakesFewerCallsThanSizeFirstWhereItPays) {
  const std::vector<double> drops(30, 1.0);
  EXPECT_EQ(ask(drops, {30, sum_of_drops(2.5, drops)}, 2.5).result.first_hit, 2);  // size first: 466
}

}  // namespace
}  // namespace why
