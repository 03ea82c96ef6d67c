// Subsets of one size, in lexicographic order.
//
//   auto at = first_subset(k);
//   do use(at); while (next_subset(at, n));
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace why {

// C(n, k), or the largest int64 when it does not fit.
std::int64_t binomial(int n, int k);

// {0, 1, ..., k-1}: the first subset of size k.
std::vector<int> first_subset(int k);

// Moves `at`, an ascending subset of {0 .. n-1}, to the next of its size; false when it was the last.
bool next_subset(std::span<int> at, int n);

// The subset of `pool` with the given lexicographic rank among those of size k; O(pool).
std::vector<int> subset_at(std::span<const int> pool, int k, std::int64_t rank);

}  // namespace why
