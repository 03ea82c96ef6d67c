#include "experiments/runner/recommendation_run.h"

#include <algorithm>

#include "core/errors.h"
#include "experiments/paths.h"
#include "models/formats/bundle.h"
#include "models/training.h"

namespace why {
namespace {

namespace fs = std::filesystem;

// What of a bundle decides about its answers; cards and logs beside it may change.
std::vector<fs::path> files_of_bundle(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const char* name : {kBundleFile, kItemsFile, kScriptFile, kWeightsFile})
    if (fs::exists(folder / name)) out.push_back(folder / name);
  return out;
}

// Everything before the held-out item; ids of the model.
std::vector<RecommendationQuery> held_out_queries(const InteractionData& data, const BundleInfo& info,
                                                  const RunConfig& config) {
  const auto cut = static_cast<std::ptrdiff_t>(config.split == "test" ? Fold::test : Fold::validation);
  const auto histories = histories_for(data, info.items);
  std::vector<RecommendationQuery> out;
  for (std::size_t user = 0; user < histories.size(); ++user) {
    const Sequence& whole = histories[user];
    if (!can_hold_out(whole)) continue;
    if (config.limit > 0 && out.size() == static_cast<std::size_t>(config.limit)) break;
    out.push_back(
        {static_cast<std::int64_t>(out.size()), data.users[user], {whole.begin(), whole.end() - cut}});
  }
  return out;
}

}  // namespace

RecommendationRun open_recommendation_run(const RunConfig& config) {
  RecommendationRun run;
  run.bundle = find_path(config.model, "the model");
  run.info = read_bundle(run.bundle);
  WHY_CHECK(run.info.kind == "recommender", run.bundle.string(), " is a ", run.info.kind,
            ", and the task recommendation needs a recommender");
  check(config.explanation, run.info);

  InteractionData data = read_interactions(find_path(config.data, "the data"));
  run.queries = held_out_queries(data, run.info, config);
  WHY_CHECK(!run.queries.empty(), data.folder, " has no user with three items or more: nothing to explain");
  run.titles = std::move(data.titles);
  run.model_files = files_of_bundle(run.bundle);
  run.data_files = data.files;
  std::sort(run.data_files.begin(), run.data_files.end());

  run.options.explanation = config.explanation;
  run.options.controls = config.controls;
  run.options.exhaustive_calls = config.exhaustive_calls;
  run.options.history_limit = config.history_limit;
  run.options.seed = config.seed;
  run.options.threads = config.threads;
  return run;
}

}  // namespace why
