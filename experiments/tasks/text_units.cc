#include "experiments/tasks/text_units.h"

#include <unicode/brkiter.h>

#include <algorithm>
#include <memory>

#include "core/errors.h"
#include "models/formats/tokenizers/aligned_text.h"
#include "models/formats/tokenizers/unicode.h"

namespace why {
namespace {

bool is_letter_or_digit(char32_t c) {
  const auto kind = unicode::kind(c);
  return kind == unicode::Kind::letter || kind == unicode::Kind::number;
}

// Spans of the special tokens that are written in the text, in its order.
std::vector<TextSpan> written_special(const Encoding& encoding) {
  std::vector<TextSpan> out;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i)
    if (encoding.special[i] && !encoding.spans[i].empty()) out.push_back(encoding.spans[i]);
  return out;
}

bool within(const AlignedChar& character, const std::vector<TextSpan>& spans) {
  const auto next = std::upper_bound(spans.begin(), spans.end(), character.begin,
                                     [](std::size_t at, const TextSpan& span) { return at < span.begin; });
  return next != spans.begin() && character.begin < std::prev(next)->end;
}

// A text's characters, and which of them belong to no part.
class Characters {
 public:
  Characters(std::string_view text, const Encoding& encoding)
      : characters_(decode_utf8(text)), special_(written_special(encoding)) {}

  // Stretches between white space and special tokens.
  std::vector<TextSpan> words() const {
    std::vector<TextSpan> out;
    bool open = false;
    for (const auto& character : characters_) {
      const bool apart = unicode::is_space(character.c) || within(character, special_);
      if (!apart && !open) out.push_back({character.begin, character.end});
      if (!apart) out.back().end = character.end;
      open = !apart;
    }
    return out;
  }

  // Without the white space at its ends.
  TextSpan trimmed(TextSpan span) const {
    auto first = at(span.begin), last = at(span.end);
    while (first != last && unicode::is_space(first->c)) ++first;
    while (first != last && unicode::is_space(std::prev(last)->c)) --last;
    return first == last ? TextSpan{} : TextSpan{first->begin, std::prev(last)->end};
  }

  bool holds_letter_or_digit(TextSpan span) const {
    return std::any_of(at(span.begin), at(span.end), [&](const AlignedChar& character) {
      return is_letter_or_digit(character.c) && !within(character, special_);
    });
  }

 private:
  AlignedText::const_iterator at(std::size_t byte) const {
    return std::lower_bound(
        characters_.begin(), characters_.end(), byte,
        [](const AlignedChar& character, std::size_t wanted) { return character.begin < wanted; });
  }

  AlignedText characters_;
  std::vector<TextSpan> special_;
};

std::vector<TextSpan> sentences(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), status));
  UText* bytes = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status);
  WHY_ASSERT(U_SUCCESS(status));
  breaks->setText(bytes, status);
  std::vector<TextSpan> out;
  for (std::int32_t begin = breaks->first(), end = breaks->next(); end != icu::BreakIterator::DONE;
       begin = end, end = breaks->next())
    out.push_back({static_cast<std::size_t>(begin), static_cast<std::size_t>(end)});
  utext_close(bytes);
  WHY_ASSERT(U_SUCCESS(status));
  return out;
}

std::size_t shared_bytes(TextSpan a, TextSpan b) {
  const std::size_t begin = std::max(a.begin, b.begin), end = std::min(a.end, b.end);
  return begin < end ? end - begin : 0;
}

// Each token goes to the stretch that it shares most with, the first of equals. Stretches are ascending.
std::vector<TextNode> with_tokens(const std::vector<TextSpan>& stretches, const Encoding& encoding) {
  std::vector<TextNode> out;
  for (const auto& span : stretches) out.push_back({span, {}});
  for (std::size_t token = 0; token < encoding.ids.size(); ++token) {
    const TextSpan span = encoding.spans[token];
    if (encoding.special[token] || span.empty()) continue;
    auto part = std::partition_point(out.begin(), out.end(),
                                     [&](const TextNode& each) { return each.span.end <= span.begin; });
    auto best = out.end();
    for (; part != out.end() && part->span.begin < span.end; ++part)
      if (best == out.end() || shared_bytes(part->span, span) > shared_bytes(best->span, span)) best = part;
    if (best != out.end()) best->tokens.push_back(static_cast<int>(token));
  }
  return out;
}

std::vector<TextNode> pieces(const Characters& characters, const Encoding& encoding) {
  std::vector<TextNode> out;
  for (std::size_t token = 0; token < encoding.ids.size(); ++token) {
    const TextSpan span = characters.trimmed(encoding.spans[token]);
    if (!encoding.special[token] && !span.empty()) out.push_back({span, {static_cast<int>(token)}});
  }
  return out;
}

}  // namespace

const std::vector<std::string> kUnits = {"word", "piece", "sentence"};

TextUnit parse_unit(const std::string& name) {
  check_known("unit", name, kUnits);
  const auto found = std::find(kUnits.begin(), kUnits.end(), name);
  return static_cast<TextUnit>(found - kUnits.begin());  // in the order of the enumeration
}

std::vector<TextNode> text_nodes(std::string_view text, const Encoding& encoding, TextUnit unit) {
  const Characters characters(text, encoding);
  if (unit == TextUnit::piece) return pieces(characters, encoding);

  std::vector<TextSpan> stretches;
  if (unit == TextUnit::word)
    stretches = characters.words();
  else
    for (const auto& sentence : sentences(text)) stretches.push_back(characters.trimmed(sentence));
  std::erase_if(stretches, [&](TextSpan span) { return !characters.holds_letter_or_digit(span); });
  auto out = with_tokens(stretches, encoding);
  std::erase_if(out, [](const TextNode& part) { return part.tokens.empty(); });
  return out;
}

std::string valid_utf8(std::string_view text) { return to_utf8(decode_utf8(text)); }

}  // namespace why
