#include "experiments/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace why {
namespace {

constexpr std::size_t kFewLines = 4;  // whose names have room

// The first four are told apart in print; of more lines points and dashes are what is left.
constexpr const char* kLooks[] = {
    R"(lw 2.5 dt 1 pt 5 lc rgb "#0b4f8a")",     R"(lw 2 dt (10,5) pt 9 lc rgb "#c27c00")",
    R"(lw 2 dt (2,4) pt 7 lc rgb "#4a90b8")",   R"(lw 1.5 dt (12,4,2,4) pt 12 lc rgb "#000000")",
    R"(lw 2 dt 1 pt 4 lc rgb "#009e73")",       R"(lw 2 dt (6,3) pt 8 lc rgb "#a6006b")",
    R"(lw 1.5 dt (3,3) pt 6 lc rgb "#777777")", R"(lw 1.5 dt (10,3,3,3) pt 10 lc rgb "#0b4f8a")",
    R"(lw 2 dt (2,2) pt 11 lc rgb "#d55e00")",  R"(lw 1.5 dt (8,3) pt 13 lc rgb "#006b4e")",
    R"(lw 2 dt (1,3) pt 14 lc rgb "#cc79a7")",  R"(lw 1.5 dt (14,3) pt 15 lc rgb "#8c510a")",
};
static_assert(std::size(kLooks) == kMostLines);

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
  std::string script = kChartStyle + axis.settings;
  script +=
      "set grid ytics lc rgb \"#dddddd\" lw 1\nset yrange [0:*<1.05]\nset offsets 0, 0, graph 0.06, 0\n";
  script +=
      chart.lines.size() <= kFewLines
          ? "set key outside top center horizontal Left reverse samplen 2 width -1 font \",11\" noenhanced\n"
          : "set key outside top center horizontal Left reverse samplen 1.5 width -2 maxcols 3 font \",9\" "
            "noenhanced\n";
  script +=
      fmt::format("set xlabel {} noenhanced\nset ylabel {}\n", quoted(chart.x_label), quoted(chart.y_label));
  std::vector<std::string> plots;
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    const std::string points = points_of(chart, axis, i);
    if (points.empty()) continue;
    script += fmt::format("$line{} << END\n{}END\n", i, points);
    plots.push_back(fmt::format("$line{} using 1:2:3 with {} {} title {}", i,
                                axis.ordered ? "yerrorlines" : "yerrorbars", kLooks[i % std::size(kLooks)],
                                quoted(chart.lines[i].title)));
  }
  if (plots.empty()) return {"", "Nothing to draw: no point of the sweep has come to its end."};
  return {script + fmt::format("plot {}\n", joined(plots, kNextPlot)), ""};
}

}  // namespace why
