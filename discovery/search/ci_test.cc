#include "discovery/search/ci_test.h"

#include <limits>
#include <numeric>

#include "core/errors.h"
#include "core/parallel.h"

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

  // Positions in the pool, advanced in lexicographic order.
  std::vector<int> at(static_cast<std::size_t>(task.k));
  std::iota(at.begin(), at.end(), 0);
  std::vector<Node> z(at.size());
  for (std::int64_t rank = 0;; ++rank) {
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = task.pool[static_cast<std::size_t>(at[i])];
    if (record(out, test.ask(task.x, task.y, z), rank)) return out;
    int i = task.k - 1;
    while (i >= 0 && at[static_cast<std::size_t>(i)] == m - task.k + i) --i;
    if (i < 0) return out;
    int next = ++at[static_cast<std::size_t>(i)];
    for (int j = i + 1; j < task.k; ++j) at[static_cast<std::size_t>(j)] = ++next;
  }
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

std::int64_t binomial(int n, int k) {
  if (k < 0 || k > n) return 0;
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  __int128 value = 1;
  for (int i = 1; i <= k; ++i) {
    value = value * (n - k + i) / i;
    if (value > kMost) return kMost;
  }
  return static_cast<std::int64_t>(value);
}

std::vector<Node> subset_at(std::span<const Node> pool, int k, std::int64_t rank) {
  WHY_ASSERT(rank >= 0 && rank < binomial(static_cast<int>(pool.size()), k));
  std::vector<Node> out;
  for (int at = 0; k > 0; ++at) {
    const std::int64_t starting_here = binomial(static_cast<int>(pool.size()) - at - 1, k - 1);
    if (rank < starting_here) {
      out.push_back(pool[static_cast<std::size_t>(at)]);
      --k;
    } else {
      rank -= starting_here;
    }
  }
  return out;
}

}  // namespace why
