// Characters as the Hugging Face fast tokenizers see them.
//
// Their libraries carry tables of different Unicode versions: categories of BERT are those of Unicode 8,
// decompositions and marks those of 9 and 10, letters of byte-level BPE those of 16, lower case that of 17. A
// character is therefore asked for through the age that ICU knows, or through a short list of what ICU 72
// does not know yet. tests/models/tokenizers/every_code_point.txt holds what they answer for all 1,112,064.
#pragma once

#include <string>
#include <string_view>

namespace why::unicode {

inline constexpr char32_t kReplacement = 0xFFFD;

bool is_space(char32_t c);  // property White_Space

// BERT's categories.
bool is_bert_control(char32_t c);      // Cc, Cf or Co, except tab, line feed and carriage return
bool is_bert_punctuation(char32_t c);  // ASCII punctuation, or P*
bool is_bert_cjk(char32_t c);
bool is_nonspacing_mark(char32_t c);  // Mn

bool is_mark(char32_t c);  // Mn, Mc or Me, as the normalizer StripAccents asks

// The classes of byte-level BPE's pattern.
enum class Kind { letter, number, space, other };
Kind kind(char32_t c);

// One character, or "i̇" for U+0130.
std::u32string lower(char32_t c);

// The full decomposition of one character, or the character itself; and what orders marks behind it.
std::u32string decompose(char32_t c, bool compatible);
int combining_class(char32_t c);

// The one character that two stand for, or 0.
char32_t compose(char32_t first, char32_t second);

void append_utf8(std::string& out, char32_t c);

}  // namespace why::unicode
