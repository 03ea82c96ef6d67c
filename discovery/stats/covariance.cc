#include "discovery/stats/covariance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/errors.h"
#include "core/parallel.h"
#include "discovery/stats/covariance_steps.h"
#include "discovery/stats/for_each_machine.h"

namespace why {
namespace {

enum class Centering { none, rows, columns };

// The transpose [m, n] of a row-major [n, m] matrix, in double.
std::vector<double> transpose(std::span<const float> rows, int n, int m, std::string_view what) {
  WHY_ASSERT(n >= 0 && m >= 0 && rows.size() == static_cast<std::size_t>(n) * static_cast<std::size_t>(m));
  std::vector<double> out(rows.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    for (std::size_t j = 0; j < static_cast<std::size_t>(m); ++j) {
      const float value = rows[i * static_cast<std::size_t>(m) + j];
      WHY_CHECK(std::isfinite(value), what, " holds ", value, " at row ", i, ", column ", j,
                " (counted from 0)");
      out[j * static_cast<std::size_t>(n) + i] = value;
    }
  }
  return out;
}

// Subtracts from `count` values, `stride` apart, their mean.
void center(double* values, int count, int stride) {
  const double mean = mean_of(values, count, stride);
  for (int i = 0; i < count; ++i) {
    double& value = values[static_cast<std::ptrdiff_t>(i) * stride];
    value = deviation(value, mean);
  }
}

SquareMatrix covariance(std::span<const float> rows, int n, int m, Centering centering,
                        std::string_view what) {
  std::vector<double> samples = transpose(rows, n, m, what);
  if (centering == Centering::rows)
    for (int i = 0; i < n; ++i) center(samples.data() + i, m, n);
  if (centering == Centering::columns)
    for (int j = 0; j < m; ++j) center(samples.data() + static_cast<std::ptrdiff_t>(j) * n, n, 1);
  return sum_of_products(samples, m, n);
}

// Columns in groups: group g holds [m, kGroup] one row after the other; the last is filled with zeros.
constexpr std::size_t kGroup = 8;

std::vector<double> grouped_columns(std::span<const double> samples, std::size_t m, std::size_t n) {
  std::vector<double> groups((n + kGroup - 1) / kGroup * kGroup * m);
  for (std::size_t t = 0; t < m; ++t)
    for (std::size_t x = 0; x < n; ++x)
      groups[(x / kGroup * m + t) * kGroup + x % kGroup] = samples[t * n + x];
  return groups;
}

// 4 x 8 running sums stay in registers.
constexpr std::size_t kTile = 4;
using Tile = std::array<std::array<double, kGroup>, kTile>;

// The sums of kTile columns of one group, from a on, with all of another's. They do not depend on each other,
// so the compiler may compute several at a time without reordering any.
WHY_FOR_EACH_MACHINE void sum_tile(const double* __restrict a, const double* __restrict b, std::size_t m,
                                   Tile* __restrict out) {
  double sums[kTile][kGroup] = {};
  for (std::size_t t = 0; t < m; ++t, a += kGroup, b += kGroup)
    for (std::size_t i = 0; i < kTile; ++i)
      for (std::size_t j = 0; j < kGroup; ++j) sums[i][j] += a[i] * b[j];
  for (std::size_t i = 0; i < kTile; ++i) std::copy_n(sums[i], kGroup, (*out)[i].begin());
}

}  // namespace

SquareMatrix sum_of_products(std::span<const double> samples, int m, int n, int threads) {
  WHY_ASSERT(m >= 0 && n >= 0);
  const auto rows = static_cast<std::size_t>(m), columns = static_cast<std::size_t>(n);
  WHY_ASSERT(samples.size() == rows * columns);
  const std::vector<double> values = grouped_columns(samples, rows, columns);
  const std::size_t groups = (columns + kGroup - 1) / kGroup;
  SquareMatrix out(n);
  const auto add_tile = [&](std::size_t x, std::size_t left) {  // columns x .. with those of group `left`
    Tile sums;
    sum_tile(values.data() + x / kGroup * rows * kGroup + x % kGroup, values.data() + left * rows * kGroup,
             rows, &sums);
    for (std::size_t i = x; i < std::min(columns, x + kTile); ++i)
      for (std::size_t y = left * kGroup; y < std::min(columns, (left + 1) * kGroup); ++y)
        out.values[i * columns + y] = out.values[y * columns + i] = sums[i - x][y % kGroup];
  };
  // a group is read from memory once for some that stay near
  constexpr std::size_t kNear = 4;
  const std::size_t pieces = (groups + kNear - 1) / kNear;
  parallel_for(pieces, threads, [&](std::size_t piece) {
    const std::size_t first = (pieces - 1 - piece) * kNear;  // the longest rows first
    const std::size_t end = std::min(groups, first + kNear);
    for (std::size_t left = 0; left < end; ++left)
      for (std::size_t top = std::max(left, first); top < end; ++top)
        for (std::size_t x = top * kGroup; x < std::min(columns, (top + 1) * kGroup); x += kTile)
          add_tile(x, left);
  });
  return out;
}

SquareMatrix attention_covariance(std::span<const float> attention, int n) {
  return covariance(attention, n, n, Centering::none, "the attention");
}

SquareMatrix centered_attention_covariance(std::span<const float> attention, int n) {
  return covariance(attention, n, n, Centering::columns, "the attention");
}

SquareMatrix output_covariance(std::span<const float> outputs, int n, int d) {
  return covariance(outputs, n, d, Centering::rows, "the attention output");
}

SquareMatrix mean_covariance(const SquareMatrix& covariance, const std::vector<std::vector<int>>& groups) {
  const auto of_means = [&](const std::vector<int>& a, const std::vector<int>& b) {
    return covariance_of_means(covariance.values.data(), covariance.n, a.data(), static_cast<int>(a.size()),
                               b.data(), static_cast<int>(b.size()));
  };
  SquareMatrix out(static_cast<int>(groups.size()));
  for (int g = 0; g < out.n; ++g) {
    const auto& group = groups[static_cast<std::size_t>(g)];
    WHY_ASSERT(!group.empty());
    for (const int x : group) WHY_ASSERT(x >= 0 && x < covariance.n);
    for (int h = 0; h <= g; ++h) out(g, h) = out(h, g) = of_means(group, groups[static_cast<std::size_t>(h)]);
  }
  return out;
}

}  // namespace why
