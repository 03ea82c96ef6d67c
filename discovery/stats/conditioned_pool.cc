#include "discovery/stats/conditioned_pool.h"

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "discovery/stats/for_each_machine.h"

namespace why {
namespace {

// Sets of one variable: xx = yy = its variance = 1.
WHY_FOR_EACH_MACHINE std::int64_t mark_first(const double* __restrict a, const double* __restrict b,
                                             double xy, int count, SureBounds bounds,
                                             std::int64_t* __restrict doubtful) {
  std::int64_t total = 0;
  for (int i = 0; i < count; ++i) {
    doubtful[i] = !is_sure(1 - a[i] * a[i], 1 - b[i] * b[i], xy - a[i] * b[i], bounds);
    total += doubtful[i];
  }
  return total;
}

// Is |a| + |b| below this everywhere?
WHY_FOR_EACH_MACHINE bool are_sums_below(const double* __restrict a, const double* __restrict b, double below,
                                         int count) {
  double all = 1;
  for (int i = 0; i < count; ++i) all = std::abs(a[i]) + std::abs(b[i]) < below ? all : 0;
  return all > 0;
}

// x and y, correlated by xy, are dependent for sure given any variable for which s = |a| + |b| is below this;
// most are far below. For |xy - ab| >= |xy| - s²/4, and (1 - a²)(1 - b²) - (xy - ab)², the determinant of the
// three's correlations, is at least 1 - xy² - s². The slack is far more than any rounding.
double sure_below(double xy, const SureBounds& bounds) {
  constexpr double kSlack = 1e-8;
  if (!(xy > bounds.least_xy)) return 0;
  const double left = 4 * (std::abs(xy) - std::sqrt(bounds.more_than) - kSlack);
  const double square = std::min(left, 1 - xy * xy - kSlack);
  return square > 0 ? std::sqrt(square) : 0;
}

// Likewise: is none of them in doubt? With fewer comparisons, for xx and yy are at most 1, and a product
// above the pivot says that both are.
WHY_FOR_EACH_MACHINE bool are_all_sure(const double* __restrict a, const double* __restrict b, double xy,
                                       int count, SureBounds bounds) {
  double all = 1;  // a double, to be as wide as what it depends on
  for (int i = 0; i < count; ++i) {
    const double rest = xy - a[i] * b[i], square = rest * rest;
    const double product = (1 - a[i] * a[i]) * (1 - b[i] * b[i]);
    const bool sure = (product > kSmallestPivot) & (square > bounds.more_than * product) &
                      (square < bounds.less_than * product) & (rest > bounds.least_xy);
    all = sure ? all : 0;
  }
  return all > 0;
}

WHY_FOR_EACH_MACHINE std::int64_t mark(const double* __restrict variance, const double* __restrict a,
                                       const double* __restrict b, double xx, double yy, double xy, int count,
                                       SureBounds bounds, std::int64_t* __restrict doubtful) {
  std::int64_t total = 0;
  for (int i = 0; i < count; ++i) {
    const double inverse = 1 / variance[i];
    const bool sure =
        is_sure(xx - a[i] * a[i] * inverse, yy - b[i] * b[i] * inverse, xy - a[i] * b[i] * inverse, bounds);
    doubtful[i] = !(sure & (variance[i] > kSmallestPivot));
    total += doubtful[i];
  }
  return total;
}

WHY_FOR_EACH_MACHINE void subtract(double* __restrict from, const double* __restrict values, double factor,
                                   int count) {
  for (int i = 0; i < count; ++i) from[i] -= values[i] * factor;
}

// Takes a variable out of all others: those with covariance with_it, its own rest of variance 1 / inverse.
WHY_FOR_EACH_MACHINE void take_out(const double* __restrict with_it, double inverse, double x_with_it,
                                   double y_with_it, int count, const double* __restrict variance,
                                   const double* __restrict a, const double* __restrict b,
                                   double* __restrict next_variance, double* __restrict next_a,
                                   double* __restrict next_b) {
  for (int i = 0; i < count; ++i) {
    const double share = with_it[i] * inverse;
    next_variance[i] = variance[i] - with_it[i] * share;
    next_a[i] = a[i] - share * x_with_it;
    next_b[i] = b[i] - share * y_with_it;
  }
}

WHY_FOR_EACH_MACHINE bool has_descent(const int* values, int count) {
  int any = 0;  // an int, to be as wide as what it depends on
  for (int i = 1; i < count; ++i) any |= values[i] < values[i - 1];
  return any != 0;
}

}  // namespace

bool is_ascending(std::span<const int> pool) {
  return !has_descent(pool.data(), static_cast<int>(pool.size()));
}

ConditionedPool::ConditionedPool(const SquareMatrix& matrix, int x, int y, std::span<const int> pool, int k)
    : matrix_(matrix), x_(x), y_(y), pool_(pool), k_(k) {
  WHY_ASSERT(k >= 1 && pool.size() >= static_cast<std::size_t>(k));
  levels_.resize(static_cast<std::size_t>(k));
  Level& first = levels_.front();
  first.xx = first.yy = 1;
  first.xy = matrix(x, y);
  if (k > 1) pick(0, size());
}

void ConditionedPool::make_room() {
  const std::size_t m = pool_.size();
  values_.resize(4 * m * levels_.size(), boost::container::default_init);
  double* next = values_.data();
  for (Level& level : levels_) {
    for (double** values : {&level.variance, &level.with_x, &level.with_y, &level.with_next}) {
      *values = next;
      next += m;
    }
  }
}

void ConditionedPool::pick(int begin, int end) {
  if (values_.empty()) make_room();
  const Level& first = levels_.front();
  const auto row_x = matrix_.row(x_), row_y = matrix_.row(y_);
  for (int t = begin; t < end; ++t) {
    const auto node = static_cast<std::size_t>(pool_[static_cast<std::size_t>(t)]);
    first.variance[t] = 1;
    first.with_x[t] = row_x[node];
    first.with_y[t] = row_y[node];
  }
}

bool ConditionedPool::condition_on(int i, int t) {
  Level& level = levels_[static_cast<std::size_t>(i)];
  const double pivot = level.variance[t], a = level.with_x[t], b = level.with_y[t];
  if (!(pivot > kSmallestPivot)) return false;
  const double inverse = level.inverse = 1 / pivot;

  const int begin = t + 1, count = size() - begin;
  const auto row = matrix_.row(pool_[static_cast<std::size_t>(t)]);
  for (int later = begin; later < size(); ++later)
    level.with_next[later] = row[static_cast<std::size_t>(pool_[static_cast<std::size_t>(later)])];
  for (int j = 0; j < i; ++j) {
    const Level& before = levels_[static_cast<std::size_t>(j)];
    subtract(level.with_next + begin, before.with_next + begin, before.with_next[t] * before.inverse, count);
  }

  Level& next = levels_[static_cast<std::size_t>(i) + 1];
  next.xx = level.xx - a * a * inverse;
  next.yy = level.yy - b * b * inverse;
  next.xy = level.xy - a * b * inverse;
  take_out(level.with_next + begin, inverse, a, b, count, level.variance + begin, level.with_x + begin,
           level.with_y + begin, next.variance + begin, next.with_x + begin, next.with_y + begin);
  return true;
}

std::int64_t ConditionedPool::mark_doubtful(int begin, int end, const SureDependence& sure,
                                            std::int64_t* doubtful) {
  const Level& last = levels_.back();
  const SureBounds bounds = bounds_of(sure);
  if (k_ == 1) return mark_singles(begin, end, bounds, doubtful);
  return mark(last.variance + begin, last.with_x + begin, last.with_y + begin, last.xx, last.yy, last.xy,
              end - begin, bounds, doubtful);
}

std::int64_t ConditionedPool::mark_singles(int begin, int end, const SureBounds& bounds,
                                           std::int64_t* doubtful) {
  if (begin == end) return 0;
  const int from = pool_[static_cast<std::size_t>(begin)], to = pool_[static_cast<std::size_t>(end) - 1] + 1;
  constexpr int kMostGaps = 2;  // of a stretch's variables, every second is in the pool
  if (to - from <= kMostGaps * (end - begin) && are_sure(from, to, bounds)) return 0;
  pick(begin, end);
  const Level& only = levels_.front();
  return mark_first(only.with_x + begin, only.with_y + begin, only.xy, end - begin, bounds, doubtful);
}

bool ConditionedPool::are_sure(int from, int to, const SureBounds& bounds) const {
  const double* row_x = matrix_.row(x_).data();
  const double* row_y = matrix_.row(y_).data();
  const double xy = levels_.front().xy, below = sure_below(xy, bounds);
  const auto sure = [&](int begin, int end) {
    return begin >= end || (below > 0 && are_sums_below(row_x + begin, row_y + begin, below, end - begin)) ||
           are_all_sure(row_x + begin, row_y + begin, xy, end - begin, bounds);
  };
  // x and y themselves are no conditions
  const int lower = std::min(x_, y_), upper = std::max(x_, y_);
  const int first = std::clamp(lower, from, to), second = std::clamp(upper, from, to);
  return sure(from, first) && sure(first + (first == lower), second) && sure(second + (second == upper), to);
}

PartialCorrelation ConditionedPool::given(int t) {
  if (k_ == 1) pick(t, t + 1);
  const Level& last = levels_.back();
  const double pivot = last.variance[t], a = last.with_x[t], b = last.with_y[t];
  if (!(pivot > kSmallestPivot)) return {NAN, true};
  const double inverse = 1 / pivot;
  return residual_correlation(last.xx - a * a * inverse, last.yy - b * b * inverse,
                              last.xy - a * b * inverse);
}

}  // namespace why
