#include "core/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "core/errors.h"

namespace why {
namespace {

std::string file(const std::string& header, const std::vector<float>& values) {
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(header.size());
  out += '\0';
  out += header;
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return out;
}

std::string shaped(const std::string& shape) {
  return "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

void expect_error(const std::string& contents, const std::string& message) {
  EXPECT_THAT([&] { parse_npy(contents, "a.npy"); },
              testing::ThrowsMessage<UserError>(testing::HasSubstr(message)));
}

TEST(Npy, ReadsShapeAndValues) {
  const NpyArray array = parse_npy(file(shaped("(2, 3)"), {1, 2, 3, 4, 5, -6.5f}), "a.npy");
  EXPECT_THAT(array.shape, testing::ElementsAre(2, 3));
  EXPECT_THAT(array.values, testing::ElementsAre(1, 2, 3, 4, 5, -6.5f));
  EXPECT_THAT(parse_npy(file(shaped("(3,)"), {1, 2, 3}), "a.npy").shape, testing::ElementsAre(3));
  EXPECT_TRUE(parse_npy(file(shaped("()"), {7}), "a.npy").shape.empty());
  EXPECT_TRUE(parse_npy(file(shaped("(0, 5)"), {}), "a.npy").values.empty());
}

TEST(Npy, ReadsVersionTwo) {
  std::string contents = file(shaped("(1,)"), {4});
  contents[6] = 2;
  contents.insert(10, 2, '\0');
  EXPECT_THAT(parse_npy(contents, "a.npy").values, testing::ElementsAre(4));
}

TEST(Npy, RoundsDoubles) {
  const double values[] = {1.5, 0.1, -1e-50};
  std::vector<float> bytes(6);
  std::memcpy(bytes.data(), values, sizeof values);
  const std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n";
  EXPECT_THAT(parse_npy(file(header, bytes), "a.npy").values, testing::ElementsAre(1.5f, 0.1f, -0.0f));
  bytes.pop_back();
  expect_error(file(header, bytes), "a.npy holds 20 bytes of data, but its shape needs 24");
}

TEST(Npy, RefusesOtherTypesAndOrders) {
  expect_error(file("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", {1}),
               "a.npy: only arrays of float32 and float64 (<f4, <f8) are read, not of <i4");
  expect_error(file("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", {1}),
               "not of records");
  expect_error(file("{'fortran_order': False, 'shape': (1,), }", {1}), "names no type");
  expect_error(file("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", {1}), "C order");
}

TEST(Npy, RefusesDamagedFiles) {
  expect_error("", "a.npy is not an npy file");
  expect_error("PK\3\4 a zip archive", "a.npy is not an npy file");
  expect_error(file(shaped("(2,)"), {1}), "a.npy holds 4 bytes of data, but its shape needs 8");
  expect_error(file(shaped("(2,)"), {1, 2, 3}), "a.npy holds 12 bytes of data, but its shape needs 8");
  expect_error(file(shaped("(2,)"), {1, 2}).substr(0, 40), "a.npy ends within the npy header");
  expect_error(file(shaped("(two,)"), {1, 2}), "the shape (two,)");
  expect_error(file(shaped("(-1,)"), {}), "the shape (-1,)");
  expect_error(file("{'descr': '<f4', 'fortran_order': False}", {}), "no shape");
  expect_error(file(shaped("(4611686018427387904, 4)"), {1}), "impossible shape");
  std::string unknown = file(shaped("(1,)"), {1});
  unknown[6] = 9;
  expect_error(unknown, "unknown version of the npy format, 9");
}

TEST(Npy, ReadsWhatItWrites) {
  const auto file = std::filesystem::temp_directory_path() / ("npy_test_" + std::to_string(::getpid()));
  for (const NpyArray& array :
       {NpyArray{{2, 3}, {1, 2, 3, 4, 5, -6.5f}}, NpyArray{{3}, {1, 2, 3}}, NpyArray{{}, {7}},
        NpyArray{{0, 5}, {}}, NpyArray{{1, 1, 2}, {0.5f, 0.25f}}}) {
    write_npy(file, array);
    const NpyArray read = read_npy(file);
    EXPECT_EQ(read.shape, array.shape);
    EXPECT_EQ(read.values, array.values);
    // the numbers begin at a multiple of 64, as NumPy has them
    EXPECT_EQ((std::filesystem::file_size(file) - array.values.size() * sizeof(float)) % 64, 0u);
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace why
