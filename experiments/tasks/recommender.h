// What a sequential recommender answers: the next item, and what it would be without some of the history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "discovery/explain/judge.h"
#include "models/model.h"

namespace why {

// The best-scored item that the user has not seen. Outputs are numbered as in BundleInfo: output j is
// items[j], model id first_item + j. Ties go to the smaller number.
struct Recommendation {
  Sequence history;                   // n items as the model saw them, oldest first
  std::vector<std::uint8_t> allowed;  // [outputs] 1: outside the full history, so that it may be an answer
  std::int64_t excluded = 0;          // length of the full history
  int item = -1;                      // output
  float score = 0;
  float margin = 0;      // score minus the next best one's
  std::vector<int> top;  // the ten best, the recommendation first; fewer when there are fewer
};

// How many items of a history the model sees. One place is left for the recommendation, which is appended to
// read the attention, or for the mask token at which it is predicted.
int longest_history(const BundleInfo& model);

// `history` is the full one, oldest first, as model ids; the model sees its last longest_history items, or
// the last `limit` if that is fewer and not 0. UserError for an empty history, an id that is not an item, and
// when fewer than two items are left to recommend. One forward pass.
Recommendation recommend(Model& model, const Sequence& history, int limit = 0);

// The attention of the last layer, [H, n+1, n+1], with the recommendation appended as if it had been watched.
Attention attention_of(Model& model, const Recommendation& recommendation);

enum class Removal { remove, mask };             // from the sequence, or in place
Removal parse_removal(const std::string& name);  // "delete", "mask"

// Would another item be recommended without these? Candidate i is history[i]; items of the full history never
// come back as answers. `output` and `margin` are those of Verdict, in the numbers of Recommendation.
//
// One question is one batch. Scores of a row differ in their last digits with the batch around it, so a
// margin within kNearTie of nothing is settled by a pass of its own: whether a set changes the recommendation
// does not depend on what was asked beside it. A tie is no change. When nothing is left of the history, a
// model that reads its prediction at a mask token sees the mask alone; another cannot be asked, and the
// answer is "unchanged".
class RecommendationJudge : public Judge {
 public:
  RecommendationJudge(Model& model, const Recommendation& recommendation, Removal removal)
      : model_(model), original_(recommendation), removal_(removal) {}

  int num_candidates() const override { return static_cast<int>(original_.history.size()); }
  std::vector<Verdict> judge(std::span<const KeepMask> masks) override;

 private:
  Sequence remaining(const KeepMask& keep) const;
  Verdict verdict(std::span<const float> scores) const;
  bool near_tie(const Verdict& verdict) const;

  Model& model_;
  const Recommendation& original_;
  Removal removal_;
};

// Relative to the size of the scores. Seen: rows of one sequence in batches of 1 to 64 differ by less than
// 1e-5 of it.
constexpr float kNearTie = 1e-4f;

// A set's verdict by a pass of its own: what a record states and what `verify` asks again.
Verdict replay(Model& model, const Recommendation& recommendation, Removal removal,
               const std::vector<int>& removed);

}  // namespace why
