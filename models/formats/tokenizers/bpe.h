// Byte-pair encoding: the characters of a word are joined, the pair that was learned first before any other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/formats/tokenizers/subword_model.h"

namespace why {

// "a b", as files write a merge. UserError that begins with `where` for anything but two tokens.
std::pair<std::string, std::string> split_merge(std::string_view line, const std::string& where);

struct BpeOptions {
  std::vector<std::pair<std::string, std::string>> merges;  // in the order they were learned
  std::optional<std::string> unknown;  // for characters without a token; left out where there is none
  bool fuse_unknown = false;           // one for a run of them
  bool byte_fallback = false;          // spell them as "<0x41>" where all their bytes are tokens
  bool ignore_merges = false;          // a word that is a token is that token
  std::string continuing_prefix, end_suffix;
};

// UserError that begins with `name` for a merge whose parts or result are no tokens. A word of n characters
// costs O(n log n).
std::unique_ptr<SubwordModel> make_bpe(Vocabulary vocabulary, const BpeOptions& options,
                                       const std::string& name);

}  // namespace why
