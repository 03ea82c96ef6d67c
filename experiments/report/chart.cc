#include "experiments/report/chart.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "experiments/report/tools.h"

namespace why {

const char* const kChartStyle = R"(set encoding utf8
set border 3 lw 1 lc rgb "#444444"
set tics nomirror out
)";

std::string quoted(const std::string& label) {
  std::string out = "\"";
  for (const char letter : label) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter == '\n' ? ' ' : letter;
  }
  return out + '"';
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::optional<Drawing> draw_chart(const Chart& chart) {
  const std::string svg_terminal =
      fmt::format("set terminal svg size {},{} dynamic font \"DejaVu Sans,13\" background \"#ffffff\"\n",
                  chart.width, chart.height);
  const std::string png_terminal = fmt::format(
      "set terminal pngcairo size {},{} font \"DejaVu Sans,13\" fontscale 1.6 linewidth 2 "
      "background \"#ffffff\"\n",
      2 * chart.width, 2 * chart.height);
  const std::string pdf_terminal = fmt::format(
      "set terminal pdfcairo size {:.3f}in,{:.3f}in font \"DejaVu Sans,13\" background \"#ffffff\"\n",
      chart.width / 72.0, chart.height / 72.0);
  // -d: the reader's own ~/.gnuplot does not show
  auto svg = run_tool({"gnuplot", "-d"}, svg_terminal + chart.script);
  if (!svg) return std::nullopt;
  auto png = run_tool({"gnuplot", "-d"}, png_terminal + chart.script);
  if (!png) return std::nullopt;
  auto pdf = run_tool({"gnuplot", "-d"}, pdf_terminal + chart.script);
  if (!pdf) return std::nullopt;
  return Drawing{std::move(*svg), std::move(*png), undated(std::move(*pdf))};
}

}  // namespace why
