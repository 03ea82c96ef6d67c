#include "models/formats/tokenizers/bpe.h"

#include <queue>
#include <unordered_map>

#include "core/errors.h"
#include "models/formats/tokenizers/byte_tokens.h"

namespace why {
namespace {

constexpr int kNone = -1;

// A token of the word so far, linked to its neighbours; length 0: joined into the one before it.
struct Symbol {
  int id = 0;
  int previous = kNone, next = kNone;
  std::uint32_t length = 0;
};

struct Merge {
  int rank = 0, result = 0;
};

// Two neighbours that could be joined: the one at `at` and the next.
struct Candidate {
  Merge merge;
  int at = 0;
  bool operator<(const Candidate& other) const {  // the queue gives its largest: lowest rank, then leftmost
    return merge.rank != other.merge.rank ? merge.rank > other.merge.rank : at > other.at;
  }
};

class Bpe : public SubwordModel {
 public:
  Bpe(Vocabulary vocabulary, const BpeOptions& options, const std::string& name)
      : vocabulary_(std::move(vocabulary)), options_(options), bytes_(vocabulary_) {
    options_.merges.clear();
    if (options.unknown) {
      unknown_ = vocabulary_.find(*options.unknown);
      WHY_CHECK(unknown_ >= 0, name, ": the unknown-token \"", *options.unknown,
                "\" is not in the vocabulary");
    }
    for (std::size_t i = 0; i < options.merges.size(); ++i) {
      const std::string &left = options.merges[i].first, &right = options.merges[i].second;
      const auto id = [&](const std::string& token) {
        const int found = vocabulary_.find(token);
        WHY_CHECK(found >= 0, name, ": merge ", i + 1, " (\"", left, "\" \"", right, "\") needs the token \"",
                  token, "\", which is not in the vocabulary");
        return found;
      };
      WHY_CHECK(right.starts_with(options.continuing_prefix), name, ": merge ", i + 1, " (\"", left, "\" \"",
                right, "\") lacks the prefix \"", options.continuing_prefix, "\"");
      const int result = id(left + right.substr(options.continuing_prefix.size()));
      merges_.insert_or_assign(key(id(left), id(right)), Merge{static_cast<int>(i), result});
    }
  }

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void split(std::string_view word, std::vector<Subword>& out) const override {
    if (options_.ignore_merges)
      if (const int id = vocabulary_.find(word); id >= 0)
        return out.push_back({id, 0, static_cast<std::uint32_t>(word.size())});
    std::vector<Symbol> symbols = characters(word);
    join(symbols);
    std::uint32_t begin = 0;
    for (const Symbol& symbol : symbols) {
      if (symbol.length == 0) continue;
      out.push_back({symbol.id, begin, begin + symbol.length});
      begin += symbol.length;
    }
  }

 private:
  static std::uint64_t key(int left, int right) {
    return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
  }

  const Merge* find(const Symbol& left, const Symbol& right) const {
    const auto found = merges_.find(key(left.id, right.id));
    return found == merges_.end() ? nullptr : &found->second;
  }

  std::vector<Symbol> characters(std::string_view word) const {
    std::vector<Symbol> out;
    std::uint32_t fused = 0;  // bytes of unknown characters that wait for more
    const auto append = [&](int id, std::size_t length) {
      const int at = static_cast<int>(out.size());
      if (at > 0) out.back().next = at;
      out.push_back({id, at - 1, kNone, static_cast<std::uint32_t>(length)});
    };
    const auto flush = [&] {
      if (fused > 0) append(unknown_, fused);
      fused = 0;
    };
    for (std::size_t begin = 0, end = 0; begin < word.size(); begin = end) {
      end = begin + character_length(word, begin);
      const std::string_view character = word.substr(begin, end - begin);
      const int id = find_character(character, begin == 0, end == word.size());
      if (id >= 0) {
        flush();
        append(id, character.size());
      } else if (options_.byte_fallback && bytes_.spells(character)) {
        for (const char byte : character) append(bytes_.id(byte), 1);
      } else if (unknown_ >= 0) {
        if (!options_.fuse_unknown) flush();
        fused += static_cast<std::uint32_t>(character.size());
      }
    }
    flush();
    return out;
  }

  int find_character(std::string_view character, bool first, bool last) const {
    const bool prefixed = !first && !options_.continuing_prefix.empty();
    const bool suffixed = last && !options_.end_suffix.empty();
    if (!prefixed && !suffixed) return vocabulary_.find(character);
    return vocabulary_.find((prefixed ? options_.continuing_prefix : "") + std::string(character) +
                            (suffixed ? options_.end_suffix : ""));
  }

  void join(std::vector<Symbol>& symbols) const {
    std::priority_queue<Candidate> queue;
    const auto consider = [&](int at) {
      if (at == kNone || symbols[at].next == kNone) return;
      if (const Merge* merge = find(symbols[at], symbols[symbols[at].next])) queue.push({*merge, at});
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) consider(static_cast<int>(i));
    while (!queue.empty()) {
      const Candidate top = queue.top();
      queue.pop();
      Symbol& left = symbols[top.at];
      if (left.length == 0 || left.next == kNone) continue;
      Symbol& right = symbols[left.next];
      const Merge* merge = find(left, right);
      if (!merge || merge->result != top.merge.result)
        continue;  // one of them was joined elsewhere meanwhile
      left.id = top.merge.result;
      left.length += right.length;
      right.length = 0;
      left.next = right.next;
      if (left.next != kNone) symbols[left.next].previous = top.at;
      consider(left.previous);
      consider(top.at);
    }
  }

  Vocabulary vocabulary_;
  BpeOptions options_;  // without the merges
  ByteTokens bytes_;
  int unknown_ = kNone;
  std::unordered_map<std::uint64_t, Merge> merges_;
};

}  // namespace

std::pair<std::string, std::string> split_merge(std::string_view line, const std::string& where) {
  const auto blank = line.find(' ');
  WHY_CHECK(blank != 0 && blank < line.size() - 1 && line.find(' ', blank + 1) == std::string_view::npos,
            where, ": \"", line, "\" is not two tokens with a blank between them");
  return {std::string(line.substr(0, blank)), std::string(line.substr(blank + 1))};
}

std::unique_ptr<SubwordModel> make_bpe(Vocabulary vocabulary, const BpeOptions& options,
                                       const std::string& name) {
  return std::make_unique<Bpe>(std::move(vocabulary), options, name);
}

}  // namespace why
