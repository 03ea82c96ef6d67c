// What a sequential recommender answers: the next item, and what it would be without some of the history.
#pragma once

#include <cstdint>
#include <vector>

#include "experiments/explanation_options.h"
#include "experiments/tasks/answer.h"
#include "models/model.h"

namespace why {

// The best-scored item that the user has not seen. Outputs are numbered as in BundleInfo: output j is
// items[j], model id first_item + j; the full history is not allowed as an answer.
struct Recommendation {
  Sequence history;           // n items as the model saw them, oldest first
  std::int64_t excluded = 0;  // length of the full history
  Answer answer;
};

// How many items of a history the model sees. One place is left for the recommendation, which is appended to
// read the attention, or for the mask token at which it is predicted.
int longest_history(const BundleInfo& model);

// `history` is the full one, oldest first, as model ids; the model sees its last longest_history items, or
// the last `limit` if that is fewer and not 0. UserError for an empty history, an id that is not an item, and
// when fewer than two items are left to recommend. `instead` (Answer) is none of the history. One forward
// pass.
Recommendation recommend(Model& model, const Sequence& history, int limit = 0, int instead = -1);

// What attention is read from: the recommendation appended as if it had been watched, [n + 1].
Sequence as_if_watched(const BundleInfo& model, const Recommendation& recommendation);

// Would another item be recommended without these? Candidate i is history[i]; items of the full history never
// come back as answers. When nothing is left of the history, a model that reads its prediction at a mask
// token sees the mask alone; another cannot be asked.
class RecommendationJudge : public ModelJudge {
 public:
  RecommendationJudge(Model& model, const Recommendation& original, Removal removal);

  int num_candidates() const override { return static_cast<int>(history_.size()); }

 private:
  ReducedInput reduced(const KeepMask& keep) const override;

  Sequence history_;
  Removal removal_;
};

}  // namespace why
