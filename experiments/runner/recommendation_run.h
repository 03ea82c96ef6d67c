// Recommendations to explain: the users of a data folder, each with an item held out.
#pragma once

#include <memory>

#include "experiments/runner/task_run.h"

namespace why {

// Users whose history is too short to hold an item out (fewer than three) are left out.
std::unique_ptr<TaskRun> open_recommendation_run(const RunConfig& config);

}  // namespace why
