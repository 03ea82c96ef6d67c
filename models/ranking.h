// Leave-one-out metrics on the full ranking: where among all items does the one that really came next stand?
//
//   hit rate @k   share of questions whose target is among the first k
//   NDCG @k       mean of 1 / log2(place + 1) where it is, 0 where it is not (one relevant item a question)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace why {

inline constexpr std::array<int, 3> kCutoffs = {5, 10, 20};

struct RankingMetrics {
  std::array<double, 3> hit_rate = {}, ndcg = {};  // at kCutoffs
};

// What is ranked: all items as RecBole does for sequential models, or all but those of the history.
struct RankingReport {
  RankingMetrics all, unseen;
};

// Place of `target` (an index into scores) when sorted by score, best first: 1 .. scores.size(). Of equal
// scores the one with the smaller index goes first, so that the place is the same everywhere. Indices in
// `excluded` are not ranked, unless it is the target.
int place_of(std::span<const float> scores, std::int64_t target, std::span<const std::int64_t> excluded = {});

RankingMetrics ranking_metrics(std::span<const int> places);

}  // namespace why
