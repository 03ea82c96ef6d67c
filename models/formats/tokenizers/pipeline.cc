#include "models/formats/tokenizers/pipeline.h"

#include <algorithm>
#include <map>

#include "core/errors.h"
#include "models/formats/tokenizers/unicode.h"

namespace why {
namespace {

AlignedText normalize(const std::vector<Normalizer>& normalizers, AlignedText text) {
  for (const auto& normalizer : normalizers) text = normalizer(std::move(text));
  return text;
}

// A word as bytes, and the character that each byte belongs to.
struct Word {
  explicit Word(const AlignedText& text) {
    for (const auto& c : text) {
      unicode::append_utf8(bytes, c.c);
      characters.resize(bytes.size(), &c);
    }
  }
  TextSpan span(const Subword& part) const {
    if (part.begin >= part.end || part.end > characters.size()) return {};
    return {characters[part.begin]->begin, characters[part.end - 1]->end};
  }

  std::string bytes;
  std::vector<const AlignedChar*> characters;
};

class Pipeline : public Tokenizer {
 public:
  explicit Pipeline(PipelineParts parts) : parts_(std::move(parts)) {
    check_added();
    std::vector<AddedToken> raw, normalized;
    for (const auto& token : parts_.added) (token.normalized ? normalized : raw).push_back(token);
    raw_ = AddedTokens(raw, {});
    normalized_ = AddedTokens(
        normalized, [this](AlignedText text) { return normalize(parts_.normalizers, std::move(text)); });
  }

  const SpecialIds& special() const override { return parts_.special; }
  int size() const override { return size_; }
  std::string token(int id) const override {
    WHY_CHECK(id >= 0 && id < size_, parts_.name, ": there is no token ", id, "; ids are 0 to ", size_ - 1);
    if (const auto found = added_names_.find(id); found != added_names_.end()) return found->second;
    return parts_.model->vocabulary().token(id);
  }

  std::string text(int id) const override {
    const std::string written = token(id);
    return parts_.unspell && !added_names_.count(id) ? parts_.unspell(written) : written;
  }

  Encoding encode(std::string_view text) const override {
    Encoding out;
    for (const int id : parts_.before) append(out, id, {}, true);
    for (Part& part : cut({decode_utf8(text), 0})) {
      if (const auto* found = std::get_if<FoundToken>(&part))
        append_found(*found, text, out);
      else
        append_words(std::get<Piece>(std::move(part)), text, out);
    }
    for (const int id : parts_.after) append(out, id, {}, true);
    return out;
  }

 private:
  void check_added() {
    const Vocabulary& vocabulary = parts_.model->vocabulary();
    size_ = vocabulary.size();
    std::stable_sort(parts_.added.begin(), parts_.added.end(),
                     [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
    for (const auto& token : parts_.added) {
      const int known = vocabulary.find(token.content);
      WHY_CHECK(known < 0 || known == token.id, parts_.name, ": the added token \"", token.content,
                "\" has the id ", token.id, ", but the vocabulary gives it ", known);
      WHY_CHECK(known >= 0 || token.id >= vocabulary.size(), parts_.name, ": the added token \"",
                token.content, "\" has the id ", token.id, ", which is that of \"",
                vocabulary.token(std::clamp(token.id, 0, vocabulary.size() - 1)), "\"");
      const auto [at, fresh] = added_names_.emplace(token.id, token.content);
      WHY_CHECK(fresh || at->second == token.content, parts_.name, ": the added tokens \"", at->second,
                "\" and \"", token.content, "\" have the same id ", token.id);
      WHY_CHECK(token.id <= size_, parts_.name, ": the added token \"", token.content, "\" has the id ",
                token.id, ", but there are only ", size_, " tokens before it");
      size_ = std::max(size_, token.id + 1);
    }
  }

  std::vector<Part> cut(Piece text) const {
    std::vector<Part> raw, out;
    raw_.cut(std::move(text), raw);
    for (Part& part : raw) {
      if (auto* piece = std::get_if<Piece>(&part)) {
        piece->text = normalize(parts_.normalizers, std::move(piece->text));
        normalized_.cut(std::move(*piece), out);
      } else {
        out.push_back(std::move(part));
      }
    }
    return out;
  }

  void append_found(const FoundToken& found, std::string_view text, Encoding& out) const {
    const TextSpan span{found.text.front().begin, found.text.back().end};
    append(out, found.id, trimmed(found.text, span, text, out), found.special);
  }

  void append_words(Piece piece, std::string_view text, Encoding& out) const {
    std::vector<Piece> words, next;
    words.push_back(std::move(piece));
    for (const auto& pre_tokenizer : parts_.pre_tokenizers) {
      next.clear();
      for (Piece& word : words) pre_tokenizer(std::move(word), next);
      words.swap(next);
    }
    std::vector<Subword> subwords;
    for (const Piece& part : words) {
      if (part.text.empty()) continue;
      const Word word(part.text);
      subwords.clear();
      parts_.model->split(word.bytes, subwords);
      for (const Subword& subword : subwords) {
        TextSpan span = word.span(subword);
        if (parts_.trim_offsets) span = trimmed(to_aligned(token(subword.id)), span, text, out);
        append(out, subword.id, span, false);
      }
    }
  }

  // The span without the blanks at the token's ends: byte-level BPE puts a word's blank into its first token.
  TextSpan trimmed(const AlignedText& token, TextSpan span, std::string_view text,
                   const Encoding& before) const {
    if (!parts_.trim_offsets) return span;
    const auto blank = [](const AlignedChar& c) { return c.c == U'Ġ' || unicode::is_space(c.c); };
    auto left = std::find_if_not(token.begin(), token.end(), blank) - token.begin();
    auto right = std::find_if_not(token.rbegin(), token.rend(), blank) - token.rbegin();
    const bool first = before.ids.size() == parts_.before.size() || span.begin == 0;
    if (first && parts_.keeps_added_space && left == 1) left = 0;
    const auto inside = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
    for (; left > 0 && span.begin < span.end; --left) do
        ++span.begin;
      while (span.begin < span.end && inside(span.begin));
    for (; right > 0 && span.begin < span.end; --right) do
        --span.end;
      while (span.begin < span.end && inside(span.end));
    return span;
  }

  static void append(Encoding& out, int id, TextSpan span, bool special) {
    out.ids.push_back(id);
    out.spans.push_back(span);
    out.special.push_back(special);
  }

  PipelineParts parts_;
  AddedTokens raw_, normalized_;
  std::map<int, std::string> added_names_;
  int size_ = 0;
};

}  // namespace

std::unique_ptr<Tokenizer> make_pipeline(PipelineParts parts) {
  return std::make_unique<Pipeline>(std::move(parts));
}

}  // namespace why
