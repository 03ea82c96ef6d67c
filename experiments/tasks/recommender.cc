#include "experiments/tasks/recommender.h"

#include <algorithm>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

void check_items(const BundleInfo& model, const Sequence& history) {
  WHY_CHECK(!history.empty(), "the history is empty: there is nothing to recommend from");
  for (const auto id : history)
    WHY_CHECK(id >= model.first_item && id < model.first_item + model.outputs, "item ", id,
              " of the history is not one of the model's items ", model.first_item, " to ",
              model.first_item + model.outputs - 1);
}

std::vector<std::uint8_t> outside(const Sequence& history, const BundleInfo& model) {
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(model.outputs), 1);
  for (const auto id : history) allowed[static_cast<std::size_t>(id - model.first_item)] = 0;
  return allowed;
}

}  // namespace

int longest_history(const BundleInfo& model) { return model.max_length - 1; }

Recommendation recommend(Model& model, const Sequence& history, int limit, int instead) {
  const BundleInfo& info = model.info();
  check_items(info, history);
  const auto seen = std::min<std::size_t>(history.size(), static_cast<std::size_t>(longest_history(info)));
  const auto length = limit > 0 ? std::min(seen, static_cast<std::size_t>(limit)) : seen;

  Recommendation out;
  out.history.assign(history.end() - static_cast<std::ptrdiff_t>(length), history.end());
  out.excluded = static_cast<std::int64_t>(history.size());
  auto allowed = outside(history, info);
  const auto answers = std::accumulate(allowed.begin(), allowed.end(), 0);
  WHY_CHECK(answers >= 2, "the history holds ", info.outputs - answers, " of the model's ", info.outputs,
            " items, and two must be left: one to recommend, one to recommend instead");

  const Sequence input = prediction_input(info, out.history);
  const Scores scores = model.predict(std::span(&input, 1));
  out.answer = best_answer(scores.row(0), std::move(allowed), info.path, instead);
  return out;
}

Sequence as_if_watched(const BundleInfo& model, const Recommendation& recommendation) {
  Sequence out = recommendation.history;
  out.push_back(model.first_item + recommendation.answer.output);
  return out;
}

RecommendationJudge::RecommendationJudge(Model& model, const Recommendation& original, Removal removal)
    : ModelJudge(model, original.answer), history_(original.history), removal_(removal) {
  WHY_ASSERT(removal == Removal::remove || removal == Removal::mask);
}

ReducedInput RecommendationJudge::reduced(const KeepMask& keep) const {
  Sequence out;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i])
      out.push_back(history_[i]);
    else if (removal_ == Removal::mask)
      out.push_back(info().mask_id);
  }
  return {prediction_input(info(), std::move(out)), {}};
}

}  // namespace why
