#include "core/records.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw UserError(text("cannot ", what, " ", path.string(), ": ", std::strerror(errno)));
}

}  // namespace

Journal Journal::create(const std::filesystem::path& path) {
  return Journal(FileLock(path, FileLock::File::fresh));
}

Journal Journal::open(const std::filesystem::path& path) {
  return Journal(FileLock(path, FileLock::File::either));
}

void Journal::keep(std::size_t lines) {
  const auto there = whole_lines(file_.path());
  WHY_CHECK(there.size() >= lines, file_.path().string(), " holds ", there.size(), " whole lines, not ",
            lines);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < lines; ++i) bytes += there[i].size() + 1;
  if (::ftruncate(file_.descriptor(), static_cast<off_t>(bytes)) != 0) fail("cut", file_.path());
}

void Journal::check_in_place() const {
  WHY_CHECK(
      file_.is_in_place(), file_.path().string(),
      " was moved or removed while this process was writing it; where it was moved to, --resume goes on");
}

void Journal::append(std::span<const std::string> lines) {
  check_in_place();
  std::string block;
  for (const auto& line : lines) block.append(line).push_back('\n');
  for (std::size_t written = 0; written < block.size();) {
    const auto count = ::write(file_.descriptor(), block.data() + written, block.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", file_.path());
    written += static_cast<std::size_t>(count);
  }
  if (::fdatasync(file_.descriptor()) != 0) fail("flush", file_.path());
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
