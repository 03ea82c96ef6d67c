#include "core/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/errors.h"

namespace why {
namespace {

int flags_of(FileLock::File file) {
  switch (file) {
    case FileLock::File::there:
      return 0;
    case FileLock::File::fresh:
      return O_CREAT | O_EXCL;
    case FileLock::File::either:
      return O_CREAT;
  }
  return 0;
}

bool is_held_by_another(int descriptor) {
  int result = 0;
  do result = ::flock(descriptor, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  return result != 0 && errno == EWOULDBLOCK;
}

}  // namespace

FileLock::FileLock(std::filesystem::path path, File file) : path_(std::move(path)) {
  const int opened = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | flags_of(file), 0644);
  if (opened < 0)
    throw UserError(text("cannot ", file == File::fresh ? "create " : "open ", path_.string(), ": ",
                         std::strerror(errno)));
  if (is_held_by_another(opened)) {
    ::close(opened);
    throw UserError(text("another process is writing ", path_.string(), "; wait for its end, or stop it"));
  }
  descriptor_ = opened;
}

void FileLock::check_unheld(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), W_OK) == 0)
    FileLock lock(path);
}

bool FileLock::is_in_place() const {
  struct stat open {
  }, there{};
  return ::fstat(descriptor_, &open) == 0 && ::stat(path_.c_str(), &there) == 0 &&
         open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace why
