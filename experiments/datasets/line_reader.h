// Text files of data sets, line by line, whose errors name the place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace why {

enum class Charset {
  utf8,    // anything else is a UserError
  latin1,  // handed out as UTF-8
  any,     // handed out as it is: tokenizers take every byte
};

// Reads the file whole; lines stay valid as long as the reader. Line ends are LF or CRLF.
class LineReader {
 public:
  LineReader(const std::filesystem::path& path, Charset charset);

  bool next(std::string_view& line);

  // UserError: file:line: problem: "the line".
  [[noreturn]] void fail(std::string_view problem) const;

  std::size_t number() const { return number_; }  // of the last line, from 1

 private:
  std::filesystem::path path_;
  Charset charset_;
  std::string contents_;
  std::string_view line_;
  std::size_t start_ = 0, number_ = 0;
};

using Columns = std::vector<std::string_view>;

Columns split(std::string_view line, std::string_view separator);

}  // namespace why
