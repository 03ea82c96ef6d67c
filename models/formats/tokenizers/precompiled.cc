#include "models/formats/tokenizers/precompiled.h"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <cstring>
#include <memory>
#include <optional>

#include "core/errors.h"
#include "models/formats/tokenizers/unicode.h"

namespace why {
namespace {

constexpr std::size_t kShortGrapheme = 5;  // bytes

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// The layout of Darts-clone: u32 bytes of the trie | its units | replacements, each ended by a zero byte.
class Rules {
 public:
  Rules(std::string_view blob, const std::string& name) {
    std::uint32_t bytes = 0;
    WHY_CHECK(blob.size() > sizeof bytes, name, " is too short for normalization rules");
    std::memcpy(&bytes, blob.data(), sizeof bytes);
    blob.remove_prefix(sizeof bytes);
    WHY_CHECK(bytes >= sizeof(std::uint32_t) && bytes % sizeof(std::uint32_t) == 0 && bytes <= blob.size(),
              name, " says that its rules have ", bytes, " bytes, but holds ", blob.size());
    units_.resize(bytes / sizeof(std::uint32_t));
    std::memcpy(units_.data(), blob.data(), bytes);
    replacements_ = blob.substr(bytes);
    replacements_.push_back('\0');
  }

  // Of the shortest rule that begins the text.
  std::optional<std::string_view> find(std::string_view text) const {
    std::size_t at = offset(units_[0]);
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      at ^= byte;
      if (byte == 0 || at >= units_.size() || label(units_[at]) != byte) return std::nullopt;
      const std::uint32_t unit = units_[at];
      at ^= offset(unit);
      if (!has_leaf(unit)) continue;
      if (at >= units_.size()) return std::nullopt;
      const std::size_t begin = units_[at] & 0x7FFFFFFF;
      if (begin >= replacements_.size()) return std::nullopt;
      return std::string_view(replacements_.c_str() + begin);
    }
    return std::nullopt;
  }

 private:
  static std::size_t offset(std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }
  static std::uint32_t label(std::uint32_t unit) { return unit & ((1U << 31) | 0xFF); }
  static bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

// Where the graphemes of a text end.
std::vector<std::size_t> grapheme_ends(const AlignedText& text) {
  std::vector<std::size_t> out;
  const bool plain =
      std::all_of(text.begin(), text.end(), [](const AlignedChar& c) { return c.c < 0x80 && c.c != '\r'; });
  if (plain) {
    for (std::size_t i = 1; i <= text.size(); ++i) out.push_back(i);
    return out;
  }
  static const auto prototype = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    WHY_ASSERT(U_SUCCESS(status));
    return made;
  }();
  icu::UnicodeString utf16;
  for (const auto& c : text) utf16.append(static_cast<UChar32>(c.c));
  const std::unique_ptr<icu::BreakIterator> breaks(prototype->clone());
  breaks->setText(utf16);
  std::size_t at = 0;
  std::int32_t unit = 0;
  for (std::int32_t end = breaks->next(); end != icu::BreakIterator::DONE; end = breaks->next()) {
    for (; unit < end; ++at) unit += U16_LENGTH(text[at].c);
    out.push_back(at);
  }
  return out;
}

// Replaces `count` characters: one for one, and what is left over is inserted or skipped at the end.
void rewrite(Rewriter& out, std::size_t count, std::string_view with) {
  const AlignedText replacement = to_aligned(with);
  std::size_t i = 0;
  for (; i < replacement.size() && i < count; ++i) out.replace(replacement[i].c);
  for (; i < replacement.size(); ++i) out.insert(replacement[i].c);
  if (replacement.size() < count) out.skip(count - replacement.size());
}

AlignedText apply_rules(const Rules& rules, const AlignedText& text) {
  Rewriter out(text);
  std::size_t begin = 0;
  for (const std::size_t end : grapheme_ends(text)) {
    std::string bytes;
    for (std::size_t i = begin; i < end; ++i) unicode::append_utf8(bytes, text[i].c);
    const auto whole = bytes.size() <= kShortGrapheme ? rules.find(bytes) : std::nullopt;
    if (whole) {
      rewrite(out, end - begin, *whole);
    } else {
      for (std::size_t i = begin; i < end; ++i) {
        std::string character;
        unicode::append_utf8(character, text[i].c);
        if (const auto alone = rules.find(character))
          rewrite(out, 1, *alone);
        else
          out.keep();
      }
    }
    begin = end;
  }
  return out.take();
}

}  // namespace

std::string decode_base64(std::string_view text, const std::string& name) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    WHY_CHECK(digit >= 0, name, " is not base64");
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count & 0xFF));
  }
  return out;
}

Normalizer precompiled_normalizer(std::string_view rules, const std::string& name) {
  const auto parsed = std::make_shared<const Rules>(rules, name);
  return [parsed](AlignedText text) { return apply_rules(*parsed, text); };
}

}  // namespace why
