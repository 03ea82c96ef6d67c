// Unigram: of all ways to write a word as tokens, the one whose scores (log probabilities) add up highest;
// among equals the one whose last token is longest. SentencePiece's model, with the Hugging Face library's
// arithmetic.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/formats/tokenizers/subword_model.h"

namespace why {

struct UnigramOptions {
  std::vector<double> scores;  // by id
  int unknown = -1;            // id; runs of unknown characters are one token
  bool byte_fallback = false;  // spell them as "<0x41>" where all their bytes are tokens
};

// A word of n bytes costs O(n * longest token).
std::unique_ptr<SubwordModel> make_unigram(Vocabulary vocabulary, const UnigramOptions& options);

}  // namespace why
