#include "core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace why {
namespace {

TEST(ParallelFor, DoesEveryPieceOnce) {
  for (const int threads : {0, 1, 2, 7})
    for (const std::size_t count : {0u, 1u, 3u, 100u})
      for (const std::size_t chunk : {1u, 3u, 200u}) {
        std::vector<std::atomic<int>> done(count);
        parallel_for(
            count, threads, [&](std::size_t i) { ++done[i]; }, chunk);
        for (const auto& times : done) EXPECT_EQ(times, 1);
      }
}

TEST(ParallelFor, ThrowsTheFirstExceptionAgain) {
  const auto fail = [](std::size_t i) {
    if (i == 13) throw std::runtime_error("thirteen");
  };
  EXPECT_THROW(parallel_for(100, 3, fail), std::runtime_error);
  EXPECT_THROW(parallel_for(100, 1, fail), std::runtime_error);
}

}  // namespace
}  // namespace why
