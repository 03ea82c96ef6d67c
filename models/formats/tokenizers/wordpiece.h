// WordPiece: the longest token of the vocabulary that begins the rest of the word, again and again; a word
// whose rest no token begins is unknown as a whole.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "models/formats/tokenizers/subword_model.h"

namespace why {

struct WordPieceOptions {
  std::string unknown = "[UNK]";
  std::string prefix = "##";         // of tokens that continue a word
  std::size_t max_characters = 100;  // a longer word is unknown
};

std::unique_ptr<SubwordModel> make_wordpiece(Vocabulary vocabulary, const WordPieceOptions& options = {});

}  // namespace why
