#include "experiments/report/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "experiments/report/markup.h"
#include "experiments/report/small_multiples.h"
#include "experiments/report/stacked_bars.h"

namespace why {
namespace {

constexpr std::size_t kFewMethods = 4;  // whose curves can be told apart in one chart

// How the i-th of a few methods is drawn.
constexpr const char* kLines[kFewMethods] = {
    R"(lw 2.5 dt 1 lc rgb "#0b4f8a")",
    R"(lw 2 dt (10,5) lc rgb "#c27c00")",
    R"(lw 2 dt (2,4) lc rgb "#4a90b8")",
    R"(lw 1.5 dt (12,4,2,4) lc rgb "#000000")",
};

double percent(std::int64_t part, std::int64_t whole) { return 100 * share(part, whole); }

std::string label_of(const MethodSummary& method) { return method_text(method.name).label; }

constexpr const char* kNoSamples = "Nothing to draw: the run has no sample yet.";
constexpr const char* kNothingExplained = "Nothing to draw: no method explained anything.";

bool any_explained(const RunSummary& summary) {
  return std::any_of(summary.methods.begin(), summary.methods.end(),
                     [](const auto& method) { return method.explained > 0; });
}

constexpr int kLargestShown = 5;

int largest_size(const RunSummary& summary) {
  int out = 1;
  for (const auto& method : summary.methods)
    if (!method.sizes.empty()) out = std::max(out, method.sizes.rbegin()->first);
  return out;
}

// 1, 2, 5, 10, 20, 50, ... as far as the axis goes; 1, 10, 100, ... where there is little room
std::string call_tics(std::int64_t last, bool decades_only) {
  std::vector<std::string> out;
  for (std::int64_t decade = 1; decade <= last; decade *= 10)
    for (const std::int64_t step : {1, 2, 5})
      if (step * decade <= last && (step == 1 || !decades_only)) out.push_back(std::to_string(step * decade));
  return joined(out, ", ");
}

// Corners of the step line from no call's worth of users to `last` calls: calls, percent explained by then.
// `calls`: a number an explained sample, ascending.
std::string steps_of(const MethodSummary& method, const std::vector<std::int64_t>& calls, std::int64_t last) {
  std::string out = calls.front() > 1 ? "1 0\n" : "";
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (i + 1 == calls.size() || calls[i + 1] != calls[i])
      out += fmt::format("{} {:.4f}\n", std::max<std::int64_t>(calls[i], 1),
                         percent(static_cast<std::int64_t>(i) + 1, method.samples));
  return out + fmt::format("{} {:.4f}\n", last, percent(method.explained, method.samples));
}

}  // namespace

Chart chart_of_sizes(const RunSummary& summary) {
  if (summary.methods.empty()) return {"", kNoSamples};
  StackedBars bars;
  const int largest = std::min(largest_size(summary), kLargestShown);
  const bool has_more = largest_size(summary) > largest;
  for (int size = 1; size <= largest; ++size) bars.parts.push_back(counted(size, summary.words.part));
  if (has_more) bars.parts.push_back("more");
  bars.others = {"none", "budget"};
  for (const auto& method : summary.methods) {
    StackedBars::Row row{label_of(method), {}};
    std::int64_t more = method.explained;
    for (int size = 1; size <= largest; ++size) {
      const auto found = method.sizes.find(size);
      const std::int64_t times = found == method.sizes.end() ? 0 : found->second;
      row.percents.push_back(percent(times, method.samples));
      more -= times;
    }
    if (has_more) row.percents.push_back(percent(more, method.samples));
    row.percents.push_back(percent(method.none, method.samples));
    row.percents.push_back(percent(method.budget, method.samples));
    bars.rows.push_back(std::move(row));
  }
  bars.title = "size of the smallest set found";
  bars.axis = fmt::format("share of {}s (%)", summary.words.sample);
  return chart_of(bars);
}

Chart chart_of_ranks(const RunSummary& summary) {
  if (summary.methods.empty()) return {"", kNoSamples};
  if (!any_explained(summary)) return {"", kNothingExplained};
  struct Places {
    const char* name;
    int first, last;
  };
  constexpr Places kPlaces[] = {{"2nd", 2, 2}, {"3rd", 3, 3}, {"4th, 5th", 4, 5}, {"6th to 10th", 6, 10}};
  StackedBars bars;
  for (const auto& places : kPlaces) bars.parts.push_back(places.name);
  bars.others = {"further down"};
  for (const auto& method : summary.methods) {
    if (method.explained == 0) continue;
    StackedBars::Row row{fmt::format("{} ({})", label_of(method), method.explained), {}};
    for (const auto& places : kPlaces) {
      std::int64_t times = 0;
      for (const auto& [rank, count] : method.ranks)
        if (places.first <= rank && rank <= places.last) times += count;
      row.percents.push_back(percent(times, method.explained));
    }
    row.percents.push_back(percent(method.beyond_top10, method.explained));
    bars.rows.push_back(std::move(row));
  }
  bars.title = "place of the replacement in the original top 10";
  bars.axis = fmt::format("share of explained {}s (%)", summary.words.sample);
  return chart_of(bars);
}

namespace {

using Calls = std::vector<std::int64_t> MethodSummary::*;  // of each explained sample, ascending

std::string in_one_chart(const RunSummary& summary, Calls calls, std::int64_t last,
                         const std::string& x_label, const std::string& y_label) {
  std::string script = kChartStyle;
  script += fmt::format(
      "set grid ytics lc rgb \"#dddddd\" lw 1\nset yrange [0:105]\n"
      "set key outside top center horizontal Left reverse samplen 2 width -1 font \",11\" noenhanced\n"
      "set logscale x\nset xrange [1:{}]\nset xtics ({})\nset xlabel {}\nset ylabel {}\n",
      last, call_tics(last, false), quoted(x_label), quoted(y_label));
  std::vector<std::string> plots;
  for (std::size_t m = 0; m < summary.methods.size(); ++m) {
    const auto& method = summary.methods[m];
    if (method.explained == 0) continue;
    script += fmt::format("$steps{} << END\n{}END\n", m, steps_of(method, method.*calls, last));
    plots.push_back(fmt::format("$steps{} using 1:2 with steps {} title {}", m, kLines[m],
                                quoted(fmt::format("{} (n = {})", label_of(method), method.samples))));
  }
  return script + fmt::format("plot {}\n", joined(plots, kNextPlot));
}

// What stands behind every curve: the method that the others are compared with, and a control.
std::vector<std::size_t> references_of(const RunSummary& summary) {
  std::size_t main = 0;
  std::optional<std::size_t> control;
  for (std::size_t m = 0; m < summary.methods.size(); ++m) {
    const std::string& name = summary.methods[m].name;
    if (&summary.methods[m] == summary.main_method()) main = m;
    if (name == "random-order" || (name == "random" && !control)) control = m;
  }
  std::vector<std::size_t> out = {main};
  if (control && *control != main) out.push_back(*control);
  return out;
}

Chart chart_of_steps(const RunSummary& summary, Calls calls, std::int64_t last) {
  last += last / 8 + 1;  // so that the last step shows
  const std::string x_label = fmt::format("model calls for a {}", summary.words.sample);
  const std::string y_label = fmt::format("share of {}s explained (%)", summary.words.sample);
  if (summary.methods.size() <= kFewMethods)
    return {in_one_chart(summary, calls, last, x_label, y_label), ""};
  SmallMultiples panels;
  for (const auto& method : summary.methods)
    panels.curves.push_back({label_of(method),
                             method.explained == 0 ? "" : steps_of(method, method.*calls, last),
                             percent(method.explained, method.samples)});
  panels.references = references_of(summary);
  panels.x_tics = call_tics(last, true);
  panels.x_label = x_label;
  panels.y_label = y_label;
  panels.last = last;
  return chart_of(panels);
}

}  // namespace

Chart chart_of_calls(const RunSummary& summary) {
  if (summary.methods.empty()) return {"", kNoSamples};
  if (!any_explained(summary)) return {"", kNothingExplained};
  std::int64_t last = 2;
  for (const auto& method : summary.methods) last = std::max(last, method.calls_of_all.back());
  return chart_of_steps(summary, &MethodSummary::calls_of_explained, last);
}

Chart chart_of_first_hits(const RunSummary& summary) {
  if (summary.methods.empty()) return {"", kNoSamples};
  if (!any_explained(summary)) return {"", kNothingExplained};
  std::int64_t last = 2;
  for (const auto& method : summary.methods)
    if (method.explained > 0) last = std::max(last, method.first_hits_with_ranking.back());
  return chart_of_steps(summary, &MethodSummary::first_hits_with_ranking, last);
}

}  // namespace why
