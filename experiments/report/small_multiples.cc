#include "experiments/report/small_multiples.h"

#include <fmt/format.h>

#include "core/errors.h"

namespace why {
namespace {

constexpr int kColumns = 3;
constexpr double kTop = 60, kRow = 116, kBottom = 46, kLeft = 62, kRight = 12;  // pixels
constexpr double kGapX = 30, kGapY = 46;

constexpr const char* kOwn = "lw 2.5 dt 1 lc rgb \"#0b4f8a\"";
constexpr const char* kReferences[] = {"lw 1.5 dt (8,4) lc rgb \"#c27c00\"",
                                       "lw 1.5 dt (2,3) lc rgb \"#555555\""};

// One line of the legend, at a place from the left end of the chart.
std::string legend_entry(int tag, double left, const char* look, const std::string& words) {
  return fmt::format(
      "set arrow {0} from screen {1:.3f},screen TOP to screen {2:.3f},screen TOP nohead {3}\n"
      "set label {0} {4} at screen {5:.3f},screen TOP left font \",10\" noenhanced\n",
      tag, left, left + 0.05, look, quoted(words), left + 0.06);
}

std::string legend(const SmallMultiples& panels, int height) {
  std::string entries = legend_entry(1, 0.05, kOwn, "the method named above");
  for (std::size_t i = 0; i < panels.references.size(); ++i)
    entries += legend_entry(static_cast<int>(i) + 2, 0.42 + 0.28 * static_cast<double>(i), kReferences[i],
                            panels.curves[panels.references[i]].title);
  return fmt::format("TOP = {:.4f}\n", 1 - 16.0 / height) + entries;
}

std::string panel(const SmallMultiples& panels, std::size_t number) {
  const StepCurve& own = panels.curves[number];
  std::vector<std::string> plots;
  for (std::size_t i = 0; i < panels.references.size(); ++i)
    if (const auto reference = panels.references[i];
        reference != number && !panels.curves[reference].corners.empty())
      plots.push_back(fmt::format("$curve{} using 1:2 with steps {} notitle", reference, kReferences[i]));
  if (!own.corners.empty())
    plots.push_back(fmt::format("$curve{} using 1:2 with steps {} notitle", number, kOwn));
  if (plots.empty()) plots.push_back("-1 notitle");  // axes alone
  const std::string end = own.corners.empty() ? "explained nothing" : fmt::format("{:.0f} %", own.end);
  const std::string at_end =
      fmt::format("set label 9 {} at graph 0.97,0.13 right font \",9\" noenhanced\n", quoted(end));
  return fmt::format("set title {} font \",9\" offset 0,-0.8 noenhanced\n{}plot {}\n", quoted(own.title),
                     at_end, joined(plots, kNextPlot));
}

}  // namespace

Chart chart_of(const SmallMultiples& panels) {
  WHY_ASSERT(!panels.curves.empty());
  const int rows = (static_cast<int>(panels.curves.size()) + kColumns - 1) / kColumns;
  Chart out;
  out.height = static_cast<int>(kTop + rows * kRow + kBottom);
  const double height = out.height, width = out.width;

  out.script = kChartStyle;
  for (std::size_t i = 0; i < panels.curves.size(); ++i)
    if (!panels.curves[i].corners.empty())
      out.script += fmt::format("$curve{} << END\n{}END\n", i, panels.curves[i].corners);
  out.script += fmt::format(
      "set logscale x\nset xrange [1:{}]\nset yrange [0:105]\nset xtics ({}) font \",9\" offset 0,0.4\n"
      "set ytics 0,50,100 font \",9\" offset 0.4,0\nset grid lc rgb \"#dddddd\" lw 1\nunset key\n",
      panels.last, panels.x_tics);
  out.script += fmt::format(
      "set multiplot layout {},{} margins screen {:.4f},{:.4f},{:.4f},{:.4f} spacing screen {:.4f},{:.4f}\n",
      rows, kColumns, kLeft / width, 1 - kRight / width, kBottom / height, 1 - kTop / height, kGapX / width,
      kGapY / height);
  out.script += legend(panels, out.height);
  out.script += fmt::format(
      "set label 5 {} at screen 0.5,screen {:.4f} center font \",11\"\n"
      "set label 6 {} at screen 0.025,screen 0.5 center rotate font \",11\"\n",
      quoted(panels.x_label), 14 / height, quoted(panels.y_label));
  for (std::size_t i = 0; i < panels.curves.size(); ++i) {
    out.script += panel(panels, i);
    if (i == 0) out.script += "unset arrow\nunset label\n";  // written once for all
  }
  out.script += "unset multiplot\n";
  return out;
}

}  // namespace why
