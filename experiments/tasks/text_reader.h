// A text as a text model takes it, and the parts of it that may explain the answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/tasks/text_units.h"
#include "models/formats/tokenizer.h"
#include "models/model.h"

namespace why {

struct TextInput {
  std::string text;             // valid UTF-8; the spans of the nodes are bytes of it
  Sequence ids;                 // what the model sees, special tokens included
  std::vector<TextNode> nodes;  // at least two
  int target = 0;               // the token explained: the first one, or the mask
  std::size_t num_tokens = 0;   // of the whole text
  std::vector<std::string> warnings;
};

class TextReader {
 public:
  // The bundle is a classifier or a masked-lm, the tokenizer its own. UserError for one without the token
  // that is explained.
  TextReader(const BundleInfo& model, std::shared_ptr<const Tokenizer> tokenizer, TextUnit unit);

  // A text longer than the model takes loses its end, with a warning that counts the words. "[MASK]" stands
  // for the tokenizer's mask token, whatever that is called. UserError for a text that cannot be explained:
  // empty, without letters and digits, of one part only (without it nothing is left to answer from), or,
  // where a masked word is asked for, without a mask or with several.
  TextInput read(std::string_view text) const;

  // The same of a text that may have fewer than two parts.
  TextInput look_at(std::string_view text) const;

  TextUnit unit() const { return unit_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }

 private:
  std::string prepared(std::string_view text) const;
  void cut(TextInput& input, Encoding& encoding) const;
  int target_of(const Encoding& encoding) const;

  BundleInfo model_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  TextUnit unit_;
};

}  // namespace why
