#include "models/formats/tokenizers/aligned_text.h"

#include <unicode/utf8.h>

#include <limits>

#include "core/errors.h"
#include "models/formats/tokenizers/unicode.h"

namespace why {

AlignedText decode_utf8(std::string_view text) {
  WHY_CHECK(text.size() < std::numeric_limits<std::int32_t>::max(), "a text of ", text.size(),
            " bytes is too long; at most 2 GB can be read at once");
  AlignedText out;
  out.reserve(text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, c);
    out.push_back(
        {static_cast<char32_t>(c), static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)});
  }
  return out;
}

AlignedText to_aligned(std::string_view text) {
  AlignedText out = decode_utf8(text);
  for (auto& c : out) c.begin = c.end = 0;
  return out;
}

std::string to_utf8(const AlignedText& text) {
  std::string out;
  out.reserve(text.size());
  for (const auto& c : text) unicode::append_utf8(out, c.c);
  return out;
}

std::u32string to_utf32(const AlignedText& text) {
  std::u32string out;
  out.reserve(text.size());
  for (const auto& c : text) out.push_back(c.c);
  return out;
}

}  // namespace why
