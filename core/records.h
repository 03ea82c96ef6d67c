// JSON-lines journals that survive a kill.
//
// A journal is a file of lines in blocks. A block is appended by one write and flushed to the disk before
// append returns; its last line carries no mark of its own, so the reader is told how many lines a block has.
// Reopening cuts whatever a killed run left behind the last whole block.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace why {

class Journal {
 public:
  // Creates the file, or fails when it exists.
  static Journal create(const std::filesystem::path& path);

  // Keeps the first `lines` lines and appends after them. UserError when fewer are whole.
  static Journal reopen(const std::filesystem::path& path, std::size_t lines);

  ~Journal();
  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;

  // Writes all lines (each without its line break) at once and waits until they are on the disk.
  void append(std::span<const std::string> lines);

 private:
  Journal(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  int descriptor_;
};

// The lines that end in a line break; a last line without one is what a kill left and is dropped.
std::vector<std::string> whole_lines(const std::filesystem::path& path);
std::vector<std::string> lines_of(std::string_view contents);  // likewise

}  // namespace why
