// A SentencePiece model file, read and checked by SentencePiece's own library.
//
// The unigram models of XLM-R and ALBERT are taken apart, so that ids are those of the tokenizer that
// Transformers makes of such a file. (SentencePiece itself differs from it in rare texts: it applies the
// longest normalization rule at each place, they one rule a grapheme.) BPE models are asked as they are.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/formats/tokenizers/subword_model.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace why {

class SentencePieceModel {
 public:
  enum class Type { unigram, bpe };

  struct Piece {
    std::string text;
    double score = 0;
    bool control = false, unknown = false;
  };

  // UserError for a file that is no model, and for one of a type that is neither unigram nor BPE.
  explicit SentencePieceModel(const std::filesystem::path& file);

  Type type() const { return type_; }
  const std::vector<Piece>& pieces() const { return pieces_; }  // by the file's own ids
  const std::string& rules() const { return rules_; }           // of normalization; empty: none

  // The library as it is; ids[i] is the id of the file's piece i in the vocabulary.
  std::unique_ptr<SubwordModel> as_it_is(Vocabulary vocabulary, std::vector<int> ids) const;

 private:
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
  Type type_ = Type::unigram;
  std::vector<Piece> pieces_;
  std::string rules_;
};

}  // namespace why
