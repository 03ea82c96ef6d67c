// One score a part of an input: how much its removal is thought to lower the margin of the answer, on any
// scale. What a method asks of the model before the search begins.
//
//   attention             the last layer's attention to the part's tokens, summed, in the row where the
//   answer
//                         is read ("asked" of the subject); mean over heads, or the head that sets.heads
//                         names
//   rollout               the same row of the product of (A + 1) / 2 over all layers, A the mean over heads
//   leave-one-out         the margin without nothing minus that without the part, each asked of the model
//   knockout              the same, where the last layer's read-out row alone does not read the part
//   attention-gradient, logit-attribution, value-norm, gradient-input, integrated-gradients
//                         Attribution (models/model.h) of the answer's score minus the next one's, summed
//                         over the part's tokens
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "discovery/explain/search.h"
#include "experiments/tasks/subject.h"
#include "models/model.h"

namespace why {

// calls           passes through the model that the ranking took; a backward one counts as a second, and the
//                 read-out rows of a knock-out, which together cost less than a layer, as none
// asked_singles   the passes are those of the sets of one part: a search need not make them again
struct Ranking {
  std::vector<double> scores;  // [parts]
  std::int64_t calls = 0;
  bool asked_singles = false;
};

struct RankingQuestion {
  Model& model;
  const Subject& subject;
  VerdictMemo& memo;
  std::optional<int> head;
};

// `ranking` is the base of a MethodChoice.
Ranking rank_parts(const std::string& ranking, const RankingQuestion& question);

// UserError that names model, method and why, for methods (kMethods) that the model cannot serve.
void check_methods(const std::vector<std::string>& methods, const Model& model);

// Attribution of the answer's score minus that of the next one, or of the one asked for, to each token of
// `asked`.
std::vector<float> attribute_margin(Model& model, const Subject& subject, Attribution method);

// A row of a layer's attention, mean over heads, or of one head.
std::vector<float> attention_row(const Attention& attention, int row, std::optional<int> head = {});

// Sums of a value a token over the tokens of each part.
std::vector<double> sum_over(const std::vector<std::vector<int>>& parts, std::span<const float> values);

}  // namespace why
