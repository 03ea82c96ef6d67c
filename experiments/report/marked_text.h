// A text cut along the parts that it is explained by, so that they can be marked in it.
#pragma once

#include <string>
#include <vector>

#include "experiments/report/samples.h"

namespace why {

struct TextRun {
  std::string text;        // bytes of the text, as they stand there
  std::vector<int> parts;  // that it belongs to: none, or one; several where pieces share their bytes
};

// All of the text, in its order.
std::vector<TextRun> text_runs(const SampleText& text);

// Does the run belong to one of these parts?
bool is_marked(const TextRun& run, const std::vector<int>& members);

}  // namespace why
