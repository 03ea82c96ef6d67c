#include "models/formats/tokenizers/unigram.h"

#include <algorithm>
#include <limits>

#include "core/errors.h"
#include "models/formats/tokenizers/byte_tokens.h"
#include "models/formats/tokenizers/prefix_tree.h"

namespace why {
namespace {

constexpr double kUnknownPenalty = 10;  // below the lowest score
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

class Unigram : public SubwordModel {
 public:
  Unigram(Vocabulary vocabulary, const UnigramOptions& options)
      : vocabulary_(std::move(vocabulary)), options_(options), tree_(vocabulary_), bytes_(vocabulary_) {
    WHY_ASSERT(options_.scores.size() == static_cast<std::size_t>(vocabulary_.size()));
    WHY_ASSERT(options_.unknown < vocabulary_.size());
    unknown_score_ = *std::min_element(options_.scores.begin(), options_.scores.end()) - kUnknownPenalty;
  }

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void split(std::string_view word, std::vector<Subword>& out) const override {
    std::vector<Subword> reversed = best_path(word);
    for (auto part = reversed.rbegin(); part != reversed.rend(); ++part) append(word, *part, out);
  }

 private:
  struct Node {
    double score = 0;
    std::size_t begin = kNowhere;  // of the token that ends here on the best way
    int id = 0;
  };

  // From the last token to the first; runs of unknown characters are one.
  std::vector<Subword> best_path(std::string_view word) const {
    std::vector<Node> ends(word.size() + 1);
    for (std::size_t begin = 0; begin < word.size(); begin += character_length(word, begin)) {
      const double before = ends[begin].score;
      const auto offer = [&](int id, std::size_t length, double score) {
        Node& node = ends[begin + length];
        if (node.begin == kNowhere || before + score > node.score) node = {before + score, begin, id};
      };
      bool single = false;
      const std::size_t character = character_length(word, begin);
      tree_.each_prefix(word.substr(begin), [&](int id, std::size_t length) {
        offer(id, length, options_.scores[static_cast<std::size_t>(id)]);
        single = single || length == character;
      });
      if (single) continue;
      WHY_CHECK(options_.unknown >= 0, "\"", word.substr(begin, character),
                "\" is not in the vocabulary, and the vocabulary has no unknown-token");
      offer(options_.unknown, character, unknown_score_);
    }
    std::vector<Subword> out;
    for (std::size_t end = word.size(); end > 0; end = ends[end].begin) {
      const Node& node = ends[end];
      const auto begin = static_cast<std::uint32_t>(node.begin);
      if (!out.empty() && node.id == options_.unknown && out.back().id == options_.unknown)
        out.back().begin = begin;
      else
        out.push_back({node.id, begin, static_cast<std::uint32_t>(end)});
    }
    return out;
  }

  void append(std::string_view word, Subword part, std::vector<Subword>& out) const {
    if (part.id != options_.unknown) return out.push_back(part);
    // A run may spell a token that was not the best way there.
    const std::string_view run = word.substr(part.begin, part.end - part.begin);
    if (const int id = vocabulary_.find(run); id >= 0) return out.push_back({id, part.begin, part.end});
    if (!options_.byte_fallback || !bytes_.spells(run)) return out.push_back(part);
    for (const char byte : run) out.push_back({bytes_.id(byte), part.begin, part.end});
  }

  Vocabulary vocabulary_;
  UnigramOptions options_;
  PrefixTree tree_;
  ByteTokens bytes_;
  double unknown_score_ = 0;
};

}  // namespace

std::unique_ptr<SubwordModel> make_unigram(Vocabulary vocabulary, const UnigramOptions& options) {
  return std::make_unique<Unigram>(std::move(vocabulary), options);
}

}  // namespace why
