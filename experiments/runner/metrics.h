// metrics.csv: a row a sample and method, for spreadsheets and statistics programs.
//
//   sample, user, history   which one; history is the number of items that the model saw
//   recommended             item id; of a text: sample, source, length, answer
//   method, status, bound   as in samples.jsonl
//   sets, size              how many sets were found, and their size; 0 when none
//   items                   of the first set, separated by blanks; of a text: parts
//   replacement, rank       the answer without them, and its place in the original ten, or >10
//   margin, depth, heads    of the first set: score against the replacement's, summed depth, proposing heads
//   calls, passes           model calls, and forward passes among them that no other method had made
//   legal, possible         sets on offer, and sets there are, of all sizes up to the bound; 0 of a
//                           method that goes by no size
//   first_hit               calls up to the first set that changed the answer
//   ranking_calls           passes through the model before the search
//   first_hit_with_ranking  both, a set that both asked counted once
//   comprehensiveness, sufficiency   of the method's ranking, where the run measures them
//
// What a method did not find leaves its fields empty.
#pragma once

#include <string>

#include "experiments/report/samples.h"

namespace why {

// RFC 4180: a field with a comma, a quote or a line break stands in quotes.
std::string csv_field(const std::string& value);

std::string metrics_header(const std::string& task);  // one line, with its line break
std::string metrics_rows(const Sample& sample);       // a line a method

}  // namespace why
