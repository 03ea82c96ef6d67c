#include "experiments/report/comparisons.h"

#include <algorithm>
#include <numeric>

#include "core/errors.h"
#include "experiments/report/task_words.h"

namespace why {
namespace {

Comparison compared(std::string_view measure, const std::vector<std::int64_t>& differences, Random random) {
  Comparison out;
  out.measure = measure;
  out.n = static_cast<std::int64_t>(differences.size());
  if (differences.empty()) return out;
  const auto sum = std::accumulate(differences.begin(), differences.end(), std::int64_t{0});
  out.difference = static_cast<double>(sum) / static_cast<double>(out.n);
  out.interval = bootstrap_interval(differences, std::move(random));
  out.p = measure == "explained" ? mcnemar_p(std::count(differences.begin(), differences.end(), 1),
                                             std::count(differences.begin(), differences.end(), -1))
                                 : signed_rank_p(differences);
  return out;
}

}  // namespace

void correct_by_holm(std::vector<Comparison>& comparisons) {
  std::vector<double> p;
  for (const auto& each : comparisons)
    if (each.p) p.push_back(*each.p);
  const std::vector<double> corrected = holm(p);
  auto next = corrected.begin();
  for (auto& each : comparisons)
    if (each.p) each.p_holm = *next++;
}

void PairedOutcomes::add(const Sample& sample) {
  for (const auto& [name, result] : sample.methods) {
    const bool explained = result.explained();
    const auto size = explained ? static_cast<std::int64_t>(result.set_size()) : 0;
    const int rank = explained ? result.sets.front().replacement_rank.value_or(kBeyondTop10) : 0;
    methods_[name].push_back(
        {samples_, explained, size, result.first_hit, result.first_hit_with_ranking, rank});
  }
  ranks_tell_ = words_of(sample.task).ranks_tell;
  ++samples_;
}

std::vector<std::int64_t> PairedOutcomes::differences(const Outcomes& method, const Outcomes& against,
                                                      std::string_view measure, std::int64_t budget) {
  const auto value = [&](const Outcome& of) -> std::int64_t {
    if (measure == "explained") return of.explained ? 1 : 0;
    if (measure == "size") return of.size;
    if (measure == "replacement_rank") return of.rank;
    if (!of.explained) return budget;
    return std::min(budget, measure == "first_hit" ? of.first_hit : of.first_hit_with_ranking);
  };
  const bool of_sets = measure == "size" || measure == "replacement_rank";
  std::vector<std::int64_t> out;
  auto other = against.begin();
  for (const auto& each : method) {
    while (other != against.end() && other->sample < each.sample) ++other;
    if (other == against.end()) break;
    if (other->sample != each.sample) continue;
    if (of_sets && !(each.explained && other->explained)) continue;
    out.push_back(value(each) - value(*other));
  }
  return out;
}

std::vector<Comparison> PairedOutcomes::compare(const std::vector<std::string>& methods,
                                                const ComparisonOptions& options) const {
  std::vector<Comparison> out;
  const auto against = methods_.find(options.against);
  if (against == methods_.end()) return out;
  const Random random = Random(options.seed).child("comparisons");
  for (const auto& method : methods) {
    const auto found = methods_.find(method);
    if (found == methods_.end() || method == options.against) continue;
    for (const auto measure : kMeasures) {
      if (measure == "replacement_rank" && !ranks_tell_) continue;
      const auto pairs = differences(found->second, against->second, measure, options.budget);
      Comparison& added = out.emplace_back(compared(measure, pairs, random.child(method).child(measure)));
      added.method = method;
      added.against = options.against;
    }
  }
  correct_by_holm(out);
  return out;
}

}  // namespace why
