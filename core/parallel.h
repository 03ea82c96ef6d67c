// A loop over independent pieces of work on a few threads.
//
// Which thread does which piece is not fixed, so a piece must write only to its own slot of the result; then
// the result does not depend on the number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace why {

// Hardware threads of this machine, at least 1.
int hardware_threads();

// More than anybody asks for but by a slip of the keyboard: the most that options and configurations take.
inline constexpr int kMostThreads = 1024;

// Calls work(i) for every i in [0, count), handing out `chunk` pieces at a time. The first exception is
// thrown again here, after all threads have stopped. threads <= 1 runs in this thread.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                  std::size_t chunk = 1);

}  // namespace why
