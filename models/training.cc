#include "models/training.h"

#include <algorithm>

#include "core/errors.h"

namespace why {

bool can_hold_out(const Sequence& whole) { return whole.size() >= 3; }

HeldOut hold_out(const Sequence& whole, Fold fold, int max_history) {
  WHY_ASSERT(can_hold_out(whole));
  const auto target = whole.end() - static_cast<int>(fold);
  const auto length = std::min<std::ptrdiff_t>(max_history, target - whole.begin());
  return {Sequence(target - length, target), Sequence(whole.begin(), target), *target};
}

std::vector<HeldOut> held_out(const std::vector<Sequence>& users, Fold fold, int max_history) {
  std::vector<HeldOut> questions;
  for (const auto& whole : users)
    if (can_hold_out(whole)) questions.push_back(hold_out(whole, fold, max_history));
  return questions;
}

std::vector<Sequence> training_part(const std::vector<Sequence>& users) {
  std::vector<Sequence> out;
  for (const auto& whole : users)
    out.emplace_back(whole.begin(),
                     whole.end() - (can_hold_out(whole) ? static_cast<int>(Fold::validation) : 0));
  return out;
}

RankingReport ranking_report(const std::vector<HeldOut>& questions,
                             const std::function<Scores(std::size_t, std::size_t)>& score,
                             std::size_t block) {
  std::vector<int> all, unseen;
  for (std::size_t first = 0; first < questions.size(); first += block) {
    const std::size_t last = std::min(questions.size(), first + block);
    const Scores scores = score(first, last);
    for (std::size_t i = first; i < last; ++i) {
      const auto row = scores.row(static_cast<int>(i - first));
      Sequence seen = questions[i].seen;
      for (auto& item : seen) --item;  // item 1 has the first score
      all.push_back(place_of(row, questions[i].target - 1));
      unseen.push_back(place_of(row, questions[i].target - 1, seen));
    }
  }
  return {ranking_metrics(all), ranking_metrics(unseen)};
}

RankingReport popularity_report(const InteractionSplit& data, Fold fold, int max_history) {
  std::vector<float> counts(data.items.size(), 0.0f);
  for (const auto& history : training_part(data.users))
    for (const auto item : history) ++counts[static_cast<std::size_t>(item - 1)];
  return ranking_report(held_out(data.users, fold, max_history), [&](std::size_t first, std::size_t last) {
    Scores scores{static_cast<int>(last - first), static_cast<int>(counts.size()), {}};
    for (std::size_t i = first; i < last; ++i)
      scores.values.insert(scores.values.end(), counts.begin(), counts.end());
    return scores;
  });
}

void check(const RecommenderTraining& training) {
  WHY_CHECK(training.hidden % training.heads == 0, "hidden (", training.hidden,
            ") is not a multiple of heads (", training.heads, ")");
}

void describe(Fields& fields, RecommenderTraining& t) {
  constexpr int kMany = 1'000'000;
  Constraint output = required();
  fields.field("output", t.output, "folder of the bundle that is written", output);
  fields.field("layers", t.layers, "attention layers", in_range(1, 64));
  fields.field("heads", t.heads, "attention heads a layer", in_range(1, 256));
  fields.field("hidden", t.hidden, "width of the model", in_range(1, 65536));
  fields.field("inner", t.inner, "width of the feed-forward layers", in_range(1, 65536));
  fields.field("max_history", t.max_history, "items of history that the model sees", in_range(1, 65536));
  fields.field("dropout", t.dropout, "share of activations dropped in training", in_range(0, 0.99));
  fields.field("windows", t.windows, "windows of a user's history an epoch", in_range(1, kMany));
  fields.field("recency", t.recency, "0: a window ends at any item alike; 1: at the history's last",
               in_range(0, 1));
  if (t.architecture == "bert4rec") {
    fields.field("mask_share", t.mask_share, "of the items of a window are hidden", in_range(0, 1));
    fields.field("last_share", t.last_share, "of the windows hide their last item alone", in_range(0, 1));
  }
  fields.field("drop_share", t.drop_share, "of the items, at most, that a window loses", in_range(0, 1));
  fields.field("learning_rate", t.learning_rate, "of AdamW, after the warm-up", in_range(0, 10));
  fields.field("weight_decay", t.weight_decay, "of tables and matrices", in_range(0, 10));
  fields.field("label_smoothing", t.label_smoothing, "share of the target spread over all items",
               in_range(0, 0.99));
  fields.field("batch_size", t.batch_size, "windows a step", in_range(1, kMany));
  fields.field("warm_up_steps", t.warm_up_steps, "steps until the full learning rate", in_range(0, 1e9));
  fields.field("averaging", t.averaging, "share of the running mean of weights that a step keeps; 0: no mean",
               in_range(0, 0.999999));
  fields.field("max_gradient", t.max_gradient, "longer gradients are cut to this norm", in_range(1e-9));
  fields.field("max_epochs", t.max_epochs, "passes over the users, at most", in_range(1, kMany));
  fields.field("patience", t.patience, "epochs without a better validation NDCG@10 before stopping",
               in_range(1, kMany));
  fields.field("seed", t.seed, "of everything random in training");
}

}  // namespace why
