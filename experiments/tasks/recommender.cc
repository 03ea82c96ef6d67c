#include "experiments/tasks/recommender.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

constexpr std::size_t kTop = 10;

Sequence as_input(const BundleInfo& model, Sequence items) {
  if (model.append_mask) items.push_back(model.mask_id);
  return items;
}

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

std::vector<int> best_outputs(std::span<const float> scores, const std::vector<std::uint8_t>& allowed) {
  std::vector<int> order;
  for (std::size_t j = 0; j < allowed.size(); ++j)
    if (allowed[j]) order.push_back(static_cast<int>(j));
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(std::min(kTop, order.size()));
  std::partial_sort(order.begin(), middle, order.end(), [&](int a, int b) {
    const float at_a = scores[static_cast<std::size_t>(a)], at_b = scores[static_cast<std::size_t>(b)];
    return at_a != at_b ? at_a > at_b : a < b;
  });
  order.erase(middle, order.end());
  return order;
}

}  // namespace

int longest_history(const BundleInfo& model) { return model.max_length - 1; }

Recommendation recommend(Model& model, const Sequence& history, int limit) {
  const BundleInfo& info = model.info();
  check_items(info, history);
  const auto seen = std::min<std::size_t>(history.size(), static_cast<std::size_t>(longest_history(info)));
  const auto length = limit > 0 ? std::min(seen, static_cast<std::size_t>(limit)) : seen;

  Recommendation out;
  out.history.assign(history.end() - static_cast<std::ptrdiff_t>(length), history.end());
  out.excluded = static_cast<std::int64_t>(history.size());
  out.allowed = outside(history, info);
  const auto answers = std::accumulate(out.allowed.begin(), out.allowed.end(), 0);
  WHY_CHECK(answers >= 2, "the history holds all but ", answers, " of the model's ", info.outputs,
            " items: nothing is left to recommend instead");

  const Sequence input = as_input(info, out.history);
  const Scores scores = model.predict(std::span(&input, 1));
  const auto row = scores.row(0);
  WHY_CHECK(std::all_of(row.begin(), row.end(), [](float s) { return std::isfinite(s); }), info.path,
            " answers with a score that is NaN or infinite: its weights are damaged");
  out.top = best_outputs(row, out.allowed);
  out.item = out.top[0];
  out.score = row[static_cast<std::size_t>(out.item)];
  out.margin = out.score - row[static_cast<std::size_t>(out.top[1])];
  return out;
}

Attention attention_of(Model& model, const Recommendation& recommendation) {
  Sequence watched = recommendation.history;
  watched.push_back(model.info().first_item + recommendation.item);
  return std::move(model.attend(std::span(&watched, 1)).front());
}

Removal parse_removal(const std::string& name) {
  const std::vector<std::string> known = {"delete", "mask"};
  check_known("removal", name, known);
  return name == "mask" ? Removal::mask : Removal::remove;
}

Sequence RecommendationJudge::remaining(const KeepMask& keep) const {
  WHY_ASSERT(keep.size() == original_.history.size());
  Sequence out;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i])
      out.push_back(original_.history[i]);
    else if (removal_ == Removal::mask)
      out.push_back(model_.info().mask_id);
  }
  return as_input(model_.info(), std::move(out));
}

Verdict RecommendationJudge::verdict(std::span<const float> scores) const {
  int best_other = -1;
  for (int j = 0; j < static_cast<int>(scores.size()); ++j) {
    if (!original_.allowed[static_cast<std::size_t>(j)] || j == original_.item) continue;
    if (best_other < 0 || scores[static_cast<std::size_t>(j)] > scores[static_cast<std::size_t>(best_other)])
      best_other = j;
  }
  Verdict out;
  out.margin =
      scores[static_cast<std::size_t>(original_.item)] - scores[static_cast<std::size_t>(best_other)];
  out.changed = out.margin < 0;
  out.output = out.changed ? best_other : original_.item;
  return out;
}

bool RecommendationJudge::near_tie(const Verdict& verdict) const {
  return std::abs(verdict.margin) < kNearTie * std::max(1.0f, std::abs(original_.score));
}

std::vector<Verdict> RecommendationJudge::judge(std::span<const KeepMask> masks) {
  const Verdict unasked{false, original_.margin, original_.item};
  std::vector<Verdict> out(masks.size(), unasked);

  std::vector<Sequence> batch;
  std::vector<std::size_t> of_mask;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    Sequence input = remaining(masks[i]);
    if (input.empty()) continue;
    batch.push_back(std::move(input));
    of_mask.push_back(i);
  }
  if (batch.empty()) return out;

  const Scores scores = model_.predict(batch);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    Verdict& answer = out[of_mask[row]];
    answer = verdict(scores.row(static_cast<int>(row)));
    if (batch.size() > 1 && near_tie(answer))
      answer = verdict(model_.predict(std::span(&batch[row], 1)).row(0));
  }
  return out;
}

Verdict replay(Model& model, const Recommendation& recommendation, Removal removal,
               const std::vector<int>& removed) {
  RecommendationJudge judge(model, recommendation, removal);
  KeepMask keep(recommendation.history.size(), 1);
  for (const int i : removed) keep.at(static_cast<std::size_t>(i)) = 0;
  return judge.judge(std::span(&keep, 1)).front();
}

}  // namespace why
