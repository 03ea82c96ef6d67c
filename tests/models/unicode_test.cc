// The classes and mappings of all code points, against what the Hugging Face libraries answered
// (tests/models/tokenizers/make_golden.py).
#include "models/formats/tokenizers/unicode.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iomanip>
#include <map>
#include <sstream>
#include <vector>

#include "core/errors.h"
#include "models/formats/tokenizers/steps.h"

namespace why {
namespace {

using unicode::Kind;

std::map<std::string, std::string> golden() {
  std::ifstream in(std::string(std::getenv("WHYFORMER_SOURCE")) +
                   "/tests/models/tokenizers/every_code_point.txt");
  WHY_ASSERT(in);
  std::map<std::string, std::string> out;
  for (std::string name, rest; in >> name && in.get() == ' ' && std::getline(in, rest);) out[name] = rest;
  return out;
}

void each_code_point(const std::function<void(char32_t)>& visit) {
  for (char32_t c = 0; c < 0x110000; ++c)
    if (c < 0xD800 || c >= 0xE000) visit(c);
}

std::string runs(const std::function<bool(char32_t)>& holds) {
  std::vector<std::pair<char32_t, char32_t>> found;
  each_code_point([&](char32_t c) {
    if (!holds(c)) return;
    if (!found.empty() && found.back().second + 1 == c)
      found.back().second = c;
    else
      found.emplace_back(c, c);
  });
  std::ostringstream out;
  out << std::hex << std::uppercase;
  for (const auto& [first, last] : found)
    out << (out.tellp() > 0 ? " " : "") << static_cast<unsigned>(first) << '-' << static_cast<unsigned>(last);
  return out.str();
}

// FNV-1a of the mapped characters, a line each.
std::string digest(const std::function<std::u32string(char32_t)>& map) {
  std::string bytes;
  each_code_point([&](char32_t c) {
    if (c > 0) bytes.push_back('\n');
    for (const char32_t part : map(c)) unicode::append_utf8(bytes, part);
  });
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char byte : bytes) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  std::ostringstream out;
  out << std::hex << std::setfill('0') << std::setw(16) << value;
  return out.str();
}

TEST(Unicode, EveryCodePointIsInTheClassesOfTheFastTokenizers) {
  const auto expected = golden();
  EXPECT_EQ(runs([](char32_t c) { return unicode::kind(c) == Kind::letter; }), expected.at("letter"));
  EXPECT_EQ(runs([](char32_t c) { return unicode::kind(c) == Kind::number; }), expected.at("number"));
  EXPECT_EQ(runs([](char32_t c) { return unicode::kind(c) == Kind::space; }), expected.at("space"));
  EXPECT_EQ(runs(unicode::is_space), expected.at("space"));
  EXPECT_EQ(runs([](char32_t c) { return c != 0 && unicode::is_bert_control(c); }),
            expected.at("bert_control"));
  EXPECT_EQ(runs(unicode::is_bert_punctuation), expected.at("bert_punctuation"));
  EXPECT_EQ(runs(unicode::is_bert_cjk), expected.at("bert_cjk"));
  EXPECT_EQ(runs(unicode::is_nonspacing_mark), expected.at("nonspacing_mark"));
  EXPECT_EQ(runs(unicode::is_mark), expected.at("mark"));
}

TEST(Unicode, EveryCodePointIsLoweredAndDecomposedAsByTheFastTokenizers) {
  const auto expected = golden();
  EXPECT_EQ(digest(unicode::lower), expected.at("lower"));
  EXPECT_EQ(digest([](char32_t c) { return unicode::decompose(c, false); }), expected.at("nfd"));
  EXPECT_EQ(digest([](char32_t c) { return unicode::decompose(c, true); }), expected.at("nfkd"));
  const auto composed = [](char32_t c, bool compatible) {
    return to_utf32(compose({AlignedChar{c, 0, 1}}, compatible));
  };
  EXPECT_EQ(digest([&](char32_t c) { return composed(c, false); }), expected.at("nfc"));
  EXPECT_EQ(digest([&](char32_t c) { return composed(c, true); }), expected.at("nfkc"));
}

}  // namespace
}  // namespace why
