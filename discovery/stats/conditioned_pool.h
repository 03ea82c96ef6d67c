// One pair, and conditioning sets out of a pool: many sets at a time that differ in their last variable.
//
//   ConditionedPool sets(matrix, x, y, pool, k);
//   sets.condition_on(0, 4);                     // all but the last of k = 2 variables: pool[4]
//   sets.mark_doubtful(5, 9, sure, doubtful);    // the sets {pool[4], pool[5]} ... {pool[4], pool[8]}
//   sets.given(5);                               // rho(x, y | pool[4], pool[5])
//
// What partial_correlation.h computes one set after the other, in the same operations and to the same bits:
// each variable that is conditioned on is taken at once out of all that come after it in the pool. A set then
// costs O(1), and the first variables of all sets together O(pool) each. Loops over the pool run on the
// machine's vectors; lanes do not meet, so their width does not show in any bit.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>

#include "discovery/stats/partial_correlation.h"
#include "discovery/stats/square_matrix.h"

namespace why {

// std::ranges::is_sorted, on the machine's vectors.
bool is_ascending(std::span<const int> pool);

class ConditionedPool {
 public:
  // pool: ascending, without x and y, at least k >= 1 of them. matrix and pool must outlive it.
  ConditionedPool(const SquareMatrix& matrix, int x, int y, std::span<const int> pool, int k);
  ConditionedPool(const ConditionedPool&) = delete;

  int size() const { return static_cast<int>(pool_.size()); }

  // Makes pool[t] number i of the set, i < k - 1, behind those that are numbers 0 .. i-1 and come before it
  // in the pool. False when those determine it: every set that begins so is degenerate.
  bool condition_on(int i, int t);

  // How many of the sets that end in pool[begin] .. pool[end-1] are in doubt: not dependent for sure. Where
  // any is, writes 1 for these and 0 for the others.
  std::int64_t mark_doubtful(int begin, int end, const SureDependence& sure, std::int64_t* doubtful);

  // Of the set that ends in pool[t].
  PartialCorrelation given(int t);

 private:
  // Given the first so many variables of the set: what they leave of x and y, and for each variable of the
  // pool behind them of its variance and its covariance with x and with y.
  struct Level {
    double xx, yy, xy;
    double *variance, *with_x, *with_y;
    double* with_next;  // covariance with the variable that is conditioned on next
    double inverse;     // of the rest of that variable's variance
  };

  static constexpr std::size_t kInline = 640;  // doubles: pools of 40 for k = 4

  void make_room();

  // Copies what the pool's variables begin .. end-1 have with x and y; for k = 1 only where it is wanted.
  void pick(int begin, int end);

  // k = 1. Reads the two rows as they are where the pool has few gaps: what stands in a gap is asked in vain.
  std::int64_t mark_singles(int begin, int end, const SureBounds& bounds, std::int64_t* doubtful);

  // Is each variable from .. to-1 but x and y, in the pool or not, one that leaves them dependent for sure?
  bool are_sure(int from, int to, const SureBounds& bounds) const;

  const SquareMatrix& matrix_;
  int x_, y_;
  std::span<const int> pool_;
  int k_;
  boost::container::small_vector<double, kInline> values_;
  boost::container::small_vector<Level, 8> levels_;  // [k]
};

}  // namespace why
