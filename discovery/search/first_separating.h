// The loops behind CiTest::separate, over anything that answers for one set.
//
//   ask(z) returns a value with flags `independent` and `degenerate`
//
// Asks set after set in the order of the task until one separates, or the test is to stop. p_value of the
// result is left to the caller.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <numeric>

#include "core/errors.h"
#include "core/parallel.h"
#include "discovery/search/ci_test.h"

namespace why {

inline constexpr int kSmallSet = 8;  // sets up to this size are handled without asking for memory

// Counts one answer; true when no other is wanted.
template <class Answer>
bool count_answer(Separation& out, const Answer& answer, const CiTest& test) {
  constexpr std::int64_t kTestsBetweenLooks = 64;
  if (answer.independent) out.rank = out.tests;
  ++out.tests;
  out.degenerate += answer.degenerate;
  return answer.independent || (out.tests % kTestsBetweenLooks == 0 && test.stop_requested());
}

template <class Ask>
Separation first_separating(const PoolTask& task, const CiTest& test, Ask&& ask) {
  Separation out;
  const int m = static_cast<int>(task.pool.size());
  if (task.k > m) return out;

  boost::container::small_vector<int, kSmallSet> at(
      static_cast<std::size_t>(task.k));  // positions in the pool
  std::iota(at.begin(), at.end(), 0);
  boost::container::small_vector<Node, kSmallSet> z(at.size());
  do {
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = task.pool[static_cast<std::size_t>(at[i])];
    if (count_answer(out, ask(std::span<const Node>(z.data(), z.size())), test)) break;
  } while (next_subset(std::span(at.data(), at.size()), m));
  return out;
}

template <class Ask>
Separation first_separating(const ListTask& task, const CiTest& test, Ask&& ask) {
  Separation out;
  const auto k = static_cast<std::size_t>(task.k);
  WHY_ASSERT(task.sets.size() == k * static_cast<std::size_t>(task.count));
  for (std::size_t set = 0; set < static_cast<std::size_t>(task.count); ++set)
    if (count_answer(out, ask(task.sets.subspan(set * k, k)), test)) break;
  return out;
}

inline std::int64_t total_sets(const PoolTask& task) {
  return binomial(static_cast<int>(task.pool.size()), task.k);
}
inline std::int64_t total_sets(const ListTask& task) { return task.count; }

// separate(task) for every task, on so many threads, until the test is to stop; few tasks are handed out one
// by one.
template <class Task, class Separate>
std::vector<Separation> each_task(std::span<const Task> tasks, const CiTest& test, int threads,
                                  Separate&& separate) {
  constexpr std::size_t kMostAtATime = 16, kTurns = 4;  // each thread's
  const std::size_t at_a_time = std::clamp<std::size_t>(
      tasks.size() / (kTurns * static_cast<std::size_t>(std::max(threads, 1))), 1, kMostAtATime);
  std::vector<Separation> out(tasks.size());
  const std::size_t pieces = (tasks.size() + at_a_time - 1) / at_a_time;
  parallel_for(pieces, threads, [&](std::size_t piece) {
    if (test.stop_requested()) return;
    const std::size_t end = std::min(tasks.size(), (piece + 1) * at_a_time);
    for (std::size_t i = piece * at_a_time; i < end; ++i) out[i] = separate(tasks[i]);
  });
  return out;
}

}  // namespace why
