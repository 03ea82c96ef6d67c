// What sequential recommenders learn from: windows of users' histories in which something is asked.
#pragma once

#include <vector>

#include "core/random.h"
#include "models/model.h"

namespace why {

struct WindowOptions {
  int max_length = 51;      // of a window
  int windows = 4;          // a user an epoch, each ending at a random item
  double recency = 0.0;     // 0: any end alike; else at the share u^(1 - recency) of the history, u uniform
  double drop_share = 0.0;  // a window loses up to this share of its items, so that gaps are nothing new
};

struct ClozeOptions : WindowOptions {
  double mask_share = 0.2;  // of the items of a window are hidden
  double last_share = 0.5;  // of the windows hide their last item alone, as a prediction does
  std::int64_t mask_id = 0;
};

// targets[i] is the item that is asked for at place i, 0 where nothing is asked.
struct LearningExample {
  Sequence inputs, targets;
};

// One epoch's examples in random order. Histories of fewer than two items give none. What is returned depends
// only on the arguments and the state of `random`.
//
// Of BERT4Rec: some items of each window, at least one, are hidden behind the mask and asked for there.
std::vector<LearningExample> cloze_epoch(const std::vector<Sequence>& histories, const ClozeOptions& options,
                                         Random& random);

// Of SASRec: at each item of a window but the last, the next one is asked for. Inputs are one shorter than
// the window.
std::vector<LearningExample> next_item_epoch(const std::vector<Sequence>& histories,
                                             const WindowOptions& options, Random& random);

}  // namespace why
