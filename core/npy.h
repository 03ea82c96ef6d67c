// NumPy's array files, for float32 and (read, and rounded) float64 arrays in C order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace why {

struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

// Format versions 1 to 3. UserError, naming the file, for anything but little-endian floats in C order and
// for a file that is shorter or longer than its header says.
NpyArray read_npy(const std::filesystem::path& path);

// Format version 1. UserError when the file cannot be written.
void write_npy(const std::filesystem::path& path, const NpyArray& array);

// `source` is the name that errors use.
NpyArray parse_npy(std::string_view contents, std::string_view source);

}  // namespace why
