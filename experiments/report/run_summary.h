// A run in numbers: what summary.json, the figures and the report show of all samples.
//
//   SummaryBuilder builder;
//   for_each_sample(path, [&](const Sample& sample) { builder.add(sample); });
//   const RunSummary summary = builder.finish();
//
// Memory: a number a sample and method.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "experiments/methods.h"
#include "experiments/report/agreement.h"
#include "experiments/report/comparisons.h"
#include "experiments/report/samples.h"
#include "experiments/report/task_words.h"

namespace why {

// Shares are of `samples`, the samples on which the method was run. Of several sets found for one sample the
// first counts.
struct MethodSummary {
  std::string name;
  std::int64_t samples = 0, explained = 0, none = 0, budget = 0;
  std::map<std::string, std::int64_t> bounds;  // which bound was hit how often, of `budget`
  std::map<int, std::int64_t> sizes;           // of the explanations
  std::map<int, std::int64_t> ranks;           // of the replacements, 2 .. 10
  std::int64_t beyond_top10 = 0;
  std::vector<std::int64_t> legal, possible, calls;  // summed over samples, by size
  std::vector<std::int64_t> calls_of_explained;      // a number an explained sample, ascending
  std::vector<std::int64_t> calls_of_all;            // a number a sample, ascending
  std::vector<std::int64_t> first_hits;              // a number an explained sample, ascending
  std::vector<std::int64_t> first_hits_with_ranking;
  std::int64_t ranking_calls = 0;  // summed over samples
  std::int64_t passes = 0;

  // Beside the exhaustive optimum, on samples where that was found.
  std::int64_t compared = 0;   // samples with both
  std::int64_t same_size = 0;  // of these: as small as the optimum
  std::int64_t excess = 0;     // of these: summed size above the optimum
  std::int64_t missed = 0;     // samples with an optimum only
};

struct Estimate {
  double value, standard_error;  // of the samples' draw; 0 for fewer than two samples
};

// Measures (discovery/explain/aopc.h) of a ranking, means over the samples of two parts and more.
struct RankingSummary {
  std::string name;
  std::int64_t samples = 0;
  Estimate comprehensiveness, sufficiency;
};

struct RunSummary {
  TaskWords words;  // of the task, with the parts of the samples
  std::int64_t samples = 0;
  std::int64_t labelled = 0, right = 0;  // samples whose right answer is known; of these: the model gave it
  std::map<std::string, std::int64_t> labels;  // right answers, where known
  std::set<std::string> answers;               // that the model gave
  std::int64_t with_warnings = 0;
  std::int64_t isolated_roots = 0;       // samples whose answer has no neighbour in any head
  std::vector<MethodSummary> methods;    // by method_place
  std::vector<Comparison> comparisons;   // likewise
  std::string against;                   // with which method; empty: with none
  std::int64_t budget = 0;               // that calls count up to in them
  std::vector<SetAgreement> agreements;  // of every two methods, likewise
  std::vector<RankingSummary> rankings;  // likewise; none unless the run measures them
  std::vector<RankingAgreement> ranking_agreements;

  // The method that the report is about: the one that the others are compared with, else the first. Null when
  // there is no sample.
  const MethodSummary* main_method() const;
};

class SummaryBuilder {
 public:
  // The methods are compared only when it is said with which.
  explicit SummaryBuilder(const std::string& task = "recommendation",
                          std::optional<ComparisonOptions> comparison = {});

  void add(const Sample& sample);
  RunSummary finish() const;

 private:
  RunSummary summary_;
  struct Measured {
    std::vector<double> comprehensiveness, sufficiency;  // a number a sample
  };

  std::map<std::string, MethodSummary> methods_;
  std::map<std::string, Measured> rankings_;
  Agreements agreements_;
  std::optional<ComparisonOptions> comparison_;
  PairedOutcomes outcomes_;
};

double share(std::int64_t part, std::int64_t whole);  // 0 of nothing
double mean(const std::map<int, std::int64_t>& counts);
double mean(const std::vector<std::int64_t>& values);
// The smallest value that at least `fraction` of them do not exceed. Both want at least one value.
std::int64_t quantile(const std::map<int, std::int64_t>& counts, double fraction);
std::int64_t quantile(const std::vector<std::int64_t>& ascending, double fraction);

// 0 ± 0 of nothing.
Estimate estimate_of_mean(std::span<const double> values);

// The place of the replacements in the original ten, further down counted as kBeyondTop10.
std::map<int, std::int64_t> ranks_to_eleven(const MethodSummary& method);

// Wilson's 95 % interval of a share. [0, 1] of nothing.
Interval interval_of_share(std::int64_t part, std::int64_t whole);

// Share of the samples explained with at most so many model calls each. `needed`: calls of the explained
// samples, ascending; of `samples` in all.
double share_within(std::span<const std::int64_t> needed, std::int64_t samples, std::int64_t calls);

// The mean of that share over 1 .. calls: the area under the curve of share against calls. One number for how
// much is explained how soon.
inline constexpr std::int64_t kAreaCalls = 100;  // of summary.json and the report
Estimate area_of_calls(std::span<const std::int64_t> needed, std::int64_t samples, std::int64_t calls);

// The form that summary.json has: {"samples": …, "methods": {"cleann": {"explained": …, …}}}. Means and
// quantiles of nothing are null. With methods to compare, "comparisons" is a list of
// {"method", "against", "measure", "n", "difference", "interval", "p", "p_holm"}; what is not known is null.
nlohmann::ordered_json to_json(const RunSummary& summary);
nlohmann::ordered_json to_json(const Comparison& comparison);

}  // namespace why
