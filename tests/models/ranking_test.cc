#include "models/ranking.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/random.h"

namespace why {
namespace {

// The place by sorting everything, as one would do it by hand.
int place_by_sorting(const std::vector<float>& scores, std::int64_t target,
                     const std::vector<std::int64_t>& excluded) {
  std::vector<std::int64_t> order;
  for (std::int64_t item = 0; item < static_cast<std::int64_t>(scores.size()); ++item)
    if (item == target || std::find(excluded.begin(), excluded.end(), item) == excluded.end())
      order.push_back(item);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; });
  return static_cast<int>(std::find(order.begin(), order.end(), target) - order.begin()) + 1;
}

TEST(Ranking, PlacesAreThoseOfASort) {
  Random random(7);
  for (int round = 0; round < 500; ++round) {
    const auto items = 1 + random.below(12);
    std::vector<float> scores;
    for (std::uint64_t i = 0; i < items; ++i)
      scores.push_back(static_cast<float>(random.below(4)));  // many ties
    std::vector<std::int64_t> excluded;
    for (std::uint64_t i = 0; i < random.below(6); ++i)
      excluded.push_back(static_cast<std::int64_t>(random.below(items)));  // may repeat, may hold the target
    const auto target = static_cast<std::int64_t>(random.below(items));
    EXPECT_EQ(place_of(scores, target, excluded), place_by_sorting(scores, target, excluded))
        << "round " << round;
  }
}

TEST(Ranking, MetricsWorkedByHand) {
  // places 1, 3, 6 and 40: hits at 5: two; at 10: three; at 20: three
  const std::vector<int> places = {1, 3, 6, 40};
  const auto metrics = ranking_metrics(places);
  EXPECT_DOUBLE_EQ(metrics.hit_rate[0], 2.0 / 4);
  EXPECT_DOUBLE_EQ(metrics.hit_rate[1], 3.0 / 4);
  EXPECT_DOUBLE_EQ(metrics.hit_rate[2], 3.0 / 4);
  EXPECT_DOUBLE_EQ(metrics.ndcg[0], (1 + 1 / 2.0) / 4);  // log2(2) = 1, log2(4) = 2
  EXPECT_DOUBLE_EQ(metrics.ndcg[1], (1 + 1 / 2.0 + 1 / std::log2(7.0)) / 4);
  EXPECT_DOUBLE_EQ(metrics.ndcg[2], metrics.ndcg[1]);
}

TEST(Ranking, TheLastPlaceThatCountsIsTheCutoff) {
  EXPECT_EQ(ranking_metrics(std::vector<int>{10}).hit_rate[1], 1);
  EXPECT_EQ(ranking_metrics(std::vector<int>{11}).hit_rate[1], 0);
  EXPECT_THROW(ranking_metrics({}), UserError);
}

}  // namespace
}  // namespace why
