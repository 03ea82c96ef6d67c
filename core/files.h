// Small file helpers whose errors name the path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace why {

// The whole file. UserError when it is missing, a folder, or cannot be read.
std::string read_file(const std::filesystem::path& path);

// Writes beside the target and renames, so that a killed program never leaves half a file.
void write_file(const std::filesystem::path& path, std::string_view contents);

// Hexadecimal SHA-256.
std::string sha256(std::string_view contents);
std::string sha256_file(const std::filesystem::path& path);

}  // namespace why
