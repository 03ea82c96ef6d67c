#include "core/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <span>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// What follows `'key':` in the header, a Python dictionary; empty when the key is not there.
std::string_view after_key(std::string_view header, std::string_view key) {
  const auto at = header.find(text("'", key, "':"));
  if (at == header.npos) return {};
  const auto value = header.find_first_not_of(' ', at + key.size() + 3);
  return value == header.npos ? std::string_view{} : header.substr(value);
}

// "'<f4', …": what stands between the quotes.
std::string_view quoted(std::string_view value) {
  if (!value.starts_with('\'')) return {};
  return value.substr(1, value.find('\'', 1) - 1);
}

template <class Value>
void copy_values(std::string_view bytes, std::vector<float>& out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Value value;
    std::memcpy(&value, bytes.data() + i * sizeof(Value), sizeof(Value));
    out[i] = static_cast<float>(value);
  }
}

// "(12, 23, 23), …"
std::vector<std::int64_t> parse_shape(std::string_view tuple, std::string_view source) {
  const auto close = tuple.find(')');
  WHY_CHECK(tuple.starts_with('(') && close != tuple.npos, source, ": the npy header has no shape");
  tuple = tuple.substr(1, close - 1);
  std::vector<std::int64_t> shape;
  while (!tuple.empty()) {
    std::int64_t size = -1;
    const auto comma = std::min(tuple.find(','), tuple.size());
    const auto first = std::min(tuple.find_first_not_of(' '), comma);
    const auto [end, error] = std::from_chars(tuple.data() + first, tuple.data() + comma, size);
    WHY_CHECK(error == std::errc() && end == tuple.data() + comma && size >= 0, source,
              ": the npy header has the shape (", tuple, ")");
    shape.push_back(size);
    tuple.remove_prefix(std::min(comma + 1, tuple.size()));
  }
  return shape;
}

std::size_t count_values(std::span<const std::int64_t> shape, std::string_view source) {
  std::size_t count = 1;
  for (const auto size : shape) {
    const auto factor = static_cast<std::size_t>(size);
    WHY_CHECK(factor == 0 || count <= std::numeric_limits<std::size_t>::max() / sizeof(double) / factor,
              source, ": the npy header has an impossible shape");
    count *= factor;
  }
  return count;
}

}  // namespace

NpyArray parse_npy(std::string_view contents, std::string_view source) {
  WHY_CHECK(contents.size() >= 10 && contents.starts_with(kMagic), source, " is not an npy file");
  const std::size_t length_bytes = contents[6] == 1 ? 2 : 4, start = 8 + length_bytes;
  WHY_CHECK(contents[6] >= 1 && contents[6] <= 3 && contents.size() >= start, source,
            ": unknown version of the npy format, ", static_cast<int>(contents[6]));
  const std::size_t length = little_endian(contents.substr(8, length_bytes));
  WHY_CHECK(contents.size() - start >= length, source, " ends within the npy header");
  const std::string_view header = contents.substr(start, length), data = contents.substr(start + length);

  const std::string_view written = after_key(header, "descr"), type = quoted(written);
  WHY_CHECK(!written.empty(), source, ": the npy header names no type");
  WHY_CHECK(type == "<f4" || type == "<f8", source,
            ": only arrays of float32 and float64 (<f4, <f8) are read, not of ",
            type.empty() ? "records" : type.substr(0, 16));
  const std::size_t size = type == "<f4" ? sizeof(float) : sizeof(double);
  WHY_CHECK(after_key(header, "fortran_order").starts_with("False"), source,
            ": only arrays in C order are read");
  NpyArray array;
  array.shape = parse_shape(after_key(header, "shape"), source);
  const std::size_t count = count_values(array.shape, source);
  WHY_CHECK(data.size() == count * size, source, " holds ", data.size(),
            " bytes of data, but its shape needs ", count * size);
  array.values.resize(count);
  if (size == sizeof(float))
    copy_values<float>(data, array.values);
  else
    copy_values<double>(data, array.values);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) { return parse_npy(read_file(path), path.string()); }

void write_npy(const std::filesystem::path& path, const NpyArray& array) {
  std::string shape;
  std::size_t count = 1;
  for (const auto size : array.shape) {
    shape += text(shape.empty() ? "" : " ", size, ",");
    count *= static_cast<std::size_t>(size);
  }
  WHY_ASSERT(count == array.values.size());
  if (array.shape.size() > 1) shape.pop_back();  // (2, 3), but (2,)
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t kBefore = 10,
                        kAlignment = 64;  // magic, version and length; the numbers begin aligned
  header.append((2 * kAlignment - (kBefore + header.size() + 1) % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string contents("\x93NUMPY\x01\x00", 8);
  contents += static_cast<char>(header.size() & 0xff);
  contents += static_cast<char>(header.size() >> 8);
  contents += header;
  contents.append(reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(float));
  write_file(path, contents);
}

}  // namespace why
