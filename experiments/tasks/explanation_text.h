// One explained recommendation, for people.
#pragma once

#include <string>

#include "experiments/datasets/interactions.h"
#include "experiments/explanation_options.h"
#include "experiments/report/samples.h"

namespace why {

// What is recommended, the sets without which it would not be, what would come instead, each head's graph
// around the recommendation in words, and what the search cost and covered.
std::string explanation_text(const Sample& sample, const ItemTitles& titles,
                             const ExplanationOptions& options, int sample_size);

// The sample's record with a key "titles" that gives every item in it a name; indented.
std::string explanation_json(const Sample& sample, const ItemTitles& titles);

// "o->" in words, of an item beside the recommendation it is joined to.
std::string edge_in_words(Mark at_item, Mark at_recommendation);

}  // namespace why
