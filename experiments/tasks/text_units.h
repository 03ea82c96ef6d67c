// What a text is taken apart into: the parts that may explain a verdict.
//
//   word       what stands between white space and holds a letter or digit, its punctuation included
//   piece      a token as the tokenizer cut it
//   sentence   by the rules of Unicode (UAX 29), which end one at a full stop before a capital letter, at !
//   and
//              ?, and at a line break; it holds a letter or digit
//
// Special tokens belong to no part, neither those that the tokenizer adds nor those written in the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/formats/tokenizer.h"

namespace why {

enum class TextUnit { word, piece, sentence };

extern const std::vector<std::string> kUnits;
TextUnit parse_unit(const std::string& name);  // one of kUnits; UserError that lists them

struct TextNode {
  TextSpan span;            // bytes of the text
  std::vector<int> tokens;  // positions in the encoding, at least one, ascending
};

// In the order of the text, which is UTF-8 and what `encoding` was made from. A token that reaches into two
// parts belongs to the one that it shares more bytes with. A part without tokens (control characters alone)
// is none.
std::vector<TextNode> text_nodes(std::string_view text, const Encoding& encoding, TextUnit unit);

// Each ill-formed sequence of bytes replaced by U+FFFD, as tokenizers read it.
std::string valid_utf8(std::string_view text);

}  // namespace why
