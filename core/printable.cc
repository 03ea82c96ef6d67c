#include "core/printable.h"

#include <limits>

namespace why {
namespace {

// Length of the UTF-8 character at the front; 0 when there is none.
std::size_t character_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (length < 3) return length;
  // overlong forms, surrogates, and what lies beyond U+10FFFF
  const unsigned char next = byte(1);
  const bool outside = (lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) ||
                       (lead == 0xf0 && next < 0x90) || (lead == 0xf4 && next > 0x8f);
  return outside ? 0 : length;
}

std::string escaped(char letter) {
  switch (letter) {
    case '\0':
      return "\\0";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      constexpr char kDigits[] = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(letter);
      return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
}

// U+0000 to U+001F, U+007F, and U+0080 to U+009F, which are C2 80 to C2 9F.
bool is_control(std::string_view character) {
  const auto last = static_cast<unsigned char>(character.back());
  if (character.size() == 1) return last < 0x20 || last == 0x7f;
  return character.size() == 2 && static_cast<unsigned char>(character.front()) == 0xc2 && last < 0xa0;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == most) return out + "…";
    const std::size_t length = character_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (length > 0 && !is_control(character))
      out += character;
    else
      for (const char letter : character) out += escaped(letter);
    text.remove_prefix(character.size());
  }
  return out;
}

std::string printable(std::string_view text) {
  return printable(text, std::numeric_limits<std::size_t>::max());
}

std::string_view json_complaint(std::string_view what) {
  constexpr std::string_view kBehind = "] ";
  const std::size_t end = what.starts_with("[json.exception") ? what.find(kBehind) : what.npos;
  return end == what.npos ? what : what.substr(end + kBehind.size());
}

}  // namespace why
