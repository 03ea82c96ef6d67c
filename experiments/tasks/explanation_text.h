// One explained answer, for people.
#pragma once

#include <string>

#include "experiments/datasets/interactions.h"
#include "experiments/report/samples.h"
#include "experiments/tasks/explanation_words.h"

namespace why {

// What the model answers, the sets without which it would not, what would come instead, the heads' graphs
// around the answer in words, and what the search cost and covered. A text is printed with the first set
// between **, and of its many heads those that proposed a set are told in full.
std::string explanation_text(const Sample& sample, const ItemTitles& titles,
                             const ExplanationSettings& settings);

// The sample's record (report/samples.h) and two keys more: "settings", and of a history "titles" that gives
// every item in it a name. Indented, or one line.
enum class JsonLayout { indented, line };
std::string explanation_json(const Sample& sample, const ItemTitles& titles,
                             const ExplanationSettings& settings, JsonLayout layout = JsonLayout::indented);

}  // namespace why
