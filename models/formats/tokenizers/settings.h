// What tokenizer_config.json, special_tokens_map.json and added_tokens.json say about a tokenizer.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/formats/tokenizers/added_tokens.h"

namespace why {

struct TokenizerSettings {
  std::string tokenizer_class;  // "BertTokenizer", without "Fast"; empty: not said
  std::optional<bool> do_lower_case, strip_accents, tokenize_chinese_chars, keep_accents, add_prefix_space;
  std::map<std::string, AddedToken> special;  // by role ("mask_token"); the id is not known here
  std::vector<AddedToken> added;              // with their ids

  // The token of that role, or else `otherwise`.
  AddedToken role(const std::string& name, const std::string& otherwise) const;
};

// Files that are not there say nothing. UserError for one that is damaged.
TokenizerSettings read_settings(const std::filesystem::path& folder);

}  // namespace why
