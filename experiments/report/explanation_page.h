// One explained answer as a page: a file of its own that opens without a network and without scripts.
#pragma once

#include <string>

#include "experiments/datasets/interactions.h"
#include "experiments/report/samples.h"
#include "experiments/tasks/explanation_words.h"

namespace why {

// The text or history with the first set marked, a table of all sets, the graph of the head that proposed the
// first (of the one with most neighbours of the answer where there is none), the other heads' edges, and what
// the search covered. Everything from outside is escaped. Where Graphviz is not installed the page says so.
std::string explanation_page(const Sample& sample, const ItemTitles& titles,
                             const ExplanationSettings& settings);

}  // namespace why
