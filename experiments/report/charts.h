// The charts of a run as gnuplot scripts. They hold all data and no terminal or file name, so that one
// script is drawn as SVG, as PNG and as PDF.
//
// Methods differ in luminance and pattern as well as in hue: readable for colour-blind readers and in grey.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/report/run_summary.h"

namespace why {

struct Chart {
  std::string script;    // empty when there is nothing to draw
  std::string sentence;  // then: why
};

// Share of the samples by the size of the smallest set found, with "none" and "budget".
Chart chart_of_sizes(const RunSummary& summary);

// Where the main method's replacements stood in the original top 10.
Chart chart_of_ranks(const RunSummary& summary);

// Share of the samples explained by at most so many model calls, a step line a method. A method's calls for a
// sample are all those up to the end of the size at which it stopped.
Chart chart_of_calls(const RunSummary& summary);

// The same by the calls up to the first set that changed the answer, those of the ranking before them.
Chart chart_of_first_hits(const RunSummary& summary);

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

struct Drawing {
  std::string svg, png, pdf;
};

// Nothing when gnuplot is not installed; std::runtime_error when it fails. The same script gives the same
// bytes on the same machine.
std::optional<Drawing> draw_chart(const std::string& script);

}  // namespace why
