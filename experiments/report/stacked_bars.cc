#include "experiments/report/stacked_bars.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/errors.h"

namespace why {
namespace {

struct Look {
  const char* fill;
  const char* text;  // on it
};
constexpr Look kParts[] = {
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#08306b\"", "#ffffff"},
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#2a6fb0\"", "#ffffff"},
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#6aaed6\"", "#000000"},
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#a6cee3\"", "#000000"},
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#d3e5f3\"", "#000000"},
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#f1f7fc\"", "#000000"},
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#ffffff\"", "#000000"},
};
constexpr Look kOthers[] = {
    {"fs solid 1.0 border lc rgb \"#000000\" fc rgb \"#f2b84b\"", "#000000"},
    {"fs pattern 4 border lc rgb \"#000000\" fc rgb \"#8a8a8a\"", ""},
};

// Pixels.
constexpr int kTop = 72, kRow = 24, kBottom = 62, kRight = 14;

// Room for the longest name.
double left_of(const StackedBars& bars) {
  std::size_t longest = 0;
  for (const auto& row : bars.rows) longest = std::max(longest, row.name.size());
  return 16 + 6.2 * static_cast<double>(std::min<std::size_t>(longest, 40));
}

constexpr double kHalf = 0.39;       // of a bar's height
constexpr double kLeastShown = 5.5;  // percent, for its number to fit in

Look look(const StackedBars& bars, std::size_t part) {
  return part < bars.parts.size() ? kParts[part] : kOthers[part - bars.parts.size()];
}

double before(const StackedBars::Row& row, std::size_t part) {
  double out = 0;
  for (std::size_t i = 0; i < part; ++i) out += row.percents[i];
  return out;
}

// "$part0 << END …": left end, right end and row of each bar's part.
std::string data_of(const StackedBars& bars, std::size_t part) {
  std::string out = fmt::format("$part{} << END\n", part);
  for (std::size_t r = 0; r < bars.rows.size(); ++r) {
    const double left = before(bars.rows[r], part), width = bars.rows[r].percents[part];
    if (width > 0) out += fmt::format("{:.4f} {:.4f} {}\n", left, left + width, r);
  }
  return out + "END\n";
}

bool is_empty(const StackedBars& bars, std::size_t part) {
  for (const auto& row : bars.rows)
    if (row.percents[part] > 0) return false;
  return true;
}

}  // namespace

Chart chart_of(const StackedBars& bars) {
  WHY_ASSERT(!bars.rows.empty());
  const auto rows = static_cast<int>(bars.rows.size());
  Chart out;
  out.height = kTop + kRow * rows + kBottom;
  const double width = out.width, height = out.height;
  std::vector<std::string> names, boxes, numbers;
  for (std::size_t r = 0; r < bars.rows.size(); ++r)
    names.push_back(fmt::format("{} {}", quoted(bars.rows[r].name), r));
  out.script = kChartStyle;
  out.script += fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n",
                            left_of(bars) / width, 1 - kRight / width);
  out.script += fmt::format("set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n", 1 - kTop / height,
                            kBottom / height);
  out.script += fmt::format(
      "set label 1 {} at screen 0.5,screen {:.4f} center font \",11\" noenhanced\n"
      "set key at screen 0.5,screen {:.4f} center top horizontal Left reverse samplen 1 width -1 maxcols 4 "
      "font \",10\" noenhanced\n",
      quoted(bars.title), 1 - 12 / height, 1 - 24 / height);
  out.script += fmt::format(
      "set xrange [0:100]\nset yrange [{}.5:-0.5]\nset grid xtics lc rgb \"#dddddd\" lw 1\n"
      "set xtics font \",11\"\nset ytics scale 0 font \",10\" noenhanced ({})\nset xlabel {} font \",11\"\n",
      rows - 1, joined(names, ", "), quoted(bars.axis));
  std::vector<std::string> all = bars.parts;
  all.insert(all.end(), bars.others.begin(), bars.others.end());
  for (std::size_t part = 0; part < all.size(); ++part) {
    const auto [fill, text] = look(bars, part);
    out.script += data_of(bars, part);
    if (is_empty(bars, part)) {
      boxes.push_back(fmt::format("NaN with boxes {} title {}", fill, quoted(all[part])));
      continue;
    }
    boxes.push_back(
        fmt::format("$part{0} using (($1+$2)/2):3:1:2:($3-{1}):($3+{1}) with boxxyerror {2} title {3}", part,
                    kHalf, fill, quoted(all[part])));
    if (*text == 0) continue;  // nothing can be read on a pattern
    numbers.push_back(fmt::format(
        R"($part{0} using (($1+$2)/2):3:($2-$1 < {1} ? "" : sprintf("%.0f", $2-$1)) with labels font ",9" tc rgb "{2}" notitle)",
        part, kLeastShown, text));
  }
  boxes.insert(boxes.end(), numbers.begin(), numbers.end());
  out.script += fmt::format("plot {}\n", joined(boxes, kNextPlot));
  return out;
}

}  // namespace why
