// What turns one word (a piece of text between blanks, say) into ids: WordPiece, byte-pair encoding, unigram.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/formats/tokenizers/vocabulary.h"

namespace why {

struct Subword {
  int id = 0;
  std::uint32_t begin = 0, end = 0;  // bytes of the word
};

class SubwordModel {
 public:
  virtual ~SubwordModel() = default;

  // Appends the subwords of a word of at least one character, well-formed UTF-8. Thread-safe. UserError when
  // the word needs an unknown-token that the vocabulary does not have.
  virtual void split(std::string_view word, std::vector<Subword>& out) const = 0;

  virtual const Vocabulary& vocabulary() const = 0;
};

}  // namespace why
