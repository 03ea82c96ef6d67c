#include "experiments/report/run_summary.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

using Json = nlohmann::ordered_json;

void add_up(std::vector<std::int64_t>& sums, const std::vector<std::int64_t>& values) {
  sums.resize(std::max(sums.size(), values.size()));
  for (std::size_t k = 0; k < values.size(); ++k) sums[k] += values[k];
}

void count(MethodSummary& summary, const MethodResult& result) {
  ++summary.samples;
  add_up(summary.legal, result.legal);
  add_up(summary.possible, result.possible);
  add_up(summary.calls, result.calls);
  summary.passes += result.passes;
  summary.calls_of_all.push_back(result.total_calls());
  summary.ranking_calls += result.ranking_calls;
  if (result.status == SearchStatus::none) ++summary.none;
  if (result.status == SearchStatus::budget) {
    ++summary.budget;
    ++summary.bounds[std::string(name(result.bound))];
  }
  if (!result.explained()) return;
  ++summary.explained;
  ++summary.sizes[static_cast<int>(result.set_size())];
  summary.calls_of_explained.push_back(result.total_calls());
  summary.first_hits.push_back(result.first_hit);
  summary.first_hits_with_ranking.push_back(result.first_hit_with_ranking);
  if (const auto rank = result.sets.front().replacement_rank)
    ++summary.ranks[*rank];
  else
    ++summary.beyond_top10;
}

void compare(MethodSummary& summary, const MethodResult& result, const MethodResult& optimum) {
  if (!optimum.explained()) return;
  if (!result.explained()) {
    ++summary.missed;
    return;
  }
  const auto excess = static_cast<std::int64_t>(result.set_size() - optimum.set_size());
  ++summary.compared;
  summary.same_size += excess == 0 ? 1 : 0;
  summary.excess += excess;
}

std::int64_t total(const std::map<int, std::int64_t>& counts) {
  std::int64_t out = 0;
  for (const auto& [value, times] : counts) out += times;
  return out;
}

template <class Values>
Json distribution(const Values& values) {
  if (values.empty()) return {{"mean", nullptr}, {"median", nullptr}, {"p95", nullptr}};
  return {{"mean", mean(values)}, {"median", quantile(values, 0.5)}, {"p95", quantile(values, 0.95)}};
}

template <class Key>
Json by_name(const std::map<Key, std::int64_t>& counts) {
  Json out = Json::object();
  for (const auto& [key, times] : counts) out[text(key)] = times;
  return out;
}

Json ratios(const std::vector<std::int64_t>& parts, const std::vector<std::int64_t>& wholes) {
  Json out = Json::array();
  for (std::size_t k = 0; k < std::min(parts.size(), wholes.size()); ++k)
    out.push_back(wholes[k] == 0 ? Json() : Json(share(parts[k], wholes[k])));
  return out;
}

// How much is explained how soon.
Json curve(std::span<const std::int64_t> needed, std::int64_t samples) {
  Json shares = Json::object();
  for (const std::int64_t calls : {5, 10, 20, 50, 100, 200, 500})
    shares[text(calls)] = share_within(needed, samples, calls);
  const Estimate area = area_of_calls(needed, samples, kAreaCalls);
  return {{"share_within_calls", shares},
          {text("area_of_", kAreaCalls, "_calls"), {area.value, area.standard_error}}};
}

// Calls up to the first set that changed the answer; a search by size goes on to the end of that size.
Json first_hit(const MethodSummary& method) {
  Json out = curve(method.first_hits, method.samples);
  out["calls"] = distribution(method.first_hits);
  out["with_ranking"] = curve(method.first_hits_with_ranking, method.samples);
  return out;
}

Json to_json(const MethodSummary& method) {
  const Json whole = curve(method.calls_of_explained, method.samples);
  const std::string area = text("area_of_", kAreaCalls, "_calls");
  const Interval interval = interval_of_share(method.explained, method.samples);
  Json ranks = by_name(method.ranks);
  ranks[">10"] = method.beyond_top10;
  const std::int64_t in_top10 = method.explained - method.beyond_top10;
  Json rank = distribution(ranks_to_eleven(method));
  rank["share_in_top10"] = method.explained == 0 ? Json() : Json(share(in_top10, method.explained));
  Json out = {{"samples", method.samples},
              {"explained", method.explained},
              {"none", method.none},
              {"budget", method.budget},
              {"bounds", by_name(method.bounds)},
              {"share_explained", share(method.explained, method.samples)},
              {"share_explained_interval95", {interval.low, interval.high}},
              {"share_within_calls", whole["share_within_calls"]},
              {area, whole[area]},
              {"first_hit", first_hit(method)},
              {"sizes", by_name(method.sizes)},
              {"size", distribution(method.sizes)},
              {"replacement_ranks", ranks},
              {"replacement_rank", rank},
              {"calls_a_sample", distribution(method.calls_of_all)},
              {"calls", method.calls},
              {"legal", method.legal},
              {"possible", method.possible},
              {"coverage", ratios(method.legal, method.possible)},
              {"passes", method.passes},
              {"ranking_calls", method.ranking_calls}};
  if (method.compared + method.missed > 0)
    out["beside_the_optimum"] = {
        {"samples", method.compared},
        {"missed", method.missed},
        {"same_size", method.same_size},
        {"share_same_size", method.compared == 0 ? Json() : Json(share(method.same_size, method.compared))},
        {"mean_excess", method.compared == 0 ? Json() : Json(share(method.excess, method.compared))}};
  return out;
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const SetAgreement& pair) {
  return {{"methods", {pair.one, pair.other}},
          {"n", pair.n},
          {"jaccard", or_null(pair.jaccard)},
          {"identical", or_null(pair.identical)}};
}

Json to_json(const RankingAgreement& pair) {
  return {{"rankings", {pair.one, pair.other}}, {"n", pair.n}, {"spearman", or_null(pair.spearman)}};
}

Json to_json(const RankingSummary& ranking) {
  const auto written = [&](const Estimate& of) {
    const bool known = ranking.samples > 0;
    return Json{{"mean", known ? Json(of.value) : Json()},
                {"standard_error", known ? Json(of.standard_error) : Json()}};
  };
  return {{"samples", ranking.samples},
          {"comprehensiveness", written(ranking.comprehensiveness)},
          {"sufficiency", written(ranking.sufficiency)}};
}

template <class Summary>
std::vector<std::string> names(const std::vector<Summary>& summaries) {
  std::vector<std::string> out;
  for (const auto& each : summaries) out.push_back(each.name);
  return out;
}

template <class Summary>
void put_in_order(std::vector<Summary>& summaries) {
  std::stable_sort(summaries.begin(), summaries.end(),
                   [](const auto& a, const auto& b) { return method_place(a.name) < method_place(b.name); });
}

}  // namespace

SummaryBuilder::SummaryBuilder(const std::string& task, std::optional<ComparisonOptions> comparison)
    : comparison_(std::move(comparison)) {
  summary_.words = words_of(task);
}

void SummaryBuilder::add(const Sample& sample) {
  if (summary_.samples++ == 0) summary_.words = words_of(sample);
  if (sample.text && !sample.text->label.empty()) {
    ++summary_.labelled;
    ++summary_.labels[sample.text->label];
    summary_.answers.insert(sample.answer);
    if (sample.text->label == sample.answer) ++summary_.right;
  }
  if (!sample.warnings.empty()) ++summary_.with_warnings;
  const bool isolated = !sample.graphs.empty() &&
                        std::all_of(sample.graphs.begin(), sample.graphs.end(),
                                    [&](const auto& head) { return head.graph.degree(sample.root()) == 0; });
  if (isolated) ++summary_.isolated_roots;

  const auto optimum = sample.methods.find("exhaustive");
  for (const auto& [name, result] : sample.methods) {
    count(methods_[name], result);
    if (optimum != sample.methods.end() && name != "exhaustive")
      compare(methods_[name], result, optimum->second);
  }
  for (const auto& [name, ranking] : sample.rankings) {
    Measured& measured = rankings_[name];
    if (!ranking.comprehensiveness || !ranking.sufficiency) continue;
    measured.comprehensiveness.push_back(*ranking.comprehensiveness);
    measured.sufficiency.push_back(*ranking.sufficiency);
  }
  agreements_.add(sample);
  if (comparison_) outcomes_.add(sample);
}

RunSummary SummaryBuilder::finish() const {
  RunSummary out = summary_;
  for (const auto& [name, method] : methods_) {
    MethodSummary& added = out.methods.emplace_back(method);
    added.name = name;
    std::sort(added.calls_of_all.begin(), added.calls_of_all.end());
    std::sort(added.calls_of_explained.begin(), added.calls_of_explained.end());
    std::sort(added.first_hits.begin(), added.first_hits.end());
    std::sort(added.first_hits_with_ranking.begin(), added.first_hits_with_ranking.end());
  }
  put_in_order(out.methods);
  for (const auto& [name, measured] : rankings_)
    out.rankings.push_back({name, static_cast<std::int64_t>(measured.sufficiency.size()),
                            estimate_of_mean(measured.comprehensiveness),
                            estimate_of_mean(measured.sufficiency)});
  put_in_order(out.rankings);
  out.agreements = agreements_.of_methods(names(out.methods));
  out.ranking_agreements = agreements_.of_rankings(names(out.rankings));
  if (comparison_) {
    out.comparisons = outcomes_.compare(names(out.methods), *comparison_);
    out.budget = comparison_->budget;
    out.against = comparison_->against;
  }
  return out;
}

const MethodSummary* RunSummary::main_method() const {
  if (methods.empty()) return nullptr;
  const auto named = std::find_if(methods.begin(), methods.end(),
                                  [&](const auto& method) { return method.name == against; });
  return named == methods.end() ? &methods.front() : &*named;
}

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double mean(const std::map<int, std::int64_t>& counts) {
  WHY_ASSERT(!counts.empty());
  std::int64_t sum = 0;
  for (const auto& [value, times] : counts) sum += value * times;
  return share(sum, total(counts));
}

double mean(const std::vector<std::int64_t>& values) {
  WHY_ASSERT(!values.empty());
  return share(std::accumulate(values.begin(), values.end(), std::int64_t{0}),
               static_cast<std::int64_t>(values.size()));
}

std::int64_t quantile(const std::map<int, std::int64_t>& counts, double fraction) {
  WHY_ASSERT(!counts.empty());
  const double wanted = fraction * static_cast<double>(total(counts));
  std::int64_t seen = 0;
  for (const auto& [value, times] : counts)
    if (static_cast<double>(seen += times) >= wanted) return value;
  return counts.rbegin()->first;
}

std::int64_t quantile(const std::vector<std::int64_t>& ascending, double fraction) {
  WHY_ASSERT(!ascending.empty());
  const auto size = static_cast<double>(ascending.size());
  const auto place = static_cast<std::size_t>(std::max(1.0, std::ceil(fraction * size)));
  return ascending[std::min(place, ascending.size()) - 1];
}

double share_within(std::span<const std::int64_t> needed, std::int64_t samples, std::int64_t calls) {
  const auto later = std::upper_bound(needed.begin(), needed.end(), calls);
  return share(later - needed.begin(), samples);
}

Estimate area_of_calls(std::span<const std::int64_t> needed, std::int64_t samples, std::int64_t calls) {
  // a sample explained by its c-th call counts in calls - c + 1 of the shares
  double sum = 0, squares = 0;
  for (const auto each : needed) {
    const double part =
        static_cast<double>(std::max<std::int64_t>(calls - each + 1, 0)) / static_cast<double>(calls);
    sum += part;
    squares += part * part;
  }
  const auto n = static_cast<double>(samples);
  if (samples < 2) return {n == 0 ? 0 : sum, 0};
  const double value = sum / n;
  return {value, std::sqrt(std::max(squares / n - value * value, 0.0) / (n - 1))};
}

Estimate estimate_of_mean(std::span<const double> values) {
  if (values.empty()) return {0, 0};
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2) return {mean, 0};
  const double squares = std::accumulate(values.begin(), values.end(), 0.0, [&](double sum, double value) {
    return sum + (value - mean) * (value - mean);
  });
  return {mean, std::sqrt(squares / (n - 1) / n)};
}

std::map<int, std::int64_t> ranks_to_eleven(const MethodSummary& method) {
  auto out = method.ranks;
  if (method.beyond_top10 > 0) out[kBeyondTop10] += method.beyond_top10;
  return out;
}

Interval interval_of_share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return {0, 1};
  constexpr double kZ = 1.959963984540054;
  const double n = static_cast<double>(whole), p = share(part, whole), z2 = kZ * kZ;
  const double center = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {std::max(0.0, center - half), std::min(1.0, center + half)};
}

Json to_json(const Comparison& comparison) {
  const auto& interval = comparison.interval;
  return {{"method", comparison.method},
          {"against", comparison.against},
          {"measure", comparison.measure},
          {"n", comparison.n},
          {"difference", or_null(comparison.difference)},
          {"interval", interval ? Json::array({interval->low, interval->high}) : Json()},
          {"p", or_null(comparison.p)},
          {"p_holm", or_null(comparison.p_holm)}};
}

Json to_json(const RunSummary& summary) {
  Json methods = Json::object();
  for (const auto& method : summary.methods) methods[method.name] = to_json(method);
  Json out = {{"samples", summary.samples}};
  if (summary.labelled > 0) {
    out["labelled"] = summary.labelled;
    out["right"] = summary.right;
    out["accuracy"] = share(summary.right, summary.labelled);
  }
  out["with_warnings"] = summary.with_warnings;
  out["isolated_roots"] = summary.isolated_roots;
  out["methods"] = methods;
  for (const auto& ranking : summary.rankings) out["rankings"][ranking.name] = to_json(ranking);
  for (const auto& comparison : summary.comparisons) out["comparisons"].push_back(to_json(comparison));
  for (const auto& pair : summary.agreements) out["agreement"].push_back(to_json(pair));
  for (const auto& pair : summary.ranking_agreements) out["ranking_agreement"].push_back(to_json(pair));
  return out;
}

}  // namespace why
