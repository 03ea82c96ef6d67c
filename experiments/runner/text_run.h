// Texts to explain: a part of a data set, or those that the configuration lists.
#pragma once

#include <memory>

#include "experiments/runner/task_run.h"

namespace why {

// Of a data set, texts of fewer than two parts (an answer to nothing is no answer) and of more than
// max_tokens are left out, and in_words says how many of those that were looked at. A listed text that cannot
// be explained is a UserError that names it.
std::unique_ptr<TaskRun> open_text_run(const RunConfig& config);

}  // namespace why
