#include "models/formats/tokenizers/wordpiece.h"

#include <algorithm>

#include "core/errors.h"

namespace why {
namespace {

bool begins_character(char byte) { return (byte & 0xC0) != 0x80; }

class WordPiece : public SubwordModel {
 public:
  WordPiece(Vocabulary vocabulary, const WordPieceOptions& options)
      : vocabulary_(std::move(vocabulary)), options_(options), unknown_(vocabulary_.find(options.unknown)) {}

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void split(std::string_view word, std::vector<Subword>& out) const override {
    const std::size_t first = out.size();
    if (static_cast<std::size_t>(std::count_if(word.begin(), word.end(), begins_character)) >
        options_.max_characters)
      return out.push_back(unknown(word));
    std::string rest(word);  // what is left, behind the prefix from the second subword on
    std::size_t begin = 0;
    while (begin < word.size()) {
      const std::size_t offset = begin == 0 ? 0 : options_.prefix.size();
      const auto [id, length] = longest_start(rest, offset);
      if (id < 0) {
        out.resize(first);
        return out.push_back(unknown(word));
      }
      out.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + length)});
      begin += length;
      rest.assign(options_.prefix).append(word.substr(begin));
    }
  }

 private:
  struct Start {
    int id = -1;
    std::size_t length = 0;  // bytes, without the prefix
  };

  Start longest_start(std::string_view text, std::size_t prefix) const {
    for (std::size_t end = std::min(text.size(), vocabulary_.longest()); end > prefix; --end) {
      if (end < text.size() && !begins_character(text[end])) continue;
      const int id = vocabulary_.find(text.substr(0, end));
      if (id >= 0) return {id, end - prefix};
    }
    return {};
  }

  Subword unknown(std::string_view word) const {
    WHY_CHECK(unknown_ >= 0, "the word \"", word, "\" is not in the vocabulary, and the vocabulary has no \"",
              options_.unknown, "\"");
    return {unknown_, 0, static_cast<std::uint32_t>(word.size())};
  }

  Vocabulary vocabulary_;
  WordPieceOptions options_;
  int unknown_;
};

}  // namespace

std::unique_ptr<SubwordModel> make_wordpiece(Vocabulary vocabulary, const WordPieceOptions& options) {
  return std::make_unique<WordPiece>(std::move(vocabulary), options);
}

}  // namespace why
