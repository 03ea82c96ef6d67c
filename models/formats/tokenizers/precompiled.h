// SentencePiece's normalization rules as tokenizer.json carries them: "Precompiled", a double-array trie of
// byte strings and what replaces them.
#pragma once

#include <string>
#include <string_view>

#include "models/formats/tokenizers/steps.h"

namespace why {

// Follows the Hugging Face library: a grapheme of up to five bytes is looked up as a whole, and what the
// first rule that begins it says replaces all of it; otherwise each character is looked up alone.
// (SentencePiece itself applies the longest rule at each place.) UserError that begins with `name` for rules
// that are damaged.
Normalizer precompiled_normalizer(std::string_view rules, const std::string& name);

// Of tokenizer.json's text form of the rules. UserError that begins with `name`.
std::string decode_base64(std::string_view text, const std::string& name);

}  // namespace why
