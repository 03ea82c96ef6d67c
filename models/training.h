// Training of sequential recommenders: what goes in and what comes out. No Torch here; the loop is in
// models/torch/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/errors.h"
#include "models/model.h"

namespace why {

// Histories of a leave-one-out split as model ids (1 .. items), oldest first; last = test, the one before =
// validation.
struct InteractionSplit {
  std::vector<Sequence> users;     // whole histories, test item included
  std::vector<std::string> items;  // the dataset's own ids
};

// One question of the split: which item followed this history?
struct HeldOut {
  Sequence history;  // the last `max_history` items before the target
  std::int64_t target = 0;
};

enum class Fold { validation = 2, test = 1 };  // place of the target, counted from the end of the history

// A history of three items or more gives both questions and something to learn from; shorter ones give none.
inline bool can_hold_out(const Sequence& whole) { return whole.size() >= 3; }

inline HeldOut hold_out(const Sequence& whole, Fold fold, int max_history) {
  WHY_ASSERT(can_hold_out(whole));
  const auto target = whole.end() - static_cast<int>(fold);
  const auto length = std::min<std::ptrdiff_t>(max_history, target - whole.begin());
  return {Sequence(target - length, target), *target};
}

struct RecommenderTraining {
  std::string architecture = "bert4rec";
  std::string output;  // the bundle's folder
  int layers = 2, heads = 2, hidden = 64, inner = 256;
  int max_history = 50;
  double dropout = 0.2;
  double mask_share = 0.2;  // of the Cloze objective
  double learning_rate = 1e-3, weight_decay = 0.0;
  int batch_size = 128;
  int max_epochs = 400;
  int patience = 40;  // epochs without a better validation NDCG@10
  std::uint64_t seed = 1;
};

void describe(Fields& fields, RecommenderTraining& training);

// Leave-one-out metrics on the full ranking, by k = 5, 10, 20.
struct RankingMetrics {
  double hit_rate[3] = {0, 0, 0};
  double ndcg[3] = {0, 0, 0};
};

struct TrainingResult {
  RankingMetrics validation, test;
  int best_epoch = 0, epochs = 0;
  double seconds = 0;
};

}  // namespace why
