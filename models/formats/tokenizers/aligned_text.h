// Text on its way through normalization: characters that remember the bytes of the original text they stand
// for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace why {

struct AlignedChar {
  char32_t c = 0;
  std::uint32_t begin = 0, end = 0;  // bytes of the original text
};
using AlignedText = std::vector<AlignedChar>;

// Each ill-formed sequence of bytes becomes one U+FFFD by the rule of the Unicode Standard (longest prefix of
// a well-formed sequence), as Python's errors="replace" and Rust's from_utf8_lossy do. UserError beyond 4 GB.
AlignedText decode_utf8(std::string_view text);

AlignedText to_aligned(std::string_view text);  // of a constant: every character stands for nothing
std::string to_utf8(const AlignedText& text);
std::u32string to_utf32(const AlignedText& text);

// One character of a text that replaces another. The alignment rules are those of the Hugging Face library,
// so that offsets are equal too: a character put in place of an old one stands for that, an inserted one for
// the old one before it, and what is removed is not stood for any more.
class Rewriter {
 public:
  explicit Rewriter(const AlignedText& from) : from_(from) { out_.reserve(from.size()); }

  bool done() const { return at_ == from_.size(); }
  char32_t next() const { return from_[at_].c; }

  void keep() { out_.push_back(from_[at_++]); }
  void replace(char32_t c) {  // the next old character
    out_.push_back(from_[at_++]);
    out_.back().c = c;
  }
  void insert(char32_t c) {
    out_.push_back(at_ == 0 ? AlignedChar{} : from_[at_ - 1]);
    out_.back().c = c;
  }
  void skip(std::size_t count = 1) { at_ += count; }

  AlignedText take() { return std::move(out_); }

 private:
  const AlignedText& from_;
  AlignedText out_;
  std::size_t at_ = 0;
};

}  // namespace why
