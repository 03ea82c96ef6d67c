#include "discovery/search/ci_test.h"

#include "core/errors.h"
#include "core/parallel.h"
#include "core/subsets.h"

namespace why {
namespace {

constexpr std::size_t kTasksAtATime = 16;

// Counts one answer; true when it separates.
bool record(Separation& out, const CiAnswer& answer, std::int64_t rank) {
  ++out.tests;
  out.degenerate += answer.degenerate;
  out.p_value = answer.p_value;
  if (answer.independent) out.rank = rank;
  return answer.independent;
}

Separation separate_one(const CiTest& test, const PoolTask& task) {
  Separation out;
  const int m = static_cast<int>(task.pool.size());
  if (task.k > m) return out;

  std::vector<int> at = first_subset(task.k);  // positions in the pool
  std::vector<Node> z(at.size());
  do {
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = task.pool[static_cast<std::size_t>(at[i])];
    if (record(out, test.ask(task.x, task.y, z), out.tests)) break;
  } while (next_subset(at, m));
  return out;
}

Separation separate_one(const CiTest& test, const ListTask& task) {
  Separation out;
  const auto k = static_cast<std::size_t>(task.k);
  WHY_ASSERT(task.sets.size() == k * static_cast<std::size_t>(task.count));
  for (std::int64_t rank = 0; rank < task.count; ++rank)
    if (record(out, test.ask(task.x, task.y, task.sets.subspan(static_cast<std::size_t>(rank) * k, k)), rank))
      break;
  return out;
}

template <class Task>
std::vector<Separation> separate_all(const CiTest& test, std::span<const Task> tasks) {
  std::vector<Separation> out(tasks.size());
  parallel_for(
      tasks.size(), test.threads, [&](std::size_t i) { out[i] = separate_one(test, tasks[i]); },
      kTasksAtATime);
  return out;
}

}  // namespace

std::vector<Separation> CiTest::separate(std::span<const PoolTask> tasks) const {
  return separate_all(*this, tasks);
}

std::vector<Separation> CiTest::separate(std::span<const ListTask> tasks) const {
  return separate_all(*this, tasks);
}

}  // namespace why
