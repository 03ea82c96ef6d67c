// The table of a run for a paper: a row a method, how much it explained, with sets of what size, how soon.
//
// Numbers as in the report. What is not known (the size of no set) is a dash.
#pragma once

#include <string>

#include "experiments/report/run_summary.h"

namespace why {

// A table of GitHub's Markdown with a note below it.
std::string paper_table_markdown(const RunSummary& summary);

// A tabular environment to \input, with the note as a comment above it; wants no package.
std::string paper_table_latex(const RunSummary& summary);

}  // namespace why
