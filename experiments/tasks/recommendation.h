// The recommendation task: why was this item recommended?
//
//   history -> next item -> attention with that item appended -> graphs and sets (subject.h)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "experiments/tasks/subject.h"
#include "models/model.h"

namespace why {

struct RecommendationQuery {
  std::int64_t number = 0;  // of the sample; part of the controls' seed
  std::string user;
  Sequence history;  // the full one, oldest first, as model ids
};

struct RecommendationOptions : TaskOptions {
  int history_limit = 0;  // 0: as many items as the model takes
};

// One forward pass. UserError, with the user's name, for a history that recommend() refuses.
Subject recommendation_subject(Model& model, const RecommendationQuery& query,
                               const RecommendationOptions& options);

std::vector<Sample> explain_recommendations(Model& model, std::span<const RecommendationQuery> queries,
                                            const RecommendationOptions& options);

}  // namespace why
