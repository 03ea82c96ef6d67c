// Do the methods of a run say the same of the same samples?
//
//   two methods    their first sets: |A and B| / |A or B| (Jaccard), and how often they are one set; on the
//                  samples that both explained
//   two rankings   Spearman's correlation of the scores, equal scores sharing the mean of their ranks; on
//                  the samples of two parts and more on which neither gives all parts the same score
//
// Means over samples; a correlation of 1 of two parts counts like one of a hundred.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "experiments/report/samples.h"

namespace why {

// What is a mean of nothing is not known.
struct SetAgreement {
  std::string one, other;
  std::int64_t n = 0;
  std::optional<double> jaccard, identical;
};
struct RankingAgreement {
  std::string one, other;
  std::int64_t n = 0;
  std::optional<double> spearman;
};

// Memory: a few numbers a pair of methods.
class Agreements {
 public:
  void add(const Sample& sample);

  // Every pair of those given, in their order.
  std::vector<SetAgreement> of_methods(std::span<const std::string> names) const;
  std::vector<RankingAgreement> of_rankings(std::span<const std::string> names) const;

 private:
  struct Sums {
    std::int64_t n = 0, identical = 0;
    double jaccard = 0, spearman = 0;
  };
  using Pairs = std::map<std::pair<std::string, std::string>, Sums>;  // the smaller name first

  Pairs methods_, rankings_;
};

// Both ascending, neither empty.
double jaccard(std::span<const int> one, std::span<const int> other);

// Nothing where one of them is constant, or of fewer than two values.
std::optional<double> spearman(std::span<const double> one, std::span<const double> other);

}  // namespace why
