// What a model answers to one input, and to the same input without some of its parts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "discovery/explain/judge.h"
#include "models/model.h"

namespace why {

// The best-scored output among those that may be answers. Ties go to the smaller number.
struct Answer {
  std::vector<std::uint8_t> allowed;  // [outputs] 1: may be an answer
  int output = -1;
  float score = 0;
  float probability = 0;  // among those that may be answers: softmax of the scores
  int instead = -1;       // the only other output that counts as a change; -1: any
  float margin = 0;       // score minus the next best one's, or that of `instead`
  std::vector<int> top;   // the ten best, the answer first; fewer when there are fewer
  std::vector<float> top_scores;
};

// UserError, which names `model`, when a score is NaN or infinite. At least two outputs are allowed,
// `instead` among them. Whoever asks for one sees to it that it is not the answer itself.
Answer best_answer(std::span<const float> scores, std::vector<std::uint8_t> allowed, const std::string& model,
                   int instead = -1);

// What a model is asked in place of the original input.
//
//   ids      without what was removed; empty: the model cannot be asked
//   visible  one flag an id, 0: hidden from every attention; empty: all are visible
struct ReducedInput {
  Sequence ids;
  TokenFlags visible;
};

// Is the answer another without these parts? `output` and `margin` are those of Verdict, `probability` that
// of Answer.
//
// With Answer::instead only that output counts: a set changes the answer if that one comes out before all
// others.
//
// One question is one batch. Scores of a row differ in their last digits with the batch around it, so a
// margin within kNearTie of nothing (with Answer::instead: its lead before the best other) is settled by a
// pass of its own: whether a set changes the answer does not depend on what was asked beside it. A tie is no
// change. Where the model cannot be asked, the answer is "unchanged".
class ModelJudge : public Judge {
 public:
  std::vector<Verdict> judge(std::span<const KeepMask> masks) final;

  // By a pass of its own.
  Verdict judge_alone(const KeepMask& keep);

  const Answer& original() const { return original_; }

  // Scores of the original's best outputs (Answer::top) to each mask, [masks][top], in one batch; the
  // original's where the model cannot be asked.
  std::vector<std::vector<float>> top_scores(std::span<const KeepMask> masks);

  // The margin (Verdict) of any row of scores.
  float margin_of(std::span<const float> scores) const { return verdict(scores).margin; }

 protected:
  ModelJudge(Model& model, Answer original) : model_(model), original_(std::move(original)) {}

  virtual ReducedInput reduced(const KeepMask& keep) const = 0;
  const BundleInfo& info() const { return model_.info(); }

 private:
  struct Askable {
    std::vector<ReducedInput> batch;
    std::vector<std::size_t> of_mask;  // which mask each is
  };
  Askable askable(std::span<const KeepMask> masks) const;
  Scores predict(std::span<const ReducedInput> batch);
  Verdict verdict(std::span<const float> scores) const;
  Verdict verdict_alone(const ReducedInput& input);
  Verdict unasked() const { return {false, original_.margin, original_.output, original_.probability}; }
  int best_but(int output, std::span<const float> scores) const;
  bool near_tie(std::span<const float> scores) const;

  Model& model_;
  Answer original_;
};

// Relative to the size of the scores. Seen on the CPU: rows in a pass of their own and among 64 to 1,024
// others of 2 to 27 tokens differ by less than 3e-6 of it.
constexpr float kNearTie = 1e-4f;

// A set's verdict by a pass of its own: what a record states and what `verify` asks again.
Verdict judge_alone(ModelJudge& judge, const std::vector<int>& removed);

}  // namespace why
