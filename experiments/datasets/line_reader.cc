#include "experiments/datasets/line_reader.h"

#include <algorithm>

#include "core/errors.h"
#include "core/files.h"
#include "core/printable.h"

namespace why {
namespace {

std::string latin1_to_utf8(std::string_view bytes) {
  std::string out;
  for (const char letter : bytes) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x80) {
      out += letter;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

}  // namespace

LineReader::LineReader(const std::filesystem::path& path, Charset charset)
    : path_(path), charset_(charset), contents_(read_file(path)) {
  if (charset == Charset::latin1) contents_ = latin1_to_utf8(contents_);
}

bool LineReader::next(std::string_view& line) {
  if (start_ >= contents_.size()) return false;
  const auto end = std::min(contents_.find('\n', start_), contents_.size());
  line_ = std::string_view(contents_).substr(start_, end - start_);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  start_ = end + 1;
  ++number_;
  if (charset_ != Charset::any && !is_utf8(line_)) fail("the line is not UTF-8");
  line = line_;
  return true;
}

void LineReader::fail(std::string_view problem) const {
  constexpr std::size_t kShown = 80;
  throw UserError(text(path_.string(), ":", number_, ": ", problem, ": \"", printable(line_, kShown), "\""));
}

Columns split(std::string_view line, std::string_view separator) {
  Columns columns;
  for (std::size_t start = 0;;) {
    const auto end = line.find(separator, start);
    columns.push_back(line.substr(start, end - start));
    if (end == std::string_view::npos) return columns;
    start = end + separator.size();
  }
}

}  // namespace why
