// A tokenizer as the Hugging Face library puts it together:
//
//   text -> added tokens cut out -> normalizer -> added tokens again -> pre-tokenizers -> subword model ->
//   [CLS] … [SEP]
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/formats/tokenizer.h"
#include "models/formats/tokenizers/added_tokens.h"
#include "models/formats/tokenizers/steps.h"
#include "models/formats/tokenizers/subword_model.h"

namespace why {

struct PipelineParts {
  std::string name;  // of the file, for errors
  std::vector<AddedToken> added;
  std::vector<Normalizer> normalizers;
  std::vector<PreTokenizer> pre_tokenizers;
  // From a token of the vocabulary to the text that it spells; empty: they are the same.
  std::function<std::string(const std::string&)> unspell;
  std::unique_ptr<SubwordModel> model;
  std::vector<int> before, after;  // ids put around the text
  bool trim_offsets = false;       // spans of byte-level tokens leave blanks out,
  bool keeps_added_space = true;   // except for one that add_prefix_space put there
  SpecialIds special;
};

// UserError for an added token whose id the vocabulary gives to another, and for ids with a gap behind it.
std::unique_ptr<Tokenizer> make_pipeline(PipelineParts parts);

}  // namespace why
