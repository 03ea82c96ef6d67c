#include "models/formats/tokenizers/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "core/errors.h"

namespace why::unicode {
namespace {

UChar32 point(char32_t c) { return static_cast<UChar32>(c); }

// Assigned in Unicode `major` or before.
bool known_to(int major, char32_t c) {
  UVersionInfo age;
  u_charAge(point(c), age);
  return age[0] != 0 && age[0] <= major;
}

bool is_category(char32_t c, std::uint32_t mask) { return (U_GET_GC_MASK(point(c)) & mask) != 0; }

// Letters and numbers of Unicode 15.1 and 16, which ICU 72 does not know.
struct Range {
  char32_t first, last;
  Kind kind;
};
constexpr Range kNewer[] = {
    {0x1C89, 0x1C8A, Kind::letter},   {0xA7CB, 0xA7CD, Kind::letter},   {0xA7DA, 0xA7DC, Kind::letter},
    {0x105C0, 0x105F3, Kind::letter}, {0x10D40, 0x10D49, Kind::number}, {0x10D4A, 0x10D65, Kind::letter},
    {0x10D6F, 0x10D85, Kind::letter}, {0x10EC2, 0x10EC4, Kind::letter}, {0x11380, 0x11389, Kind::letter},
    {0x1138B, 0x1138B, Kind::letter}, {0x1138E, 0x1138E, Kind::letter}, {0x11390, 0x113B5, Kind::letter},
    {0x113B7, 0x113B7, Kind::letter}, {0x113D1, 0x113D1, Kind::letter}, {0x113D3, 0x113D3, Kind::letter},
    {0x116D0, 0x116E3, Kind::number}, {0x11BC0, 0x11BE0, Kind::letter}, {0x11BF0, 0x11BF9, Kind::number},
    {0x13460, 0x143FA, Kind::letter}, {0x16100, 0x1611D, Kind::letter}, {0x16130, 0x16139, Kind::number},
    {0x16D40, 0x16D6C, Kind::letter}, {0x16D70, 0x16D79, Kind::number}, {0x18CFF, 0x18CFF, Kind::letter},
    {0x1CCF0, 0x1CCF9, Kind::number}, {0x1E5D0, 0x1E5ED, Kind::letter}, {0x1E5F0, 0x1E5F0, Kind::letter},
    {0x1E5F1, 0x1E5FA, Kind::number}, {0x2EBF0, 0x2EE5D, Kind::letter}};

// Capitals of Unicode 16 and 17, which ICU 72 does not know: first, last, distance to the small letter.
struct Capitals {
  char32_t first, last;
  std::int32_t distance;
};
constexpr Capitals kNewCapitals[] = {{0x1C89, 0x1C89, 1},      {0xA7CB, 0xA7CB, 0x264 - 0xA7CB},
                                     {0xA7CC, 0xA7CC, 1},      {0xA7CE, 0xA7CE, 1},
                                     {0xA7D2, 0xA7D2, 1},      {0xA7D4, 0xA7D4, 1},
                                     {0xA7DA, 0xA7DA, 1},      {0xA7DC, 0xA7DC, 0x19B - 0xA7DC},
                                     {0x10D50, 0x10D65, 0x20}, {0x16EA0, 0x16EB8, 0x1B}};

template <class Entries>
auto find_range(const Entries& entries, char32_t c) {
  const auto found = std::lower_bound(std::begin(entries), std::end(entries), c,
                                      [](const auto& entry, char32_t x) { return entry.last < x; });
  return found != std::end(entries) && found->first <= c ? &*found : nullptr;
}

const icu::Normalizer2& normalizer(bool compatible) {
  static const auto load = [](auto get) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* result = get(status);
    WHY_ASSERT(U_SUCCESS(status));
    return result;
  };
  static const icu::Normalizer2* nfc = load(icu::Normalizer2::getNFCInstance);
  static const icu::Normalizer2* nfkc = load(icu::Normalizer2::getNFKCInstance);
  return compatible ? *nfkc : *nfc;
}

}  // namespace

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return u_isUWhiteSpace(point(c));
}

bool is_bert_control(char32_t c) {
  if (c < 0x7F) return c < ' ' && c != '\t' && c != '\n' && c != '\r';
  return is_category(c, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK) && known_to(8, c);
}

bool is_bert_punctuation(char32_t c) {
  if (c < 0x80)
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  if (c == 0x166D || c == 0x111C9) return true;  // were punctuation in Unicode 8
  return is_category(c, U_GC_P_MASK) && known_to(8, c);
}

bool is_bert_cjk(char32_t c) {
  if (c < 0x3400) return false;
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) ||
         (c >= 0x2B920 && c <= 0x2CEAF) ||  // the block begins at 2B820: their slip, on which ids depend
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_nonspacing_mark(char32_t c) {
  if (c < 0x300) return false;
  if (c == 0x1734) return true;  // was Mn in Unicode 8; these were not:
  if (c == 0x1885 || c == 0x1886 || c == 0xA9BD || c == 0x111C9) return false;
  return is_category(c, U_GC_MN_MASK) && known_to(8, c);
}

bool is_mark(char32_t c) {
  if (c < 0x300) return false;
  if (c == 0x1CF2 || c == 0x1CF3) return true;  // were Mc in Unicode 9,
  if (c == 0x111C9) return false;               // was not a mark
  return is_category(c, U_GC_M_MASK) && known_to(9, c);
}

Kind kind(char32_t c) {
  if (is_space(c)) return Kind::space;
  if (is_category(c, U_GC_L_MASK)) return Kind::letter;
  if (is_category(c, U_GC_N_MASK)) return Kind::number;
  if (c < 0x1C89) return Kind::other;
  const Range* newer = find_range(kNewer, c);
  return newer ? newer->kind : Kind::other;
}

std::u32string lower(char32_t c) {
  if (c < 0x80) return std::u32string(1, c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (c == 0x130) return U"i\u0307";
  if (c >= 0x1C89)
    if (const Capitals* newer = find_range(kNewCapitals, c))
      return std::u32string(1, static_cast<char32_t>(point(c) + newer->distance));
  return std::u32string(1, static_cast<char32_t>(u_tolower(point(c))));
}

std::u32string decompose(char32_t c, bool compatible) {
  icu::UnicodeString parts;
  if (c < 0xA0 || !known_to(10, c) || !normalizer(compatible).getDecomposition(point(c), parts))
    return std::u32string(1, c);
  std::u32string out;
  for (std::int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1))
    out.push_back(static_cast<char32_t>(parts.char32At(i)));
  return out;
}

int combining_class(char32_t c) {
  if (c < 0x300 || !known_to(10, c)) return 0;
  return u_getCombiningClass(point(c));
}

char32_t compose(char32_t first, char32_t second) {
  const UChar32 joined = normalizer(false).composePair(point(first), point(second));
  return joined >= 0 && known_to(10, static_cast<char32_t>(joined)) ? static_cast<char32_t>(joined) : 0;
}

void append_utf8(std::string& out, char32_t c) {
  char buffer[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, point(c));
  out.append(buffer, static_cast<std::size_t>(length));
}

}  // namespace why::unicode
