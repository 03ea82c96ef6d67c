#include "models/formats/tokenizers/added_tokens.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "models/formats/tokenizers/unicode.h"

namespace why {
namespace {

bool is_word(const AlignedChar& c) {
  const auto point = static_cast<UChar32>(c.c);
  constexpr std::uint32_t kWord = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  return u_isUAlphabetic(point) || (U_GET_GC_MASK(point) & kWord) != 0 || point == 0x200C || point == 0x200D;
}

bool is_space(const AlignedChar& c) { return unicode::is_space(c.c); }

AlignedText slice(const AlignedText& text, std::size_t begin, std::size_t end) {
  return AlignedText(text.begin() + static_cast<std::ptrdiff_t>(begin),
                     text.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace

AddedTokens::AddedTokens(const std::vector<AddedToken>& tokens, const Normalizer& normalizer) {
  for (const AddedToken& token : tokens) {
    AlignedText text = to_aligned(token.content);
    if (normalizer) text = normalizer(std::move(text));
    if (!text.empty()) by_first_[text.front().c].push_back({to_utf32(text), token});
  }
  for (auto& [first, patterns] : by_first_)
    std::stable_sort(patterns.begin(), patterns.end(),
                     [](const Pattern& a, const Pattern& b) { return a.text.size() > b.text.size(); });
}

const AddedTokens::Pattern* AddedTokens::match(const AlignedText& text, std::size_t at) const {
  const auto found = by_first_.find(text[at].c);
  if (found == by_first_.end()) return nullptr;
  const auto same = [](char32_t a, const AlignedChar& b) { return a == b.c; };
  for (const Pattern& pattern : found->second)
    if (pattern.text.size() <= text.size() - at &&
        std::equal(pattern.text.begin(), pattern.text.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                   same))
      return &pattern;
  return nullptr;
}

void AddedTokens::cut(Piece piece, std::vector<Part>& out) const {
  const AlignedText& text = piece.text;
  std::size_t rest = 0;  // what is not appended yet begins here
  const auto append_text = [&](std::size_t end) {
    if (rest < end) out.push_back(Piece{slice(text, rest, end), rest == 0 ? piece.begin : text[rest].begin});
  };
  for (std::size_t at = by_first_.empty() ? text.size() : 0; at < text.size();) {
    const Pattern* found = match(text, at);
    if (!found) {
      ++at;
      continue;
    }
    std::size_t begin = at, end = at + found->text.size();
    at = end;
    const AddedToken& token = found->token;
    const bool inside_word =
        (begin > 0 && is_word(text[begin - 1])) || (end < text.size() && is_word(text[end]));
    if (token.single_word && inside_word) continue;
    if (token.strip_left)
      while (begin > rest && is_space(text[begin - 1])) --begin;
    if (token.strip_right)
      while (end < text.size() && is_space(text[end])) ++end;
    append_text(begin);
    out.push_back(FoundToken{slice(text, begin, end), token.id, token.special});
    rest = end;
    at = std::max(at, end);
  }
  if (rest == 0)
    out.push_back(std::move(piece));
  else
    append_text(text.size());
}

}  // namespace why
