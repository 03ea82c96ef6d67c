#include "experiments/report/paper_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "experiments/report/markup.h"

namespace why {
namespace {

using Row = std::vector<std::string>;

constexpr const char* kDash = "–";

std::string shown(const Estimate& area) {
  return fmt::format("{:.3f} ± {:.3f}", area.value, area.standard_error);
}

Row headings() {
  return {"Method",    "Samples",          "Explained, %", "95 % interval",
          "Mean size", "Calls, first set", "Area",         "Area with the ranking"};
}

// As wide as what stands below them.
Row short_headings() { return {"Method", "n", "Expl., %", "95 %", "Size", "Calls", "Area", "with ranking"}; }

Row row_of(const MethodSummary& method) {
  const Interval interval = interval_of_share(method.explained, method.samples);
  const bool any = method.explained > 0;
  return {clean_text(method_text(method.name).label),
          fmt::format("{}", method.samples),
          fmt::format("{:.1f}", 100 * share(method.explained, method.samples)),
          fmt::format("{:.1f} to {:.1f}", 100 * interval.low, 100 * interval.high),
          any ? fmt::format("{:.2f}", mean(method.sizes)) : kDash,
          any ? fmt::format("{:.1f}", mean(method.first_hits)) : kDash,
          shown(area_of_calls(method.first_hits, method.samples, kAreaCalls)),
          shown(area_of_calls(method.first_hits_with_ranking, method.samples, kAreaCalls))};
}

std::vector<Row> rows_of(const RunSummary& summary) {
  std::vector<Row> out;
  for (const auto& method : summary.methods) out.push_back(row_of(method));
  return out;
}

std::string note_on(const RunSummary& summary) {
  if (summary.methods.empty()) return "The run has no sample yet.";
  return fmt::format(
      "Of {}s; interval: Wilson; size and calls up to the first set that changed the answer: of the "
      "explained "
      "ones; area: mean share explained within 1 to {} calls up to that set, ± its standard error.",
      summary.words.sample, kAreaCalls);
}

std::string in_latex(const std::string& text) {
  return escaped(text, {{"\\", "\\textbackslash{}"},
                        {"~", "\\textasciitilde{}"},
                        {"^", "\\textasciicircum{}"},
                        {"<", "\\textless{}"},
                        {">", "\\textgreater{}"},
                        {"&", "\\&"},
                        {"%", "\\%"},
                        {"$", "\\$"},
                        {"#", "\\#"},
                        {"_", "\\_"},
                        {"{", "\\{"},
                        {"}", "\\}"},
                        {"×", "$\\times$"},
                        {"±", "$\\pm$"},
                        {kDash, "--"}});
}

Row each_in(std::string (*language)(const std::string&), Row row) {
  for (auto& cell : row) cell = language(cell);
  return row;
}

std::string markdown_line(const Row& row) { return fmt::format("| {} |\n", fmt::join(row, " | ")); }

std::string latex_line(const Row& row) {
  return fmt::format("{} \\\\\n", fmt::join(each_in(in_latex, row), " & "));
}

}  // namespace

std::string paper_table_markdown(const RunSummary& summary) {
  const std::string note = escape_markdown(note_on(summary)) + "\n";
  if (summary.methods.empty()) return note;
  Row rule(headings().size(), "---:");
  rule.front() = "---";
  std::string out = markdown_line(headings()) + markdown_line(rule);
  for (const auto& row : rows_of(summary)) out += markdown_line(each_in(escape_markdown, row));
  return out + "\n" + note;
}

std::string paper_table_latex(const RunSummary& summary) {
  std::string out = "% " + note_on(summary) + "\n";
  if (summary.methods.empty()) return out;
  // so that it fits between the margins of the plain article class
  out += "{\\noindent\\scriptsize\\setlength{\\tabcolsep}{1.5pt}\n";
  out += fmt::format("\\begin{{tabular}}{{l{}}}\n\\hline\n", std::string(short_headings().size() - 1, 'r'));
  out += latex_line(short_headings()) + "\\hline\n";
  for (const auto& row : rows_of(summary)) out += latex_line(row);
  return out + "\\hline\n\\end{tabular}}\n";
}

}  // namespace why
