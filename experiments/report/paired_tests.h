// Two methods on the same samples: is one better? Tests of paired values, for one difference a sample.
//
// All p-values are two-sided and none is ever a NaN. Nothing to tell the two apart (no differing pair, no
// sample at all) gives p = 1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/random.h"

namespace why {

struct Interval {
  double low, high;
};

// McNemar's test in its exact form (McNemar 1947): of the samples on which just one of two succeeded, each
// would be as likely to win if they were equally good. p = min(1, 2 P(X <= min(b, c))), X ~ Bin(b + c, 1/2).
double mcnemar_p(std::int64_t first_only, std::int64_t second_only);

// Wilcoxon's signed-rank test (Wilcoxon 1945). Zeros are dropped, and the ranks of equal |differences| are
// their mean. Up to kExactSigns differences that are not zero, p comes from the distribution over all signs
// of these very ranks, exact with ties too; above, from the normal approximation with
//
//   variance  n (n + 1) (2n + 1) / 24 - sum of (t^3 - t) / 48 over groups of t ties
//
// and a continuity correction of 1/2 (Hollander, Wolfe, Chicken 2014, 3.1). Cost O(n log n), and O(n^3) of
// the exact form.
inline constexpr std::size_t kExactSigns = 50;
double signed_rank_p(std::span<const std::int64_t> differences);

// The 95 % percentile interval of the mean (Efron 1979): of 2,000 means of as many values, drawn with
// replacement, the 50th from below and the 50th from above. Nothing for fewer than two values. Where all are
// equal, it is that value, which says how little the values tell, not how sure it is. Cost O(2,000 n).
inline constexpr int kResamples = 2000;
std::optional<Interval> bootstrap_interval(std::span<const std::int64_t> values, Random random);

// Holm's step-down correction (Holm 1979), in the order given: the chance of even one false finding among
// all of them stays below the level that a corrected p is held against. The i-th smallest of m becomes
// (m - i + 1) p, no less than the one before it and at most 1.
std::vector<double> holm(std::span<const double> p);

}  // namespace why
