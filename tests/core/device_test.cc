#include "core/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"

namespace why {
namespace {

TEST(Device, ParsesNames) {
  EXPECT_EQ(parse_device("cpu").name(), "cpu");
  EXPECT_EQ(parse_device("auto").is_cuda(), cuda_device_count() > 0);
  if (cuda_device_count() > 0) {
    EXPECT_EQ(parse_device("cuda").name(), "cuda:0");
  }
}

TEST(Device, NamesTheUnknownWord) {
  EXPECT_THAT([] { parse_device("gpu"); },
              testing::ThrowsMessage<UserError>("unknown device \"gpu\"; known: cpu, cuda, cuda:N, auto"));
  EXPECT_THROW(parse_device("cuda:x"), UserError);
  EXPECT_THROW(parse_device("cuda:-1"), UserError);
  EXPECT_THROW(parse_device(""), UserError);
}

TEST(Device, AbsentDeviceIsANamedError) {
  EXPECT_THAT([] { parse_device("cuda:64"); },
              testing::ThrowsMessage<UserError>(testing::HasSubstr("\"cuda:64\"")));
}

}  // namespace
}  // namespace why
