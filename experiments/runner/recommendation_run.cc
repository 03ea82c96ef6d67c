#include "experiments/runner/recommendation_run.h"

#include <fmt/format.h>

#include "core/errors.h"
#include "experiments/paths.h"
#include "experiments/report/markup.h"
#include "experiments/runner/run_folder.h"
#include "experiments/tasks/recommendation.h"
#include "experiments/tasks/recommender.h"
#include "models/training.h"

namespace why {
namespace {

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

class RecommendationRun : public TaskRun {
 public:
  explicit RecommendationRun(const RunConfig& config) : config_(config) {
    open_model_of_run(*this, config);
    WHY_CHECK(config.history_limit <= longest_history(info), "history_limit is ", config.history_limit,
              ", and ", bundle.string(), " sees ", longest_history(info),
              " items at most; 0 stands for as many");
    WHY_CHECK(config.history_limit != 1,
              "history_limit is 1, and without that item nothing is left to recommend from; take 2 or more");
    InteractionData data = read_interactions(find_path(config.data, "the data"));
    queries_ = held_out_queries(data, info, config);
    WHY_CHECK(!queries_.empty(), data.folder, " has no user with three items or more: nothing to explain");
    titles = std::move(data.titles);
    data_hashes = hash_files(data.files);
  }

  std::size_t num_samples() const override { return queries_.size(); }
  std::string source(std::size_t number) const override { return queries_[number].user; }

  Subject subject(Model& model, std::size_t number) const override {
    return recommendation_subject(model, queries_[number], {options, config_.history_limit});
  }

  std::string in_words() const override {
    return fmt::format("{} of {} users' data in {}, explained on {} ({} items, {}, {})",
                       counted(static_cast<std::int64_t>(queries_.size()), "sample"), config_.split,
                       config_.data, config_.model, info.items.size(), counted(info.layers, "layer"),
                       counted(info.heads, "head"));
  }

 private:
  RunConfig config_;
  std::vector<RecommendationQuery> queries_;
};

}  // namespace

std::unique_ptr<TaskRun> open_recommendation_run(const RunConfig& config) {
  return std::make_unique<RecommendationRun>(config);
}

}  // namespace why
