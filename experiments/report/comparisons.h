// The methods of a run, each beside one of them, on the same samples.
//
//   measure                  a sample's value                                      samples           test
//   explained                1 or 0                                                all               McNemar
//   size                     parts of the first set                                both explained    Wilcoxon
//   first_hit                calls up to the first set that changed the answer     all               Wilcoxon
//   first_hit_with_ranking   the same with the passes of the ranking               all               Wilcoxon
//   replacement_rank         place of the answer without the first set in the      both explained    Wilcoxon
//                            original ten; further down counts as 11
//
// Of `all` samples on which both methods were run. Calls above the budget count as the budget, and so does a
// sample that was not explained, for whatever reason: its set would have taken more. The tests and the
// interval are those of paired_tests.h; Holm's correction is over all p of a run. Ranks are left out where
// they tell nothing (TaskWords), as of two labels.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/report/paired_tests.h"
#include "experiments/report/samples.h"

namespace why {

inline constexpr std::string_view kMeasures[] = {"explained", "size", "first_hit", "first_hit_with_ranking",
                                                 "replacement_rank"};
inline constexpr int kBeyondTop10 = 11;  // the rank of a replacement that is not among the original ten

struct ComparisonOptions {
  std::string against;        // a method of the run
  std::int64_t budget = 500;  // model calls a sample (sets.max_calls)
  std::uint64_t seed = 1;     // of the bootstrap
};

// Without a sample, n is 0 and nothing else is known; the interval wants two.
struct Comparison {
  std::string method, against;
  std::string measure;               // one of kMeasures
  std::int64_t n = 0;                // pairs
  std::optional<double> difference;  // mean of the method's value minus the other's
  std::optional<Interval> interval;  // of that, 95 %
  std::optional<double> p, p_holm;
};

// Fills p_holm, over all p that there are.
void correct_by_holm(std::vector<Comparison>& comparisons);

// Memory: five numbers a sample and method.
class PairedOutcomes {
 public:
  void add(const Sample& sample);

  // Of each other method, in the order given, kMeasures in theirs. None when the run lacks `options.against`.
  // Cost: 15 ms a comparison of 1,000 samples, most of it the bootstrap's.
  std::vector<Comparison> compare(const std::vector<std::string>& methods,
                                  const ComparisonOptions& options) const;

 private:
  struct Outcome {
    std::size_t sample;
    bool explained;
    std::int64_t size, first_hit, first_hit_with_ranking, rank;  // of an explained one
  };
  using Outcomes = std::vector<Outcome>;  // by sample, ascending

  static std::vector<std::int64_t> differences(const Outcomes& method, const Outcomes& against,
                                               std::string_view measure, std::int64_t budget);

  std::size_t samples_ = 0;
  bool ranks_tell_ = false;
  std::map<std::string, Outcomes> methods_;
};

}  // namespace why
