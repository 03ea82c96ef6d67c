#include "experiments/report/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <vector>

#include "experiments/report/markup.h"
#include "experiments/report/tools.h"

namespace why {
namespace {

// How the i-th method is drawn: dark, middle, light, hatched; lines also by dash and point.
struct Look {
  const char* bar;
  const char* line;
};
// The first four are told apart in print; of more methods the line's points and dashes are what is left.
constexpr Look kLooks[] = {
    {R"(fs solid 1.0 border lc rgb "#000000" fc rgb "#0b4f8a")", R"(lw 2.5 dt 1 pt 5 lc rgb "#0b4f8a")"},
    {R"(fs solid 1.0 border lc rgb "#000000" fc rgb "#e69f00")", R"(lw 2 dt (10,5) pt 9 lc rgb "#c27c00")"},
    {R"(fs solid 1.0 border lc rgb "#000000" fc rgb "#c8e4f5")", R"(lw 2 dt (2,4) pt 7 lc rgb "#4a90b8")"},
    {R"(fs pattern 4 border lc rgb "#000000" fc rgb "#000000")",
     R"(lw 1.5 dt (12,4,2,4) pt 12 lc rgb "#000000")"},
    {R"(fs solid 1.0 border lc rgb "#000000" fc rgb "#009e73")", R"(lw 2 dt 1 pt 4 lc rgb "#009e73")"},
    {R"(fs pattern 5 border lc rgb "#000000" fc rgb "#a6006b")", R"(lw 2 dt (6,3) pt 8 lc rgb "#a6006b")"},
    {R"(fs solid 1.0 border lc rgb "#000000" fc rgb "#bbbbbb")", R"(lw 1.5 dt (3,3) pt 6 lc rgb "#777777")"},
    {R"(fs pattern 2 border lc rgb "#000000" fc rgb "#0b4f8a")",
     R"(lw 1.5 dt (10,3,3,3) pt 10 lc rgb "#0b4f8a")"},
    {R"(fs solid 1.0 border lc rgb "#000000" fc rgb "#d55e00")", R"(lw 2 dt (2,2) pt 11 lc rgb "#d55e00")"},
    {R"(fs pattern 1 border lc rgb "#000000" fc rgb "#009e73")", R"(lw 1.5 dt (8,3) pt 13 lc rgb "#006b4e")"},
    {R"(fs solid 1.0 border lc rgb "#000000" fc rgb "#f0c5da")", R"(lw 2 dt (1,3) pt 14 lc rgb "#cc79a7")"},
    {R"(fs pattern 6 border lc rgb "#000000" fc rgb "#8c510a")",
     R"(lw 1.5 dt (14,3) pt 15 lc rgb "#8c510a")"},
};
static_assert(std::size(kLooks) == kMostLines);
const Look& look(std::size_t method) { return kLooks[method % std::size(kLooks)]; }

constexpr const char* kCommon = R"(set encoding utf8
set border 3 lw 1 lc rgb "#444444"
set tics nomirror out
set grid ytics lc rgb "#dddddd" lw 1
set key outside top center horizontal Left reverse samplen 2 width -1 font ",11" noenhanced
set yrange [0:*<105]
set offsets 0, 0, graph 0.06, 0
)";

constexpr const char* kNextPlot = ", \\\n     ";

double percent(std::int64_t part, std::int64_t whole) { return 100 * share(part, whole); }

// Inside gnuplot's double quotes.
std::string quoted(const std::string& label) {
  std::string out = "\"";
  for (const char letter : label) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter == '\n' ? ' ' : letter;
  }
  return out + '"';
}

constexpr std::size_t kFewMethods = 4;  // whose names and numbers have room

std::string title_of(const MethodSummary& method, std::size_t num_methods) {
  const std::string label = method_text(method.name).label;
  return quoted(num_methods > kFewMethods ? label : fmt::format("{} (n = {})", label, method.samples));
}

// In place of the common one.
std::string key_of(std::size_t num_methods) {
  if (num_methods <= kFewMethods) return "";
  return "set key outside top center horizontal Left reverse samplen 1.5 width -2 maxcols 3 font \",9\" "
         "noenhanced\n";
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

// Groups of bars: one group a category, one bar a series, its height written above it.
struct Bars {
  struct Series {
    std::string title;            // quoted, or empty for no key
    std::vector<double> heights;  // [categories]
  };
  std::vector<std::string> categories;
  std::vector<Series> series;
  std::string x_label, y_label;
};

// "$bars0 << END …": x and height of each bar of a series, `width` wide beside the others of its group.
std::string data_of(const Bars& bars, std::size_t series, double width) {
  const double middle = (static_cast<double>(bars.series.size()) - 1) / 2;
  std::string out = fmt::format("$bars{} << END\n", series);
  for (std::size_t c = 0; c < bars.categories.size(); ++c) {
    const double x = static_cast<double>(c) + (static_cast<double>(series) - middle) * width;
    out += fmt::format("{:.4f} {:.4f}\n", x, bars.series[series].heights[c]);
  }
  return out + "END\n";
}

std::string script_of(const Bars& bars) {
  const double width = 0.82 / static_cast<double>(bars.series.size());
  const int font = bars.series.size() * bars.categories.size() > 20 ? 8 : 10;
  std::vector<std::string> tics, boxes, heights;
  for (std::size_t c = 0; c < bars.categories.size(); ++c)
    tics.push_back(fmt::format("{} {}", quoted(bars.categories[c]), c));

  std::string out = kCommon + key_of(bars.series.size());
  out += fmt::format("set boxwidth {:.4f}\n", 0.92 * width);
  out += fmt::format("set xrange [-0.6:{}.6]\n", bars.categories.size() - 1);
  const char* smaller = bars.categories.size() > 7 ? "font \",10\" " : "";
  out += fmt::format("set xtics {}({})\n", smaller, joined(tics, ", "));
  out += fmt::format("set xlabel {}\nset ylabel {}\n", quoted(bars.x_label), quoted(bars.y_label));
  for (std::size_t s = 0; s < bars.series.size(); ++s) {
    const std::string& title = bars.series[s].title;
    out += data_of(bars, s, width);
    boxes.push_back(fmt::format("$bars{} using 1:2 with boxes {} {}", s, look(s).bar,
                                title.empty() ? "notitle" : "title " + title));
    if (bars.series.size() > kFewMethods) continue;
    heights.push_back(fmt::format(
        R"($bars{} using 1:2:(sprintf("%.0f", $2)) with labels offset 0,0.5 font ",{}" notitle)", s, font));
  }
  boxes.insert(boxes.end(), heights.begin(), heights.end());
  return out + fmt::format("plot {}\n", joined(boxes, kNextPlot));
}

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

// 1, 2, 5, 10, 20, 50, ... as far as the axis goes
std::string call_tics(std::int64_t last) {
  std::vector<std::string> out;
  for (std::int64_t decade = 1; decade <= last; decade *= 10)
    for (const std::int64_t step : {1, 2, 5})
      if (step * decade <= last) out.push_back(std::to_string(step * decade));
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
  Bars bars;
  const int largest = std::min(largest_size(summary), kLargestShown);
  const bool has_more = largest_size(summary) > largest;
  for (int size = 1; size <= largest; ++size) bars.categories.push_back(counted(size, summary.words.part));
  if (has_more) bars.categories.push_back("more");
  bars.categories.insert(bars.categories.end(), {"none", "budget"});
  for (const auto& method : summary.methods) {
    Bars::Series series{title_of(method, summary.methods.size()), {}};
    std::int64_t more = method.explained;
    for (int size = 1; size <= largest; ++size) {
      const auto found = method.sizes.find(size);
      const std::int64_t times = found == method.sizes.end() ? 0 : found->second;
      series.heights.push_back(percent(times, method.samples));
      more -= times;
    }
    if (has_more) series.heights.push_back(percent(more, method.samples));
    series.heights.push_back(percent(method.none, method.samples));
    series.heights.push_back(percent(method.budget, method.samples));
    bars.series.push_back(std::move(series));
  }
  bars.x_label = "size of the smallest set found";
  bars.y_label = fmt::format("share of {}s (%)", summary.words.sample);
  return {script_of(bars), ""};
}

Chart chart_of_ranks(const RunSummary& summary) {
  const MethodSummary* method = summary.main_method();
  if (method == nullptr) return {"", kNoSamples};
  if (method->explained == 0)
    return {"", fmt::format("Nothing to draw: {} explained nothing.", method_text(method->name).label)};
  Bars bars;
  Bars::Series series;
  for (int rank = 2; rank <= 10; ++rank) {
    const auto found = method->ranks.find(rank);
    bars.categories.push_back(std::to_string(rank));
    series.heights.push_back(percent(found == method->ranks.end() ? 0 : found->second, method->explained));
  }
  bars.categories.push_back(">10");
  series.heights.push_back(percent(method->beyond_top10, method->explained));
  bars.series.push_back(std::move(series));
  bars.x_label = "rank of the replacement in the original top 10";
  bars.y_label = fmt::format("share of explained {}s (%)", summary.words.sample);
  return {script_of(bars), ""};
}

namespace {

// Against the calls that `calls` has of each explained sample, ascending, on an axis that reaches `last`.
Chart chart_of_steps(const RunSummary& summary, std::vector<std::int64_t> MethodSummary::*calls,
                     std::int64_t last) {
  last += last / 8 + 1;  // so that the last step shows
  std::string script = kCommon + key_of(summary.methods.size());
  script += fmt::format("set logscale x\nset xrange [1:{}]\nset xtics ({})\n", last, call_tics(last));
  script += fmt::format("set xlabel \"model calls for a {0}\"\nset ylabel \"share of {0}s explained (%)\"\n",
                        summary.words.sample);
  std::vector<std::string> plots;
  for (std::size_t m = 0; m < summary.methods.size(); ++m) {
    const auto& method = summary.methods[m];
    if (method.explained == 0) continue;
    script += fmt::format("$steps{} << END\n{}END\n", m, steps_of(method, method.*calls, last));
    plots.push_back(fmt::format("$steps{} using 1:2 with steps {} title {}", m, look(m).line,
                                title_of(method, summary.methods.size())));
  }
  return {script + fmt::format("plot {}\n", joined(plots, kNextPlot)), ""};
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

namespace {

// The values as numbers; empty unless all are.
std::vector<double> numbers_in(const std::vector<std::string>& values) {
  std::vector<double> out;
  for (const auto& value : values) {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number)) return {};
    out.push_back(number);
  }
  return out;
}

// Where the values stand on the x axis, and how that is drawn.
struct Axis {
  std::vector<double> places;  // [values]
  std::string settings;
  bool ordered = false;  // numbers, whose points are joined
};

Axis axis_of(const LineChart& chart) {
  Axis out{numbers_in(chart.values), "", true};
  out.ordered = !out.places.empty() && std::ranges::min(out.places) < std::ranges::max(out.places);
  if (!out.ordered) {
    out.places.resize(chart.values.size());
    std::iota(out.places.begin(), out.places.end(), 0.0);
  }
  const auto [low, high] = std::minmax_element(out.places.begin(), out.places.end());
  constexpr double kMuch = 20;
  const bool logarithmic = out.ordered && *low > 0 && *high / *low >= kMuch;
  const double room = out.ordered ? 0.06 * (*high - *low) : 0.6, factor = std::pow(*high / *low, 0.06);
  if (logarithmic)
    out.settings = fmt::format("set logscale x\nset xrange [{}:{}]\n", *low / factor, *high * factor);
  else
    out.settings = fmt::format("set xrange [{}:{}]\n", *low - room, *high + room);
  std::vector<std::string> tics;
  for (std::size_t i = 0; i < chart.values.size(); ++i)
    tics.push_back(fmt::format("{} {}", quoted(chart.values[i]), out.places[i]));
  out.settings += fmt::format("set xtics noenhanced ({})\n", joined(tics, ", "));
  return out;
}

// "x estimate error" of each point, from left to right; lines side by side where the places have no order.
std::string points_of(const LineChart& chart, const Axis& axis, std::size_t line) {
  const double middle = (static_cast<double>(chart.lines.size()) - 1) / 2;
  const double aside = axis.ordered ? 0 : 0.6 / static_cast<double>(chart.lines.size());
  std::vector<std::pair<double, std::string>> points;
  for (std::size_t i = 0; i < axis.places.size(); ++i)
    if (const auto& point = chart.lines[line].points[i]) {
      const double x = axis.places[i] + (static_cast<double>(line) - middle) * aside;
      points.emplace_back(x, fmt::format("{} {:.5f} {:.5f}\n", x, point->value, point->standard_error));
    }
  std::sort(points.begin(), points.end());
  std::string out;
  for (const auto& [x, written] : points) out += written;
  return out;
}

}  // namespace

Chart chart_of_lines(const LineChart& chart) {
  const Axis axis = axis_of(chart);
  std::string script = kCommon + key_of(chart.lines.size()) + axis.settings;
  script += "set key noenhanced\nset yrange [0:*<1.05]\n";
  script +=
      fmt::format("set xlabel {} noenhanced\nset ylabel {}\n", quoted(chart.x_label), quoted(chart.y_label));
  std::vector<std::string> plots;
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    const std::string points = points_of(chart, axis, i);
    if (points.empty()) continue;
    script += fmt::format("$line{} << END\n{}END\n", i, points);
    plots.push_back(fmt::format("$line{} using 1:2:3 with {} {} title {}", i,
                                axis.ordered ? "yerrorlines" : "yerrorbars", look(i).line,
                                quoted(chart.lines[i].title)));
  }
  if (plots.empty()) return {"", "Nothing to draw: no point of the sweep has come to its end."};
  return {script + fmt::format("plot {}\n", joined(plots, kNextPlot)), ""};
}

std::optional<Drawing> draw_chart(const std::string& script) {
  constexpr const char* kSvg =
      "set terminal svg size 540,380 dynamic font \"DejaVu Sans,13\" background \"#ffffff\"\n";
  constexpr const char* kPng =
      "set terminal pngcairo size 1080,760 font \"DejaVu Sans,13\" fontscale 1.6 linewidth 2 "
      "background \"#ffffff\"\n";
  constexpr const char* kPdf =  // a pixel of the SVG is a point
      "set terminal pdfcairo size 7.5in,5.28in font \"DejaVu Sans,13\" background \"#ffffff\"\n";
  // -d: the reader's own ~/.gnuplot does not show
  auto svg = run_tool({"gnuplot", "-d"}, kSvg + script);
  if (!svg) return std::nullopt;
  auto png = run_tool({"gnuplot", "-d"}, kPng + script);
  if (!png) return std::nullopt;
  auto pdf = run_tool({"gnuplot", "-d"}, kPdf + script);
  if (!pdf) return std::nullopt;
  return Drawing{std::move(*svg), std::move(*png), undated(std::move(*pdf))};
}

}  // namespace why
