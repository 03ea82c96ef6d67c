#include "core/files.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/errors.h"

namespace why {

std::string read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  WHY_CHECK(std::filesystem::exists(path, ignored), "there is no file ", path.string());
  WHY_CHECK(!std::filesystem::is_directory(path, ignored), path.string(), " is a folder, not a file");
  std::ifstream in(path, std::ios::binary);
  WHY_CHECK(in, "cannot open ", path.string(), ": ", std::strerror(errno));
  std::ostringstream out;
  out << in.rdbuf();
  WHY_CHECK(!in.bad(), "cannot read ", path.string(), ": ", std::strerror(errno));
  return std::move(out).str();
}

namespace {

void write_to(const std::filesystem::path& path, std::string_view contents,
              const std::filesystem::path& named) {
  std::ofstream out(path, std::ios::binary);
  out << contents;
  out.flush();
  WHY_CHECK(out, "cannot write ", named.string(), ": ", std::strerror(errno));
}

}  // namespace

void write_file(const std::filesystem::path& named, std::string_view contents) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  // A link is followed; a device or a pipe is written to, never replaced.
  const fs::path path = fs::is_symlink(named, ignored) ? fs::weakly_canonical(named) : named;
  const fs::file_status before = fs::status(path, ignored);
  if (fs::exists(before) && !fs::is_regular_file(before)) return write_to(path, contents, named);

  const fs::path temporary(text(path.string(), ".tmp", ::getpid()));
  std::error_code failure;
  try {
    write_to(temporary, contents, named);
    if (fs::exists(before)) fs::permissions(temporary, before.permissions(), failure);
    fs::rename(temporary, path);
  } catch (const fs::filesystem_error& error) {
    fs::remove(temporary, ignored);
    throw UserError(text("cannot write ", named.string(), ": ", error.code().message()));
  } catch (const UserError&) {
    fs::remove(temporary, ignored);
    throw;
  }
}

std::string sha256(std::string_view contents) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  WHY_ASSERT(EVP_Digest(contents.data(), contents.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += "0123456789abcdef"[digest[i] >> 4];
    out += "0123456789abcdef"[digest[i] & 15];
  }
  return out;
}

std::string sha256_file(const std::filesystem::path& path) { return sha256(read_file(path)); }

}  // namespace why
