#include "core/subsets.h"

#include <limits>
#include <numeric>

#include "core/errors.h"

namespace why {

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

std::vector<int> first_subset(int k) {
  std::vector<int> at(static_cast<std::size_t>(k));
  std::iota(at.begin(), at.end(), 0);
  return at;
}

bool next_subset(std::span<int> at, int n) {
  const auto k = at.size();
  // the rightmost element that can still move, and those behind it directly after it
  std::size_t i = k;
  while (i > 0 && at[i - 1] == n - static_cast<int>(k - i) - 1) --i;
  if (i == 0) return false;
  int next = ++at[i - 1];
  for (; i < k; ++i) at[i] = ++next;
  return true;
}

std::vector<int> subset_at(std::span<const int> pool, int k, std::int64_t rank) {
  WHY_ASSERT(rank >= 0 && rank < binomial(static_cast<int>(pool.size()), k));
  std::vector<int> out;
  for (int at = 0; k > 0; ++at) {
    if (k == 1) {
      out.push_back(pool[static_cast<std::size_t>(at + rank)]);
      break;
    }
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
