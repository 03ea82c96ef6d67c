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

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace why
