// The recommendation task: why was this item recommended?
//
//   history -> next item -> attention with that item appended -> a causal graph a head -> the smallest sets
//   of watched items without which another item is recommended, each verified on the model
//
// and beside them what the same search finds without the graphs' knowledge (discovery/explain/controls.h)
// and, where it can be afforded, the smallest set there is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "experiments/explanation_options.h"
#include "experiments/report/samples.h"
#include "models/model.h"

namespace why {

struct RecommendationQuery {
  std::int64_t number = 0;  // of the sample; part of the controls' seed
  std::string user;
  Sequence history;  // the full one, oldest first, as model ids
};

struct RecommendationOptions {
  ExplanationOptions explanation;
  std::vector<std::string> controls;  // "permuted", "random"
  int exhaustive_calls = 0;           // 0: no exhaustive search
  int history_limit = 0;              // 0: as many items as the model takes
  std::uint64_t seed = 1;
  int threads = 1;  // for the graphs; the model has its own
};

// One sample a query. Every sample is computed in passes of its own, so it does not depend on its neighbours;
// several queries at once let the graphs share threads. UserError, with the user's name, for a history that
// recommend() refuses.
std::vector<Sample> explain_recommendations(Model& model, std::span<const RecommendationQuery> queries,
                                            const RecommendationOptions& options);

// A replay of what a sample reports: each set of each method, asked again alone.
struct Replay {
  std::int64_t sets = 0;           // reported
  std::int64_t flipped = 0;        // of these: another item is recommended
  std::int64_t same_answer = 0;    // of these: the one reported, at the rank reported, by the items reported
  std::vector<std::string> wrong;  // the others, "user 4, cleann: 50 and 71"
};
Replay replay_sample(Model& model, const Sample& sample, const RecommendationQuery& query,
                     const RecommendationOptions& options);

}  // namespace why
