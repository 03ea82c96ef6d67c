// The tasks on texts: why this verdict, and why this word in the place of the mask?
//
//   sentiment     the answer is the label with the best score; the target is the token in front of the text
//   masked-word   the answer is the token with the best score at the mask, special tokens apart; attention is
//                 read with the answer in the mask's place, which is the target
//
// The model's kind decides which of them it is.
#pragma once

#include <cstdint>
#include <string>

#include "experiments/tasks/answer.h"
#include "experiments/tasks/subject.h"
#include "experiments/tasks/text_reader.h"
#include "models/model.h"

namespace why {

struct TextQuery {
  std::int64_t number = 0;  // of the sample; part of the controls' seed
  std::string source;       // names it in its record and in errors
  std::string text;
  std::string label;  // the right answer, where it is known
};

// UserError for a label that is none of a classifier's, whatever its capitals; "" is no label.
void check_label(const BundleInfo& model, const std::string& label);

// A label in the model's own words; as it is where the model has none like it.
std::string label_of_model(const BundleInfo& model, const std::string& label);

// Parts of a longer text that are nodes of its graph.
inline constexpr std::size_t kMostNodes = 200;

// One forward pass, and one more for a text of more than kMostNodes parts: those that the target attends to
// most in the last layer, mean over heads and summed over their tokens, are its nodes. The others stay in the
// text, are never removed, and a warning says so. UserError, with the source's name, for a text that cannot
// be read.
Subject text_subject(Model& model, const TextReader& reader, const TextQuery& query,
                     const TaskOptions& options);

// Is the answer another without these parts? Candidate i is node i of the input.
class TextJudge : public ModelJudge {
 public:
  TextJudge(Model& model, Answer original, const TextInput& input, Removal removal);

  int num_candidates() const override { return static_cast<int>(tokens_.size()); }

 private:
  ReducedInput reduced(const KeepMask& keep) const override;

  Sequence ids_;
  std::vector<std::vector<int>> tokens_;  // of each candidate
  Removal removal_;
};

}  // namespace why
