#include "core/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

namespace why {
namespace {

TEST(InterruptWatch, TakesTheFirstSignalOnly) {
  EXPECT_FALSE(InterruptWatch::requested());
  {
    const InterruptWatch watch;
    EXPECT_FALSE(InterruptWatch::requested());
    std::raise(SIGINT);
    EXPECT_TRUE(InterruptWatch::requested());
    EXPECT_EXIT(std::raise(SIGINT), testing::KilledBySignal(SIGINT), "");
  }
  EXPECT_FALSE(InterruptWatch::requested());
  EXPECT_EXIT(std::raise(SIGINT), testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace why
