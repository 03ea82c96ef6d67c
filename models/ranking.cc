#include "models/ranking.h"

#include <algorithm>
#include <cmath>

#include "core/errors.h"

namespace why {

int place_of(std::span<const float> scores, std::int64_t target, std::span<const std::int64_t> excluded) {
  WHY_ASSERT(target >= 0 && static_cast<std::size_t>(target) < scores.size());
  const float own = scores[static_cast<std::size_t>(target)];
  const auto goes_before = [&](std::int64_t item) {
    const float other = scores[static_cast<std::size_t>(item)];
    return other > own || (other == own && item < target);
  };
  int place = 1;
  for (std::int64_t item = 0; item < static_cast<std::int64_t>(scores.size()); ++item)
    place += goes_before(item);

  std::vector<std::int64_t> once(excluded.begin(), excluded.end());
  std::sort(once.begin(), once.end());
  once.erase(std::unique(once.begin(), once.end()), once.end());
  for (const auto item : once) place -= goes_before(item);
  return place;
}

RankingMetrics ranking_metrics(std::span<const int> places) {
  RankingMetrics out;
  WHY_CHECK(!places.empty(), "there is no question to measure the ranking with");
  for (std::size_t i = 0; i < kCutoffs.size(); ++i) {
    for (const int place : places) {
      if (place > kCutoffs[i]) continue;
      out.hit_rate[i] += 1;
      out.ndcg[i] += 1 / std::log2(place + 1);
    }
    out.hit_rate[i] /= static_cast<double>(places.size());
    out.ndcg[i] /= static_cast<double>(places.size());
  }
  return out;
}

}  // namespace why
