// Small file helpers whose errors name the path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace why {

// The whole file. UserError when it is missing, a folder, or cannot be read.
std::string read_file(const std::filesystem::path& path);

// Writes beside the target and renames, so that a killed program never leaves half a file. A link is
// followed, the mode of a file that is there is kept, and what is no regular file (a device, a pipe) is
// written to as it is.
void write_file(const std::filesystem::path& path, std::string_view contents);

// Hexadecimal SHA-256.
std::string sha256(std::string_view contents);
std::string sha256_file(const std::filesystem::path& path);

}  // namespace why
