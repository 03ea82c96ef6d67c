// The tokens "<0x00>" to "<0xFF>" that spell what a vocabulary has no token for.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "models/formats/tokenizers/vocabulary.h"

namespace why {

class ByteTokens {
 public:
  explicit ByteTokens(const Vocabulary& vocabulary) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    for (std::size_t b = 0; b < ids_.size(); ++b) {
      const char token[] = {'<', '0', 'x', kDigits[b >> 4], kDigits[b & 15], '>'};
      ids_[b] = vocabulary.find(std::string_view(token, sizeof token));
    }
  }
  int id(char byte) const { return ids_[static_cast<unsigned char>(byte)]; }
  bool spells(std::string_view text) const {
    return std::all_of(text.begin(), text.end(), [this](char byte) { return id(byte) >= 0; });
  }

 private:
  std::array<int, 256> ids_{};
};

// Bytes of the character that begins there, in well-formed UTF-8.
inline std::size_t character_length(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

}  // namespace why
