#include "core/records.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw UserError(text("cannot ", what, " ", path.string(), ": ", std::strerror(errno)));
}

}  // namespace

Journal Journal::create(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) fail("create", path);
  return {path, descriptor};
}

Journal Journal::reopen(const std::filesystem::path& path, std::size_t lines) {
  const auto kept = whole_lines(path);
  WHY_CHECK(kept.size() >= lines, path.string(), " holds ", kept.size(), " whole lines, not ", lines);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < lines; ++i) bytes += kept[i].size() + 1;

  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) fail("open", path);
  if (::ftruncate(descriptor, static_cast<off_t>(bytes)) != 0) fail("cut", path);
  return {path, descriptor};
}

Journal::~Journal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Journal::Journal(Journal&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

void Journal::append(std::span<const std::string> lines) {
  std::string block;
  for (const auto& line : lines) block.append(line).push_back('\n');
  for (std::size_t written = 0; written < block.size();) {
    const auto count = ::write(descriptor_, block.data() + written, block.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", path_);
    written += static_cast<std::size_t>(count);
  }
  if (::fdatasync(descriptor_) != 0) fail("flush", path_);
}

std::vector<std::string> whole_lines(const std::filesystem::path& path) { return lines_of(read_file(path)); }

std::vector<std::string> lines_of(std::string_view contents) {
  std::vector<std::string> lines;
  for (std::size_t start = 0;;) {
    const auto end = contents.find('\n', start);
    if (end == std::string_view::npos) return lines;
    lines.emplace_back(contents.substr(start, end - start));
    start = end + 1;
  }
}

}  // namespace why
