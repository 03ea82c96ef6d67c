// What is done to a text before its words are looked up, as tokenizer.json names it: normalizers change
// characters, pre-tokenizers cut the text into words.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/formats/tokenizers/aligned_text.h"

namespace why {

using Normalizer = std::function<AlignedText(AlignedText)>;

struct BertNormalizerOptions {
  bool clean_text = true, chinese_characters = true, lowercase = true;
  std::optional<bool> strip_accents;  // as lowercase, if nothing is said
};
Normalizer bert_normalizer(const BertNormalizerOptions& options);

AlignedText lowercase(const AlignedText& text);
AlignedText decompose(const AlignedText& text, bool compatible);  // NFD or NFKD
AlignedText compose(const AlignedText& text, bool compatible);    // NFC or NFKC
AlignedText strip_accents(const AlignedText& text);               // marks that stand alone; decompose first
AlignedText strip(const AlignedText& text, bool left, bool right);
AlignedText replace(const AlignedText& text, const std::u32string& pattern, const std::u32string& content);
AlignedText replace_blanks(const AlignedText& text, const std::u32string& content);  // two or more
AlignedText replace_white_space(const AlignedText& text,
                                const std::u32string& content);  // and one line end or tab

// A part of the text. `begin` is where it begins in the original text, which its first character need not
// say.
struct Piece {
  AlignedText text;
  std::uint32_t begin = 0;
};

// Appends the parts of a piece; empty ones are left out.
using PreTokenizer = std::function<void(Piece, std::vector<Piece>&)>;

void split_bert(Piece piece, std::vector<Piece>& out);   // at white space, and around punctuation
void split_space(Piece piece, std::vector<Piece>& out);  // at white space

struct ByteLevelOptions {
  bool add_prefix_space = true;
  bool use_pattern = true;  // cut into words by GPT-2's pattern
};
// Every byte becomes one printable character, so that a vocabulary of them can spell any text.
PreTokenizer byte_level(const ByteLevelOptions& options);

// The way back: the text that a token of such a vocabulary spells, " the" for "Ġthe"; the token itself where
// its bytes are no text of their own.
std::string unspell_bytes(const std::string& token);

struct MetaspaceOptions {
  enum class Prepend { always, first, never };
  char32_t replacement = U'▁';  // of blanks, and put before the first word
  Prepend prepend = Prepend::always;
  bool split = true;
};
PreTokenizer metaspace(const MetaspaceOptions& options);
std::string unspell_blanks(const std::string& token, char32_t replacement);  // " the" for "▁the"

}  // namespace why
