// Training of sequential recommenders: what goes in and what comes out. No Torch here; the loop is in
// models/torch/.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/config.h"
#include "models/model.h"
#include "models/ranking.h"

namespace why {

// Histories of a leave-one-out split as model ids (1 .. items), oldest first; last = test, the one before =
// validation.
struct InteractionSplit {
  std::vector<Sequence> users;     // whole histories, test item included
  std::vector<std::string> items;  // the dataset's own ids
};

// One question of the split: which item followed this history?
struct HeldOut {
  Sequence history;  // the last `max_history` items before the target: what the model is shown
  Sequence seen;     // all items before the target: what may be excluded from the ranking
  std::int64_t target = 0;
};

enum class Fold { validation = 2, test = 1 };  // place of the target, counted from the end of the history

// A history of three items or more gives both questions and something to learn from; shorter ones give none.
bool can_hold_out(const Sequence& whole);
HeldOut hold_out(const Sequence& whole, Fold fold, int max_history);

// The questions of all users that have one, in their order; and what is left to learn from, which is
// everything of the users that have none.
std::vector<HeldOut> held_out(const std::vector<Sequence>& users, Fold fold, int max_history);
std::vector<Sequence> training_part(const std::vector<Sequence>& users);

// The metrics of a ranking by how often an item occurs in the training part: what a model must beat.
RankingReport popularity_report(const InteractionSplit& data, Fold fold, int max_history);

// Metrics of any scores: score(first, last) gives the rows of questions [first, last), item 1 first.
RankingReport ranking_report(const std::vector<HeldOut>& questions,
                             const std::function<Scores(std::size_t, std::size_t)>& score,
                             std::size_t block = 256);

// How to train; every field is a key of the configuration.
struct RecommenderTraining {
  std::string architecture = "bert4rec";  // or "sasrec"; the caller's key, no key of describe
  std::string output;                     // the bundle's folder
  int layers = 2, heads = 2, hidden = 64, inner = 256;
  int max_history = 50;
  double dropout = 0.2;

  // what it learns from (models/learning_examples.h); masks and last_share are BERT4Rec's alone
  int windows = 4;
  double recency = 0.0, mask_share = 0.2, last_share = 0.5, drop_share = 0.0;

  // AdamW, constant rate after a linear warm-up; the weights that are evaluated and kept are a running mean
  double learning_rate = 1e-3, weight_decay = 0.0, label_smoothing = 0.0;
  int batch_size = 64;
  int warm_up_steps = 100;
  double averaging = 0.999;  // share of the mean that a step keeps; 0: the weights themselves
  double max_gradient = 5;   // longer gradients are cut to this norm

  int max_epochs = 200;
  int patience = 20;  // epochs without a better validation NDCG@10
  std::uint64_t seed = 1;

  Provenance provenance;  // for bundle.yaml; no key of the configuration
  bool resume = false;    // continue what a killed run left in `output`
};

void describe(Fields& fields, RecommenderTraining& training);
// What describe cannot see: whether the keys fit each other. UserError names them.
void check(const RecommenderTraining& training);

// After each epoch.
struct EpochReport {
  int epoch = 0, best_epoch = 0;  // 1-based
  double loss = 0;
  RankingMetrics validation;
  double seconds = 0, cpu_seconds = 0;  // of this epoch, its validation included
};

struct TrainingResult {
  RankingReport validation, test;                        // of the kept weights
  RankingReport popularity_validation, popularity_test;  // beside them
  int best_epoch = 0, epochs = 0;
  double seconds = 0, cpu_seconds = 0;  // of all epochs, those before a resume included
};

}  // namespace why
