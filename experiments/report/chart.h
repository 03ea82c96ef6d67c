// A chart as a gnuplot script, and its drawing. The script holds all data and no terminal or file name, so
// that one script is drawn as SVG, as PNG and as PDF.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace why {

struct Chart {
  std::string script;             // empty when there is nothing to draw
  std::string sentence;           // then: why
  int width = 540, height = 380;  // of the SVG, in pixels; the PNG has twice as many, the PDF as many points
};

struct Drawing {
  std::string svg, png, pdf;
};

// Nothing when gnuplot is not installed; std::runtime_error when it fails. The same script gives the same
// bytes on the same machine.
std::optional<Drawing> draw_chart(const Chart& chart);

// ---- for those that write scripts ----

// A text in gnuplot's double quotes.
std::string quoted(const std::string& label);

std::string joined(const std::vector<std::string>& parts, const char* separator);

// Encoding, frame, tics.
extern const char* const kChartStyle;

inline constexpr const char* kNextPlot = ", \\\n     ";

}  // namespace why
