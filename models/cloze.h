// The Cloze task that BERT4Rec learns from: windows of users' histories with some items hidden.
#pragma once

#include <vector>

#include "core/random.h"
#include "models/model.h"

namespace why {

struct ClozeOptions {
  int max_length = 51;      // of a window
  int windows = 4;          // a user an epoch, each ending at a random item
  double recency = 0.0;     // 0: any end alike; else at the share u^(1 - recency) of the history, u uniform
  double mask_share = 0.2;  // of the items of a window are hidden
  double last_share = 0.5;  // of the windows hide their last item alone, as a prediction does
  double drop_share = 0.0;  // a window loses up to this share of its items, so that gaps are nothing new
  std::int64_t mask_id = 0;
};

// inputs[i] is hidden (mask_id) where targets[i] is an item; targets[i] is 0 where nothing is asked.
struct ClozeExample {
  Sequence inputs, targets;
};

// One epoch's examples in random order, at least one item hidden in each. Histories of fewer than two items
// give none. What is returned depends only on the arguments and the state of `random`.
std::vector<ClozeExample> cloze_epoch(const std::vector<Sequence>& histories, const ClozeOptions& options,
                                      Random& random);

}  // namespace why
