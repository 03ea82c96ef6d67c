#include "experiments/tasks/recommendation.h"

#include "core/errors.h"
#include "experiments/tasks/recommender.h"

namespace why {
Subject recommendation_subject(Model& model, const RecommendationQuery& query,
                               const RecommendationOptions& options) {
  const BundleInfo& info = model.info();
  const Recommendation found = told_of(place_of("recommendation", query.user), [&] {
    return recommend(model, query.history, options.history_limit, options.instead_of);
  });
  Subject out;
  out.output_name = [&info](std::int64_t output) { return info.items[static_cast<std::size_t>(output)]; };
  out.observed = as_if_watched(info, found);
  out.asked = prediction_input(info, found.history);
  for (int item = 0; item < static_cast<int>(found.history.size()); ++item) out.tokens.push_back({item});
  out.reads_at = static_cast<int>(out.asked.size()) - 1;
  out.judge = std::make_unique<RecommendationJudge>(
      model, found, parse_removal(options.explanation.sets.removal, "recommendation"));
  Sample& sample = out.sample;
  sample.number = query.number;
  sample.source = query.user;
  for (const auto id : found.history)
    sample.parts.push_back(info.items[static_cast<std::size_t>(id - info.first_item)]);
  sample.excluded = found.excluded;
  sample.answer = out.output_name(found.answer.output);
  sample.score = rounded(found.answer.score);
  out.top = found.answer.top;
  for (const int output : out.top) sample.top10.push_back(out.output_name(output));
  return out;
}

std::vector<Sample> explain_recommendations(Model& model, std::span<const RecommendationQuery> queries,
                                            const RecommendationOptions& options) {
  check(options.explanation, model.info());
  std::vector<Subject> subjects;
  for (const auto& query : queries) subjects.push_back(recommendation_subject(model, query, options));
  return explain(model, std::move(subjects), options);
}

}  // namespace why
