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

void write_file(const std::filesystem::path& path, std::string_view contents) {
  const auto temporary = std::filesystem::path(text(path.string(), ".tmp", ::getpid()));
  {
    std::ofstream out(temporary, std::ios::binary);
    out << contents;
    out.flush();
    WHY_CHECK(out, "cannot write ", path.string(), ": ", std::strerror(errno));
  }
  std::error_code failure;
  std::filesystem::rename(temporary, path, failure);
  if (failure) {
    std::filesystem::remove(temporary);
    throw UserError(text("cannot write ", path.string(), ": ", failure.message()));
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
