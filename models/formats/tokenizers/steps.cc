#include "models/formats/tokenizers/steps.h"

#include <algorithm>
#include <array>

#include "core/printable.h"
#include "models/formats/tokenizers/unicode.h"

namespace why {
namespace {

using unicode::Kind;

template <class Drop>
AlignedText drop_if(AlignedText text, Drop drop) {
  std::erase_if(text, [&](const AlignedChar& c) { return drop(c.c); });
  return text;
}

AlignedText clean(AlignedText text) {
  text = drop_if(std::move(text), [](char32_t c) {
    return c == 0 || c == unicode::kReplacement || unicode::is_bert_control(c);
  });
  for (auto& c : text)
    if (unicode::is_space(c.c)) c.c = ' ';
  return text;
}

AlignedText space_out_cjk(const AlignedText& text) {
  if (std::none_of(text.begin(), text.end(), [](const AlignedChar& c) { return unicode::is_bert_cjk(c.c); }))
    return text;
  AlignedText out;
  for (const auto& c : text) {
    const AlignedChar blank{U' ', c.begin, c.end};
    if (unicode::is_bert_cjk(c.c))
      out.insert(out.end(), {blank, c, blank});
    else
      out.push_back(c);
  }
  return out;
}

// A character of a normal form.
struct Part {
  char32_t c;
  int change;  // 1: comes after the old characters; 0: in the place of one; -n: of one and of the n behind it
  int combining_class;
};

// Marks behind a letter in the order of their classes.
void order_marks(std::vector<Part>& parts) {
  for (auto at = parts.begin(); at != parts.end();) {
    const auto mark = [](const Part& part) { return part.combining_class != 0; };
    const auto first = std::find_if(at, parts.end(), mark);
    at = std::find_if_not(first, parts.end(), mark);
    std::stable_sort(first, at,
                     [](const Part& a, const Part& b) { return a.combining_class < b.combining_class; });
  }
}

std::vector<Part> decomposed(const AlignedText& text, bool compatible) {
  std::vector<Part> parts;
  parts.reserve(text.size());
  for (const auto& c : text) {
    int change = 0;
    for (const char32_t part : unicode::decompose(c.c, compatible)) {
      parts.push_back({part, change, unicode::combining_class(part)});
      change = 1;
    }
  }
  order_marks(parts);
  return parts;
}

// Each mark goes into the last letter before it unless a mark of the same class or above, or another letter,
// stands between.
std::vector<Part> composed(const std::vector<Part>& parts) {
  std::vector<Part> out;
  std::size_t letter = 0;
  bool has_letter = false;
  for (const Part& part : parts) {
    const bool behind_letter = has_letter && letter + 1 == out.size();
    if (has_letter && (behind_letter || out.back().combining_class < part.combining_class)) {
      if (const char32_t joined = unicode::compose(out[letter].c, part.c)) {
        out[letter].c = joined;
        out[letter].change += part.change - 1;
        continue;
      }
    }
    if (part.combining_class == 0) {
      has_letter = true;
      letter = out.size();
    }
    out.push_back(part);
  }
  return out;
}

AlignedText rewritten(const AlignedText& text, const std::vector<Part>& parts) {
  Rewriter out(text);
  for (const Part& part : parts) {
    if (part.change > 0) {
      out.insert(part.c);
    } else {
      out.replace(part.c);
      out.skip(static_cast<std::size_t>(-part.change));
    }
  }
  return out.take();
}

bool below(const AlignedText& text, char32_t limit) {
  return std::all_of(text.begin(), text.end(), [&](const AlignedChar& c) { return c.c < limit; });
}

// Two or more members of a class, and one that is replaced even alone, become `content`.
AlignedText replace_runs(const AlignedText& text, const std::u32string& content, bool (*member)(char32_t),
                         bool (*alone)(char32_t)) {
  Rewriter out(text);
  for (auto at = text.begin(); at != text.end();) {
    const auto end = std::find_if(at, text.end(), [&](const AlignedChar& c) { return !member(c.c); });
    if (end - at < 2 && !alone(at->c)) {
      out.keep();
      ++at;
      continue;
    }
    out.skip(static_cast<std::size_t>(end - at));
    for (const char32_t c : content) out.insert(c);
    at = end;
  }
  return out.take();
}

// The piece [first, last) of a piece.
void append_part(const Piece& piece, std::size_t first, std::size_t last, std::vector<Piece>& out) {
  if (first == last) return;
  if (first == 0 && last == piece.text.size()) return out.push_back(piece);
  const auto at = [&](std::size_t i) { return piece.text.begin() + static_cast<std::ptrdiff_t>(i); };
  out.push_back({AlignedText(at(first), at(last)), piece.text[first].begin});
}

void prepend(AlignedText& text, char32_t c) {
  if (text.empty()) return;
  const AlignedChar first{c, text.front().begin, text.front().end};
  text.insert(text.begin(), first);
}

// ---- GPT-2's pattern:
//
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+

std::size_t contraction_length(const AlignedText& text, std::size_t at) {
  if (text[at].c != U'\'') return 0;
  const auto next = [&](std::size_t i) { return at + i < text.size() ? text[at + i].c : U'\0'; };
  switch (next(1)) {
    case U's':
    case U't':
    case U'm':
    case U'd':
      return 2;
    case U'r':
    case U'v':
      return next(2) == U'e' ? 3 : 0;
    case U'l':
      return next(2) == U'l' ? 3 : 0;
    default:
      return 0;
  }
}

std::size_t end_of_kind(const AlignedText& text, std::size_t at, Kind kind) {
  while (at < text.size() && unicode::kind(text[at].c) == kind) ++at;
  return at;
}

std::size_t pattern_end(const AlignedText& text, std::size_t at) {
  if (const std::size_t length = contraction_length(text, at)) return at + length;
  const std::size_t word = text[at].c == U' ' ? at + 1 : at;
  if (word < text.size()) {
    const Kind kind = unicode::kind(text[word].c);
    if (kind != Kind::space) return end_of_kind(text, word, kind);
  }
  // White space; its last character is left to the word that follows.
  const std::size_t end = end_of_kind(text, at, Kind::space);
  return end == text.size() || end - at == 1 ? end : end - 1;
}

// The printable characters of Latin-1 stand for themselves, the other bytes for U+0100 on.
const std::array<char32_t, 256>& byte_characters() {
  static const auto table = [] {
    std::array<char32_t, 256> out{};
    char32_t next = 0x100;
    for (char32_t b = 0; b < 256; ++b) {
      const bool printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      out[b] = printable ? b : next++;
    }
    return out;
  }();
  return table;
}

void spell_bytes(AlignedText& text) {
  AlignedText out;
  out.reserve(text.size());
  std::string bytes;
  for (const auto& c : text) {
    bytes.clear();
    unicode::append_utf8(bytes, c.c);
    for (const char b : bytes)
      out.push_back({byte_characters()[static_cast<unsigned char>(b)], c.begin, c.end});
  }
  text = std::move(out);
}

}  // namespace

Normalizer bert_normalizer(const BertNormalizerOptions& options) {
  return [options](AlignedText text) {
    if (options.clean_text) text = clean(std::move(text));
    if (options.chinese_characters) text = space_out_cjk(text);
    if (options.strip_accents.value_or(options.lowercase))
      text = drop_if(decompose(text, false), unicode::is_nonspacing_mark);
    if (options.lowercase) text = lowercase(text);
    return text;
  };
}

AlignedText lowercase(const AlignedText& text) {
  Rewriter out(text);
  while (!out.done()) {
    const std::u32string lower = unicode::lower(out.next());
    out.replace(lower.front());
    for (std::size_t i = 1; i < lower.size(); ++i) out.insert(lower[i]);
  }
  return out.take();
}

AlignedText decompose(const AlignedText& text, bool compatible) {
  return below(text, 0xA0) ? text : rewritten(text, decomposed(text, compatible));
}

AlignedText compose(const AlignedText& text, bool compatible) {
  return below(text, 0xA0) ? text : rewritten(text, composed(decomposed(text, compatible)));
}

AlignedText strip_accents(const AlignedText& text) { return drop_if(text, unicode::is_mark); }

AlignedText strip(const AlignedText& text, bool left, bool right) {
  const auto solid = [](const AlignedChar& c) { return !unicode::is_space(c.c); };
  const auto begin = left ? std::find_if(text.begin(), text.end(), solid) : text.begin();
  const auto end =
      right ? std::find_if(text.rbegin(), std::make_reverse_iterator(begin), solid).base() : text.end();
  return AlignedText(begin, end);
}

AlignedText replace(const AlignedText& text, const std::u32string& pattern, const std::u32string& content) {
  Rewriter out(text);
  const auto same = [](const AlignedChar& a, char32_t b) { return a.c == b; };
  auto at = text.begin();
  while (at != text.end()) {
    const auto found = std::search(at, text.end(), pattern.begin(), pattern.end(), same);
    for (; at != found; ++at) out.keep();
    if (found == text.end()) break;
    out.skip(pattern.size());
    for (const char32_t c : content) out.insert(c);
    at = found + static_cast<std::ptrdiff_t>(pattern.size());
  }
  return out.take();
}

AlignedText replace_blanks(const AlignedText& text, const std::u32string& content) {
  return replace_runs(
      text, content, [](char32_t c) { return c == U' '; }, [](char32_t) { return false; });
}

AlignedText replace_white_space(const AlignedText& text, const std::u32string& content) {
  return replace_runs(text, content, unicode::is_space,
                      [](char32_t c) { return c == U'\n' || c == U'\r' || c == U'\t'; });
}

void split_space(Piece piece, std::vector<Piece>& out) {
  std::size_t first = 0;
  for (std::size_t i = 0; i <= piece.text.size(); ++i) {
    if (i < piece.text.size() && !unicode::is_space(piece.text[i].c)) continue;
    append_part(piece, first, i, out);
    first = i + 1;
  }
}

void split_bert(Piece piece, std::vector<Piece>& out) {
  const auto alone = [&](std::size_t i) { return unicode::is_bert_punctuation(piece.text[i].c); };
  std::size_t first = 0;
  for (std::size_t i = 0; i <= piece.text.size(); ++i) {
    const bool space = i == piece.text.size() || unicode::is_space(piece.text[i].c);
    if (!space && !alone(i)) continue;
    append_part(piece, first, i, out);
    if (!space) append_part(piece, i, i + 1, out);
    first = i + 1;
  }
}

PreTokenizer byte_level(const ByteLevelOptions& options) {
  return [options](Piece piece, std::vector<Piece>& out) {
    if (piece.text.empty()) return;
    if (options.add_prefix_space && piece.text.front().c != U' ') prepend(piece.text, U' ');
    const std::size_t size = piece.text.size(), before = out.size();
    for (std::size_t at = 0; at < size;) {
      const std::size_t end = options.use_pattern ? pattern_end(piece.text, at) : size;
      append_part(piece, at, end, out);
      at = end;
    }
    for (std::size_t i = before; i < out.size(); ++i) spell_bytes(out[i].text);
  };
}

std::string unspell_bytes(const std::string& token) {
  std::string bytes;
  for (const auto& c : decode_utf8(token)) {
    const auto& spelled = byte_characters();
    const auto found = std::find(spelled.begin(), spelled.end(), c.c);
    if (found == spelled.end()) return token;
    bytes += static_cast<char>(found - spelled.begin());
  }
  return is_utf8(bytes) ? bytes : token;
}

std::string unspell_blanks(const std::string& token, char32_t replacement) {
  AlignedText out = decode_utf8(token);
  for (auto& c : out)
    if (c.c == replacement) c.c = U' ';
  return to_utf8(out);
}

PreTokenizer metaspace(const MetaspaceOptions& options) {
  return [options](Piece piece, std::vector<Piece>& out) {
    using Prepend = MetaspaceOptions::Prepend;
    for (auto& c : piece.text)
      if (c.c == U' ') c.c = options.replacement;
    const bool here =
        options.prepend == Prepend::always || (options.prepend == Prepend::first && piece.begin == 0);
    if (here && !piece.text.empty() && piece.text.front().c != options.replacement)
      prepend(piece.text, options.replacement);
    // Each blank begins a word.
    std::size_t first = 0;
    for (std::size_t i = 1; i <= piece.text.size(); ++i) {
      if (i < piece.text.size() && !(options.split && piece.text[i].c == options.replacement)) continue;
      append_part(piece, first, i, out);
      first = i;
    }
  };
}

}  // namespace why
