// Estimates against the values of a key, a line a series.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/report/chart.h"
#include "experiments/report/run_summary.h"

namespace why {

// Estimates with their standard errors against the values of a key: against their size where all are numbers
// (on a logarithmic axis where they span much), else side by side. A line without a point is left out.
struct ChartLine {
  std::string title;
  std::vector<std::optional<Estimate>> points;  // [values]
};
struct LineChart {
  std::vector<std::string> values;
  std::string x_label, y_label;
  std::vector<ChartLine> lines;  // kMostLines are told apart
};
inline constexpr std::size_t kMostLines = 12;
Chart chart_of_lines(const LineChart& chart);

}  // namespace why
