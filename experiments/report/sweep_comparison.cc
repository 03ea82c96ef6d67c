#include "experiments/report/sweep_comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/files.h"
#include "experiments/report/figure_files.h"
#include "experiments/report/line_chart.h"
#include "experiments/report/markup.h"
#include "experiments/runner/metrics.h"
#include "experiments/runner/run_folder.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// ---- reading ----

// What a method did with each sample, by the sample's source.
using Results = std::map<std::string, MethodResult>;

// Reads a run once: its summary, and what its first method did.
Results read_point(const fs::path& folder, const RunConfig& config, SweepPoint& point) {
  Results out;
  SummaryBuilder summary(config.task);
  for_each_sample(folder / "samples.jsonl", [&](const Sample& sample) {
    summary.add(sample);
    const auto result = sample.methods.find(point.first_method);
    if (result != sample.methods.end()) out.emplace(sample.source, result->second);
  });
  point.summary = summary.finish();
  return out;
}

// What the other points are compared with.
struct Reference {
  std::string task;
  Results results;
  ComparisonOptions options;
};

std::vector<Comparison> compare_results(const std::string& name, const Results& results,
                                        const Reference& reference) {
  PairedOutcomes outcomes;
  for (const auto& [source, result] : results) {
    const auto other = reference.results.find(source);
    if (other == reference.results.end()) continue;
    Sample sample;
    sample.task = reference.task;
    sample.methods = {{name, result}, {reference.options.against, other->second}};
    outcomes.add(sample);
  }
  return outcomes.compare({name}, reference.options);
}

ComparisonOptions options_of(const RunList& list, const std::string& against) {
  ComparisonOptions out = comparison_options(list.runs.front());
  out.against = against;
  for (const auto& run : list.runs)
    out.budget = std::max<std::int64_t>(out.budget, run.explanation.sets.max_calls);
  return out;
}

// ---- one line of the table ----

struct Row {
  const SweepPoint* point;
  std::string method;
  std::int64_t samples;
  Estimate explained;
  std::optional<Estimate> size;  // of the explained ones
  Estimate area, area_with_ranking;
};

Estimate share_estimate(std::int64_t part, std::int64_t whole) {
  const double p = share(part, whole);
  return {p, whole > 1 ? std::sqrt(p * (1 - p) / static_cast<double>(whole)) : 0};
}

std::optional<Estimate> size_estimate(const MethodSummary& method) {
  if (method.explained == 0) return std::nullopt;
  const auto n = static_cast<double>(method.explained);
  const double middle = mean(method.sizes);
  double squares = 0;
  for (const auto& [size, times] : method.sizes)
    squares += static_cast<double>(times) * (size - middle) * (size - middle);
  return Estimate{middle, method.explained > 1 ? std::sqrt(squares / (n - 1) / n) : 0};
}

Row row_of(const SweepPoint& point, const MethodSummary& method) {
  return {&point,
          method.name,
          method.samples,
          share_estimate(method.explained, method.samples),
          size_estimate(method),
          area_of_calls(method.first_hits, method.samples, kAreaCalls),
          area_of_calls(method.first_hits_with_ranking, method.samples, kAreaCalls)};
}

std::vector<Row> rows_of(const SweepComparison& comparison) {
  std::vector<Row> out;
  for (const auto& point : comparison.points)
    if (point.summary)
      for (const auto& method : point.summary->methods) out.push_back(row_of(point, method));
  return out;
}

std::vector<std::string> missing_points(const SweepComparison& comparison) {
  std::vector<std::string> out;
  for (const auto& point : comparison.points)
    if (!point.summary) out.push_back(point.name);
  return out;
}

// ---- tables ----

std::string shown(const Estimate& estimate) {
  return fmt::format("{:.3f} ± {:.3f}", estimate.value, estimate.standard_error);
}

std::string markdown_line(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string markdown_table(const SweepComparison& comparison) {
  std::vector<std::string> head;
  for (const auto& key : comparison.grid) head.push_back(escape_markdown(key.path));
  head.insert(head.end(), {"method", "samples", "explained", "mean size", "area", "area with the ranking"});
  std::string out = markdown_line(head) + markdown_line(std::vector<std::string>(head.size(), "---"));
  for (const auto& row : rows_of(comparison)) {
    std::vector<std::string> cells;
    for (const auto& value : row.point->values) cells.push_back(escape_markdown(value));
    cells.insert(cells.end(),
                 {escape_markdown(method_text(row.method).label), text(row.samples), shown(row.explained),
                  row.size ? shown(*row.size) : "–", shown(row.area), shown(row.area_with_ranking)});
    out += markdown_line(cells);
  }
  return out;
}

std::string markdown_comparisons(const SweepComparison& comparison) {
  std::string out = "| point | against | measure | n | difference | 95 % interval | p | p (Holm) |\n";
  out += "|---|---|---|---|---|---|---|---|\n";
  const auto number = [](const std::optional<double>& value, const char* form) {
    return value ? fmt::format(fmt::runtime(form), *value) : "–";
  };
  for (const auto& each : comparison.comparisons)
    out += markdown_line(
        {escape_markdown(each.method), escape_markdown(each.against), escape_markdown(each.measure),
         text(each.n), number(each.difference, "{:+.3f}"),
         each.interval ? fmt::format("{:+.3f} to {:+.3f}", each.interval->low, each.interval->high) : "–",
         number(each.p, "{:.2g}"), number(each.p_holm, "{:.2g}")});
  return out;
}

std::string to_csv(const SweepComparison& comparison) {
  std::string out = "point";
  for (const auto& key : comparison.grid) out += "," + key.path;
  out +=
      ",method,samples,explained,explained_se,mean_size,mean_size_se,area,area_se,area_with_ranking,"
      "area_with_ranking_se\n";
  const auto both = [](const Estimate& estimate) {
    return fmt::format(",{},{}", estimate.value, estimate.standard_error);
  };
  for (const auto& row : rows_of(comparison)) {
    out += row.point->name;
    for (const auto& value : row.point->values) out += "," + csv_field(value);
    out += fmt::format(",{},{}", csv_field(row.method), row.samples) + both(row.explained);
    out += (row.size ? both(*row.size) : ",,") + both(row.area) + both(row.area_with_ranking) + "\n";
  }
  return out;
}

Json in_json(const Estimate& estimate) {
  return {{"value", estimate.value}, {"standard_error", estimate.standard_error}};
}

Json in_json(const Row& row) {
  return {{"samples", row.samples},
          {"share_explained", in_json(row.explained)},
          {"mean_size", row.size ? in_json(*row.size) : Json()},
          {text("area_of_", kAreaCalls, "_calls"), in_json(row.area)},
          {text("area_of_", kAreaCalls, "_calls_with_ranking"), in_json(row.area_with_ranking)}};
}

Json to_json(const SweepComparison& comparison) {
  Json keys = Json::object(), points = Json::array(), comparisons = Json::array();
  for (const auto& key : comparison.grid) keys[key.path] = key.values;
  for (const auto& point : comparison.points) {
    Json values = Json::object(), methods = Json::object();
    for (std::size_t i = 0; i < point.values.size(); ++i) values[comparison.grid[i].path] = point.values[i];
    if (point.summary)
      for (const auto& method : point.summary->methods) methods[method.name] = in_json(row_of(point, method));
    points.push_back({{"name", point.name},
                      {"values", values},
                      {"finished", point.summary.has_value()},
                      {"methods", methods}});
  }
  for (const auto& each : comparison.comparisons) comparisons.push_back(to_json(each));
  return {{"keys", keys}, {"points", points}, {"comparisons", comparisons}};
}

// ---- figures ----

// A line is a method at some values of the other keys; all of these where there is room.
struct LineKey {
  std::string method;
  std::vector<std::string> values;  // [grid], with the varied one empty
  bool operator==(const LineKey&) const = default;
};

bool is_first_elsewhere(const SweepComparison& comparison, const LineKey& line, std::size_t varied) {
  for (std::size_t i = 0; i < line.values.size(); ++i)
    if (i != varied && line.values[i] != comparison.grid[i].values.front()) return false;
  return true;
}

LineKey line_of(const Row& row, std::size_t varied) {
  LineKey out{row.method, row.point->values};
  out.values[varied].clear();
  return out;
}

std::vector<LineKey> lines_of(const SweepComparison& comparison, const std::vector<Row>& rows,
                              std::size_t varied) {
  std::vector<LineKey> all, few;
  for (const auto& row : rows) {
    const LineKey line = line_of(row, varied);
    if (std::find(all.begin(), all.end(), line) != all.end()) continue;
    all.push_back(line);
    if (is_first_elsewhere(comparison, line, varied)) few.push_back(line);
  }
  return all.size() <= kMostLines ? all : few;
}

std::string title_of(const SweepComparison& comparison, const LineKey& line) {
  std::string out = method_text(line.method).label;
  for (std::size_t i = 0; i < line.values.size(); ++i)
    if (!line.values[i].empty() && comparison.grid[i].values.size() > 1)
      out += fmt::format(", {} {}", last_word(comparison.grid[i].path), line.values[i]);
  return out;
}

LineChart chart_against(const SweepComparison& comparison, std::size_t varied, Estimate Row::*measure,
                        std::string y_label) {
  const SweepKey& key = comparison.grid[varied];
  const auto rows = rows_of(comparison);
  LineChart out{key.values, key.path, std::move(y_label), {}};
  for (const auto& line : lines_of(comparison, rows, varied)) {
    ChartLine& drawn = out.lines.emplace_back(
        ChartLine{title_of(comparison, line), std::vector<std::optional<Estimate>>(key.values.size())});
    for (const auto& row : rows) {
      if (line_of(row, varied) != line) continue;
      const auto at = std::find(key.values.begin(), key.values.end(), row.point->values[varied]);
      drawn.points[at - key.values.begin()] = row.*measure;
    }
  }
  return out;
}

// Markdown that shows the figures that could be drawn.
std::string draw_figures(const SweepComparison& comparison, FigureFiles& files) {
  std::string out;
  const std::vector<std::tuple<const char*, Estimate Row::*, std::string>> measures = {
      {"explained", &Row::explained, "share explained"},
      {"area", &Row::area_with_ranking, fmt::format("share explained, mean over 1 to {} calls", kAreaCalls)}};
  for (std::size_t varied = 0; varied < comparison.grid.size(); ++varied) {
    if (comparison.grid[varied].values.size() < 2) continue;
    for (const auto& [name, measure, label] : measures) {
      const std::string file = fmt::format("{}-by-{}", name, comparison.grid[varied].path);
      const Chart chart = chart_of_lines(chart_against(comparison, varied, measure, label));
      if (files.chart(file, chart))
        out += fmt::format("![{} against {}](figures/{}.svg)\n\n", label, comparison.grid[varied].path, file);
      else if (!chart.sentence.empty())
        out += chart.sentence + "\n\n";
    }
  }
  return out;
}

std::string to_markdown(const SweepComparison& comparison, const std::string& figures) {
  std::string out = "# Sweep\n\n" + markdown_table(comparison);
  out += fmt::format(
      "\n± is the standard error of the samples' draw. Mean size: of the explained ones, the first set of "
      "each. Area: "
      "mean share explained within 1 to {} calls up to the first set that changed the answer; with the "
      "passes of the "
      "ranking in the last column.\n",
      kAreaCalls);
  for (const auto& name : missing_points(comparison))
    out += fmt::format("\nNot run to its end: {}.\n", escape_markdown(name));
  if (!comparison.comparisons.empty())
    out += "\n## The first method of each point beside that of the first point, on the same samples\n\n" +
           markdown_comparisons(comparison) +
           "\nTests: McNemar (explained) and Wilcoxon's signed ranks; interval: bootstrap of the mean "
           "difference.\n";
  if (!figures.empty())
    out += fmt::format(
               "\n## Figures\n\nA line is a method, at each value of the other keys; with more than {} "
               "lines, at their first "
               "values. Bars: a standard error.\n\n",
               kMostLines) +
           figures;
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace

SweepComparison compare_points(const fs::path& folder, const RunList& list) {
  SweepComparison out;
  out.grid = list.grid;
  std::optional<Reference> first;
  for (std::size_t i = 0; i < list.runs.size(); ++i) {
    const RunConfig& config = list.runs[i];
    SweepPoint& point = out.points.emplace_back();
    point.name = config.name;
    point.values = values_at(list.grid, i);
    point.first_method = config.methods.front();
    if (!RunFolder::is_finished(folder / config.name)) continue;
    Results results = read_point(folder / config.name, config, point);
    if (!first) {
      first = {config.task, std::move(results), options_of(list, point.name)};
      continue;
    }
    auto compared = compare_results(point.name, results, *first);
    out.comparisons.insert(out.comparisons.end(), compared.begin(), compared.end());
  }
  correct_by_holm(out.comparisons);
  return out;
}

std::vector<std::string> write_comparison(const fs::path& folder, const SweepComparison& comparison) {
  FigureFiles files(folder / "figures");
  const std::string figures = draw_figures(comparison, files);
  write_file(folder / "comparison.md", to_markdown(comparison, figures));
  write_file(folder / "comparison.csv", to_csv(comparison));
  write_file(folder / "comparison.json", to_json(comparison).dump(2) + "\n");
  return files.warnings;
}

std::string in_columns(const SweepComparison& comparison) {
  std::size_t wide = 5, methods = 6;
  const auto rows = rows_of(comparison);
  for (const auto& row : rows) {
    wide = std::max(wide, row.point->name.size());
    methods = std::max(methods, row.method.size());
  }
  std::string out = fmt::format("{:<{}}  {:<{}} {:>8} {:>15} {:>15} {:>15}\n", "point", wide, "method",
                                methods, "samples", "explained", "mean size", "area");
  for (const auto& row : rows)
    out += fmt::format("{:<{}}  {:<{}} {:>8} {:>15} {:>15} {:>15}\n", row.point->name, wide, row.method,
                       methods, row.samples, shown(row.explained), row.size ? shown(*row.size) : "-",
                       shown(row.area_with_ranking));
  return out;
}

}  // namespace why
