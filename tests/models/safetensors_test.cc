// Whole files, then every way a header can lie.
#include "models/formats/safetensors.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// Length, header and data put together as the format says, true or not.
std::string file_of(std::uint64_t length, const std::string& header, const std::string& data) {
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}
std::string file_of(const std::string& header, const std::string& data) {
  return file_of(header.size(), header, data);
}

SafeTensors parse(const std::string& contents) {
  return SafeTensors::parse(std::as_bytes(std::span(contents)), "x.safetensors");
}

std::string error_of(const std::string& contents) {
  try {
    parse(contents);
  } catch (const UserError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(SafeTensors, ReadsAnUnalignedFileWithMetadataAndPadding) {
  const float values[] = {1.5f, -2.0f};
  const std::string data(reinterpret_cast<const char*>(values), 8);
  const std::string contents = file_of(
      R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}   )", data);
  const auto file = parse(contents);
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_THAT(file.at("w").shape, ElementsAre(2, 1));
  EXPECT_THAT(file.at("w").floats(), ElementsAre(1.5f, -2.0f));
  EXPECT_THAT([&] { file.at("v"); },
              ThrowsMessage<UserError>(HasSubstr("x.safetensors has no tensor \"v\"")));
}

TEST(SafeTensors, ZeroSizedAndScalarTensorsAreLegal) {
  const std::string contents = file_of(
      R"({"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"one":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
      std::string(4, '\0'));
  const auto file = parse(contents);
  EXPECT_EQ(file.at("empty").size(), 0u);
  EXPECT_THAT(file.at("one").floats(), ElementsAre(0.0f));
}

TEST(SafeTensors, NothingButAHeaderIsAnEmptyFile) { EXPECT_TRUE(parse(file_of("{}", "")).tensors().empty()); }

TEST(SafeTensors, WidensHalfPrecisionExactly) {
  // 1, -2, the smallest subnormal 2^-24, the largest finite 65504, infinity, NaN
  const std::uint16_t f16[] = {0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00};
  TensorView view{TensorType::f16, {6}, std::as_bytes(std::span(f16))};
  const auto halves = view.floats();
  EXPECT_EQ(halves[0], 1.0f);
  EXPECT_EQ(halves[1], -2.0f);
  EXPECT_EQ(halves[2], std::ldexp(1.0f, -24));
  EXPECT_EQ(halves[3], 65504.0f);
  EXPECT_EQ(halves[4], std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(halves[5]));

  const std::uint16_t bf16[] = {0x3f80, 0xc000, 0x7f80};
  TensorView brain{TensorType::bf16, {3}, std::as_bytes(std::span(bf16))};
  EXPECT_THAT(brain.floats(), ElementsAre(1.0f, -2.0f, std::numeric_limits<float>::infinity()));
}

TEST(SafeTensors, WritesWhatItReadsAndTheSameBytesAgain) {
  const float weights[] = {1, 2, 3, 4, 5, 6};
  const std::int64_t ids[] = {-1, std::numeric_limits<std::int64_t>::max()};
  const std::uint16_t half[] = {0x3c00};
  const std::map<std::string, TensorView> tensors = {
      {"a.half", {TensorType::f16, {1}, std::as_bytes(std::span(half))}},
      {"b.weight", {TensorType::f32, {2, 3}, std::as_bytes(std::span(weights))}},
      {"c.ids", {TensorType::i64, {2}, std::as_bytes(std::span(ids))}}};
  const auto folder = std::filesystem::temp_directory_path();
  const auto path = folder / text("safetensors_test_", ::getpid()),
             again = folder / text("again_", ::getpid());
  write_safetensors(path, tensors, {{"by", "test"}});
  write_safetensors(again, tensors, {{"by", "test"}});
  EXPECT_EQ(read_file(path), read_file(again));

  const auto file = SafeTensors::open(path);
  EXPECT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.metadata().at("by"), "test");
  EXPECT_THAT(file.at("b.weight").shape, ElementsAre(2, 3));
  EXPECT_THAT(file.at("b.weight").floats(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(file.at("c.ids").integers(), ElementsAre(-1, std::numeric_limits<std::int64_t>::max()));
  EXPECT_THAT(file.at("a.half").floats(), ElementsAre(1.0f));
  EXPECT_THAT([&] { file.at("c.ids").floats(); }, ThrowsMessage<UserError>(HasSubstr("type I64")));
  EXPECT_THAT([&] { file.at("b.weigth"); },
              ThrowsMessage<UserError>(HasSubstr("the nearest is \"b.weight\"")));
  std::filesystem::remove(path);
  std::filesystem::remove(again);
}

TEST(SafeTensors, AFileThatIsNotThereOrEmptyOrAFolderIsNamed) {
  EXPECT_THAT([] { SafeTensors::open("/nowhere/m.safetensors"); },
              ThrowsMessage<UserError>(HasSubstr("there is no file /nowhere/m.safetensors")));
  EXPECT_THAT([] { SafeTensors::open("/tmp"); }, ThrowsMessage<UserError>(HasSubstr("/tmp is not a file")));
  const auto path = std::filesystem::temp_directory_path() / text("empty_", ::getpid());
  write_file(path, "");
  EXPECT_THAT([&] { SafeTensors::open(path); }, ThrowsMessage<UserError>(HasSubstr("0 bytes are too few")));
  std::filesystem::remove(path);
}

struct Lie {
  const char* what;
  std::string contents;
  const char* message;
};

class HostileHeader : public ::testing::TestWithParam<Lie> {};

TEST_P(HostileHeader, IsRefusedWithItsReason) {
  EXPECT_THAT(error_of(GetParam().contents), HasSubstr(GetParam().message));
}

std::string one(const std::string& fields) { return "{\"w\":{" + fields + "}}"; }

const std::string kFour(4, '\0'), kEight(8, '\0');

INSTANTIATE_TEST_SUITE_P(
    , HostileHeader,
    ::testing::Values(
        Lie{"Short", "abc", "3 bytes are too few"},
        Lie{"LongHeader", file_of(1000, "{}", ""), "the header is 1000 bytes long, but only 2 follow"},
        Lie{"HugeHeader", file_of(~std::uint64_t{0}, "{}", ""), "is no safetensors file"},
        Lie{"NoBrace", file_of(" {}", ""), "does not begin with {"},
        Lie{"EmptyHeader", file_of("", ""), "does not begin with {"},
        Lie{"BrokenJson", file_of("{\"w\":", ""), "parse error"},
        Lie{"Deep", file_of("{\"w\":" + std::string(100000, '[') + std::string(100000, ']') + "}", ""),
            "nested more than 3 levels deep"},
        Lie{"NotUtf8", file_of("{\"\xff\":1}", ""), "x.safetensors"},
        Lie{"Twice",
            file_of(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                    R"("w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                    ""),
            "the key \"w\" twice"},
        Lie{"NotAnObject", file_of("{\"w\":7}", ""), "tensor \"w\" is described by number"},
        Lie{"UnknownField", file_of(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1)"), kFour),
            "unknown field \"x\""},
        Lie{"NoShape", file_of(one(R"("dtype":"F32","data_offsets":[0,4])"), kFour),
            "tensor \"w\" has no shape"},
        Lie{"WrongType", file_of(one(R"("dtype":"F64","shape":[1],"data_offsets":[0,8])"), kEight),
            "tensor \"w\" is of type \"F64\"; known: F32, F16, BF16, I64"},
        Lie{"TypeIsANumber", file_of(one(R"("dtype":3,"shape":[1],"data_offsets":[0,8])"), kEight),
            "is of type 3"},
        Lie{"NegativeSize", file_of(one(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), kFour),
            "not a whole number in its shape"},
        Lie{"FractionalSize", file_of(one(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"), kFour),
            "not a whole number in its shape"},
        Lie{"HugeShape",
            file_of(one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4])"), kFour),
            "a shape too large to count"},
        Lie{"ManyAxes",
            file_of(one(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4])"),
                    kFour),
            "not a list of at most 16 sizes"},
        Lie{"SizeMismatch", file_of(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), kFour),
            "tensor \"w\" has 4 bytes, but its shape needs 8"},
        Lie{"Backwards", file_of(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), kFour),
            "ends at byte 0, before its begin at 4"},
        Lie{"NegativeOffset", file_of(one(R"("dtype":"F32","shape":[1],"data_offsets":[-4,0])"), kFour),
            "not two whole numbers"},
        Lie{"BeyondTheFile", file_of(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), kFour),
            "tensor \"w\" ends at byte 8 of 4"},
        Lie{"Overlap",
            file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                    R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                    kEight),
            "tensor \"b\" overlaps the one before it"},
        Lie{"Hole", file_of(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), kEight),
            "a hole of 4 bytes before tensor \"w\""},
        Lie{"Trailing", file_of(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), kEight),
            "4 bytes after the last tensor belong to none"},
        Lie{"Metadata", file_of(R"({"__metadata__":{"a":1}})", ""), "__metadata__ \"a\" is not a text"}),
    [](const auto& lie) { return std::string(lie.param.what); });

// Any prefix of a good file is refused, none crashes.
TEST(SafeTensors, EveryTruncationIsRefused) {
  const std::string good = file_of(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), kFour);
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(error_of(good.substr(0, length)), "nothing thrown") << length << " bytes";
}

}  // namespace
}  // namespace why
