// Files that one process writes at a time.
#pragma once

#include <filesystem>

namespace why {

// A file that is open, and locked (flock) as long as this lives: also when the process is killed, the lock
// ends with it. Where the file system knows no locks, there is none.
class FileLock {
 public:
  enum class File { there, fresh, either };

  // UserError when another process, or another FileLock of this one, holds the file, and when it cannot be
  // opened or made. What is written to it goes to its end.
  explicit FileLock(std::filesystem::path path, File file = File::there);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

  // UserError when another process holds this file; nothing where there is none.
  static void check_unheld(const std::filesystem::path& path);

  // Is it still the file that stands at its path? A folder may be moved or removed meanwhile.
  bool is_in_place() const;

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace why
