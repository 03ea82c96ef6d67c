#include "core/printable.h"

#include <gtest/gtest.h>

namespace why {
namespace {

using namespace std::string_view_literals;

TEST(Printable, WritesWhatATerminalCannotShow) {
  EXPECT_EQ(printable("two\nlines\r\n\ttab"), "two\\nlines\\r\\n\\ttab");
  EXPECT_EQ(printable("a\0b\x1b[2J\x7f"sv), "a\\0b\\x1b[2J\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // U+009B starts an escape sequence too
  EXPECT_EQ(printable("\xff\xfe caf\xe9"), "\\xff\\xfe caf\\xe9");
  EXPECT_EQ(printable("Nénette → “x” 🎬 \\n"), "Nénette → “x” 🎬 \\n");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, CutsBehindWholeCharacters) {
  EXPECT_EQ(printable("éééé", 3), "ééé…");
  EXPECT_EQ(printable("éééé", 4), "éééé");
  EXPECT_EQ(printable("a\nbc", 2), "a\\n…");
}

TEST(IsUtf8, RefusesWhatNoCharacterIsWrittenAs) {
  for (const auto good : {"", "plain", "é", "→", "🎬", "\xf4\x8f\xbf\xbf"}) EXPECT_TRUE(is_utf8(good)) << good;
  for (const auto bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                         "\xf5\x80\x80\x80", "\xe2\x82", "\xff", "abc\xc3", "\xc3("})
    EXPECT_FALSE(is_utf8(bad)) << printable(bad);
}

TEST(JsonComplaint, DropsTheNumberOfTheException) {
  EXPECT_EQ(json_complaint("[json.exception.parse_error.101] parse error at line 1"),
            "parse error at line 1");
  EXPECT_EQ(json_complaint("[1] of something"), "[1] of something");
}

}  // namespace
}  // namespace why
