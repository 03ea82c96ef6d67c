// The runs of a sweep side by side: what comparison.md, .csv and .json and the figures of a sweep's folder
// show. All of it comes from the points' own samples.jsonl, so that a sweep that was continued gives the
// bytes of an unbroken one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/run_summary.h"
#include "experiments/runner/run_list.h"
#include "experiments/runner/sweep.h"

namespace why {

struct SweepPoint {
  std::string name;
  std::vector<std::string> values;    // [grid]
  std::string first_method;           // which is compared
  std::optional<RunSummary> summary;  // none: the run has not come to its end
};

struct SweepComparison {
  std::vector<SweepKey> grid;
  std::vector<SweepPoint> points;
  // The first method of each point beside the first method of the first point that there is, on the samples
  // that both have; `method` and `against` are names of points. Holm's correction is over all of them.
  std::vector<Comparison> comparisons;
};

// Memory: what is counted of each sample, of two points at a time. `list` is a sweep.
SweepComparison compare_points(const std::filesystem::path& folder, const RunList& list);

// The tables and the figures, into the folder. Returns what is missing, in words.
std::vector<std::string> write_comparison(const std::filesystem::path& folder,
                                          const SweepComparison& comparison);

// A line a point and method, in columns, for a terminal.
std::string in_columns(const SweepComparison& comparison);

}  // namespace why
