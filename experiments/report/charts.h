// The charts of a run.
//
// Readable for colour-blind readers and in grey: shades differ in luminance, lines in width and dash. Of more
// than four methods each has a row or a panel of its own.
#pragma once

#include "experiments/report/chart.h"
#include "experiments/report/run_summary.h"

namespace why {

// Share of the samples by the size of the smallest set found, with "none" and "budget".
Chart chart_of_sizes(const RunSummary& summary);

// Where the replacements stood in the original top 10, of what each method explained.
Chart chart_of_ranks(const RunSummary& summary);

// Share of the samples explained by at most so many model calls, a step line a method. A method's calls for a
// sample are all those up to the end of the size at which it stopped.
Chart chart_of_calls(const RunSummary& summary);

// The same by the calls up to the first set that changed the answer, those of the ranking before them.
Chart chart_of_first_hits(const RunSummary& summary);

}  // namespace why
