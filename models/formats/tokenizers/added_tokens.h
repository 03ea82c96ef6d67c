// Tokens that are cut out of the text before anything else is done with it: [MASK] written in a text is the
// mask.
#pragma once

#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "models/formats/tokenizers/steps.h"

namespace why {

struct AddedToken {
  std::string content;
  int id = -1;
  bool single_word = false;                      // only where no letter, digit or underscore is beside it
  bool strip_left = false, strip_right = false;  // takes the white space there along
  bool normalized = false;                       // looked for in the normalized text
  bool special = false;
};

struct FoundToken {
  AlignedText text;  // what was cut out
  int id = -1;
  bool special = false;
};
using Part = std::variant<Piece, FoundToken>;

// Finds the tokens of one kind (normalized or not) in a text: leftmost first, then the longest.
class AddedTokens {
 public:
  AddedTokens() = default;
  AddedTokens(const std::vector<AddedToken>& tokens, const Normalizer& normalizer);  // empty: already normal

  // Appends the text between the tokens and the tokens, in order.
  void cut(Piece piece, std::vector<Part>& out) const;

 private:
  struct Pattern {
    std::u32string text;
    AddedToken token;
  };
  const Pattern* match(const AlignedText& text, std::size_t at) const;

  std::unordered_map<char32_t, std::vector<Pattern>> by_first_;  // longest first
};

}  // namespace why
