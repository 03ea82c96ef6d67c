// Blocks of conditioning sets, looked through for the first that is not dependent for sure.
//
// Most sets that a search asks about leave their pair clearly dependent. A device goes through them many
// blocks at a time and says for each where the first set in doubt stands; whoever asked decides about that
// one in the arithmetic of the CPU. So a device never decides that an edge goes, and the answers are those of
// the CPU to the bit.
//
//   SetBatch batch{.k = 2, .sure = test.sure_dependence(2), .nodes = pools, .blocks = blocks};
//   std::vector<int> doubts = scanner.first_in_doubt(batch);    // [blocks]; count of the block: no doubt
//
// In float32 a few more sets are in doubt, those that its rounding errors could bring to the other side; what
// comes of it is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "discovery/stats/partial_correlation.h"
#include "discovery/stats/square_matrix.h"

namespace why {

inline constexpr int kSetsInBlock = 256;
inline constexpr int kSetsAThread = 8;       // of a device
inline constexpr int kLargestBlockSet = 32;  // sets of more variables are not handed over in blocks ...
inline constexpr int kSmallBlockSet = 8;     // ... and up to here a thread gets by with less memory

// Sets of one pair, at most kSetsInBlock, all of them there.
//
//   pool > 0    the subsets of the nodes nodes[at] .. nodes[at + pool - 1], ascending, with ranks `first`,
//               first + 1, ... in lexicographic order
//   pool == 0   listed one after the other from nodes[at] on
struct SetBlock {
  int x, y;
  std::int64_t at;
  std::int64_t first;
  int pool;
  int count;
};

struct SetBatch {
  int k;  // 1 .. kLargestBlockSet
  SureDependence sure;
  std::span<const int> nodes;
  std::span<const SetBlock> blocks;
};

enum class Precision { float64, float32 };

class SetScanner {
 public:
  virtual ~SetScanner() = default;
  virtual std::vector<int> first_in_doubt(const SetBatch& batch) = 0;
};

// As a device does it, on the CPU: for tests.
std::unique_ptr<SetScanner> make_host_scanner(const SquareMatrix& matrix,
                                              Precision precision = Precision::float64);

// C(m, j) for m = 0 .. most and j = 0 .. k - 1, row after row; what is larger than an int64 is the largest.
std::vector<std::int64_t> binomials_up_to(int most, int k);

// ---- what a thread does, the same on a CPU and on a device ----

template <class Real>
struct ScanProblem {
  using Bounds = std::conditional_t<std::is_same_v<Real, float>, SureBoundsSingle, SureBounds>;
  static Bounds bounds_of(const SureDependence& sure) {
    if constexpr (std::is_same_v<Real, float>)
      return single_bounds_of(sure);
    else
      return why::bounds_of(sure);
  }

  const Real* values;  // [n, n]
  int n, k;
  Bounds bounds;
  const int* nodes;
  const std::int64_t* binomials;  // binomials_up_to(largest pool, k)
};

// The positions in a pool of m nodes that make up the subset with this rank. binomials: binomials_up_to(m,
// row), row >= k.
WHY_HOST_DEVICE inline void place_subset(int* at, int m, int k, std::int64_t rank,
                                         const std::int64_t* binomials, int row) {
  int position = 0;
  for (int i = 0; i < k; ++i, ++position) {
    // subsets whose number i stands at `position`
    std::int64_t here = binomials[static_cast<std::int64_t>(m - position - 1) * row + (k - i - 1)];
    while (rank >= here) {
      rank -= here;
      ++position;
      here = binomials[static_cast<std::int64_t>(m - position - 1) * row + (k - i - 1)];
    }
    at[i] = position;
  }
}

// Moves on to the next subset of its size, which there must be; the first number that changed.
WHY_HOST_DEVICE inline int advance_subset(int* at, int m, int k) {
  int i = k - 1;
  while (at[i] == m - (k - i)) --i;
  const int changed = i;
  int next = ++at[i];
  for (++i; i < k; ++i) at[i] = ++next;
  return changed;
}

WHY_HOST_DEVICE inline void copy_ascending(const int* set, int k, int* z) {
  for (int i = 0; i < k; ++i) {
    const int node = set[i];
    int j = i;
    for (; j > 0 && z[j - 1] > node; --j) z[j] = z[j - 1];
    z[j] = node;
  }
}

// The first of the block's sets from .. to - 1 that is in doubt, or `to`. Sets are of at most kMost
// variables.
template <int kMost, class Real>
WHY_HOST_DEVICE int first_in_doubt(const ScanProblem<Real>& problem, const SetBlock& block, int from,
                                   int to) {
  const int k = problem.k;
  int at[kMost], z[kMost];
  Real workspace[ConditionedPair::workspace_size(kMost)];
  BasicConditionedPair<Real> pair(problem.values, problem.n, block.x, block.y, k, workspace);
  const int* nodes = problem.nodes + block.at;
  int kept = 0;  // variables of z that the pair is conditioned on already
  if (block.pool > 0) place_subset(at, block.pool, k, block.first + from, problem.binomials, k);
  for (int set = from; set < to; ++set) {
    if (block.pool > 0) {
      if (set > from) kept = advance_subset(at, block.pool, k);
      for (int i = kept; i < k; ++i) z[i] = nodes[at[i]];
    } else {
      kept = 0;
      copy_ascending(nodes + static_cast<std::int64_t>(set) * k, k, z);
    }
    for (int i = kept; i < k; ++i)
      if (!pair.condition_on(z, i)) return set;
    if (!pair.is_sure_given(k, problem.bounds)) return set;
  }
  return to;
}

}  // namespace why
