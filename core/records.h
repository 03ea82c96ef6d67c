// JSON-lines journals that survive a kill.
//
// A journal is a file of lines in blocks. A block is appended by one write and flushed to the disk before
// append returns; its last line carries no mark of its own, so the reader is told how many lines a block has.
// Who opens it again cuts whatever a killed run left behind the last whole block. One process at a time has
// it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_lock.h"

namespace why {

class Journal {
 public:
  // Creates the file. UserError when it exists.
  static Journal create(const std::filesystem::path& path);

  // The file that is there, or a fresh one. UserError while another process has it.
  static Journal open(const std::filesystem::path& path);

  // Keeps the first `lines` lines and appends after them. UserError when fewer are whole.
  void keep(std::size_t lines);

  // UserError when the file was moved or removed since it was opened: what stands at its path now, and in its
  // folder, may be another's.
  void check_in_place() const;

  // Writes all lines (each without its line break) at once and waits until they are on the disk. Checks that
  // it is in place.
  void append(std::span<const std::string> lines);

 private:
  explicit Journal(FileLock file) : file_(std::move(file)) {}

  FileLock file_;
};

// The lines that end in a line break; a last line without one is what a kill left and is dropped.
std::vector<std::string> whole_lines(const std::filesystem::path& path);
std::vector<std::string> lines_of(std::string_view contents);  // likewise

}  // namespace why
