// What a configuration names, opened: the histories to explain and the options of the task.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiments/datasets/interactions.h"
#include "experiments/runner/run_config.h"
#include "experiments/tasks/recommendation.h"

namespace why {

struct RecommendationRun {
  std::filesystem::path bundle;
  BundleInfo info;
  std::vector<RecommendationQuery> queries;  // the samples, numbered from 0
  RecommendationOptions options;
  ItemTitles titles;
  std::vector<std::filesystem::path> model_files, data_files;  // what the run depends on, sorted
};

// Reads the bundle's description and the data, not the weights. Users whose history is too short to hold an
// item out (fewer than three) are left out. UserError for what is missing, damaged, or does not fit.
RecommendationRun open_recommendation_run(const RunConfig& config);

}  // namespace why
