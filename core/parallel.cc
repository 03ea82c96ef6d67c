#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace why {

int hardware_threads() { return std::max(1u, std::thread::hardware_concurrency()); }

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                  std::size_t chunk) {
  const std::size_t pieces = (count + chunk - 1) / chunk;
  const auto workers = std::min<std::size_t>(static_cast<std::size_t>(std::max(threads, 1)), pieces);
  if (workers <= 1) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }

  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto drain = [&] {
    for (std::size_t piece = next++; piece < pieces; piece = next++) {
      try {
        for (std::size_t i = piece * chunk; i < std::min(count, (piece + 1) * chunk); ++i) work(i);
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next = pieces;  // nobody takes another piece
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < workers; ++i) helpers.emplace_back(drain);
    drain();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace why
