// One explained answer, for people.
#pragma once

#include <string>

#include "experiments/datasets/interactions.h"
#include "experiments/explanation_options.h"
#include "experiments/report/samples.h"

namespace why {

// What the model answers, the sets without which it would not, what would come instead, the heads' graphs
// around the answer in words, and what the search cost and covered. A text is printed with the first set
// between **, and of its many heads those that proposed a set are told in full.
std::string explanation_text(const Sample& sample, const ItemTitles& titles,
                             const ExplanationOptions& options, int sample_size);

// The sample's record; of a history with a key "titles" that gives every item in it a name. Indented, or one
// line.
enum class JsonLayout { indented, line };
std::string explanation_json(const Sample& sample, const ItemTitles& titles,
                             JsonLayout layout = JsonLayout::indented);

}  // namespace why
