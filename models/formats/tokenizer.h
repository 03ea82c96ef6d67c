// Text to token ids and back to the bytes it came from. No Torch.
//
// Every token keeps the bytes of the original text that it stands for, so that pieces merge into whole words
// and a report shows the text as it was written. Ids are those of the Hugging Face fast tokenizers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.h"

namespace why {

// Bytes [begin, end) of the text as it was given.
struct TextSpan {
  std::size_t begin = 0, end = 0;
  bool empty() const { return begin == end; }
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

struct Encoding {
  Sequence ids;                       // special tokens included
  std::vector<TextSpan> spans;        // one an id; {0, 0} for a token that the tokenizer added
  std::vector<std::uint8_t> special;  // one an id; 1: [CLS], <s>, ..., added or written in the text
};

// -1: the model has none.
struct SpecialIds {
  int cls = -1, sep = -1, pad = -1, mask = -1, unknown = -1;
};

// How many special tokens the tokenizer put behind the text.
std::size_t added_behind(const Encoding& encoding);

// At most `max_length` tokens: what is longer loses its end, but keeps the special tokens that stand there.
// The answer is `max_length` tokens long then, fewer only if the special tokens alone are more.
Encoding cut_to(Encoding encoding, std::size_t max_length);

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Ids of one text, between its special tokens ([CLS] … [SEP], <s> … </s>), never cut to a length. Any bytes
  // are taken: invalid UTF-8 stands for U+FFFD. Thread-safe.
  virtual Encoding encode(std::string_view text) const = 0;

  virtual const SpecialIds& special() const = 0;
  virtual int size() const = 0;                 // ids are 0 .. size - 1
  virtual std::string token(int id) const = 0;  // as the vocabulary writes it: "##ing", "Ġthe", "▁the"
  // What it stands for in a text: "##ing", " the", " the"; as the vocabulary writes it where its bytes are no
  // text of their own.
  virtual std::string text(int id) const = 0;
};

// From a bundle or a Hugging Face folder: tokenizer.json, or else vocab.txt, vocab.json with merges.txt, or a
// SentencePiece model, with what tokenizer_config.json says about them. UserError that names the file for one
// that is missing, damaged or of an unknown kind.
std::unique_ptr<Tokenizer> open_tokenizer(const std::filesystem::path& folder);

// Of a folder that may also be an adapter to a base that holds the tokenizer.
std::unique_ptr<Tokenizer> open_tokenizer_of_model(const std::filesystem::path& folder);

}  // namespace why
