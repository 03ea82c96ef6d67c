// The report of a run folder: figures/*.svg, *.png and *.pdf, and report.html, one file that opens without a
// network.
//
//   figures/set-sizes       share of the samples by the size of the smallest set found, by method
//   figures/replacement-rank   where the replacement stood in the original top 10; not of verdicts
//   figures/model-calls     share explained against model calls, by method
//   figures/first-hits      the same up to the first set that changed the answer, the ranking's passes added
//   figures/methods.md, .tex   the table of methods (paper_table.h)
//   figures/graph-1 .. 3    graphs of three samples with the explanation marked
//
// Made from config.yaml, environment.json and samples.jsonl alone: no model, no device. Rendering again gives
// the same bytes and replaces what an earlier rendering left. The graphs drawn are of the first samples with
// an explanation of one, two and three parts whose graph joins 4 to 24 parts with the answer; where there is
// none, of the first explained samples. Cost for 943 users with two heads: a few seconds, most of it
// spent in the drawing programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/datasets/interactions.h"

namespace why {

// metrics.csv (runner/metrics.h) and summary.json (run_summary.h) of the samples that the folder holds, from
// config.yaml and samples.jsonl alone. UserError for a damaged line, by file and line.
void write_results(const std::filesystem::path& run_folder);

// Returns what the reader should know: that the run is not finished, that gnuplot is not installed, so that
// the report says so in place of the charts. An item without a title goes by its id. UserError for a folder
// that is no run folder or cannot be written, and for a damaged line, by file and line; std::runtime_error
// when a drawing program fails.
std::vector<std::string> write_report(const std::filesystem::path& run_folder, const ItemTitles& titles);

// "the run is not finished: it holds 32 of its 943 samples; …" of a folder whose environment.json knows no
// session that came to its end, or more samples; else empty. `samples`: how many the folder holds.
std::string unfinished_note(const std::filesystem::path& run_folder, std::int64_t samples);

}  // namespace why
