#include "discovery/stats/contingency.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <vector>

namespace why {
namespace {

// One stratum added to the result. row_sums and column_sums are workspace.
void add_stratum(ContingencyResult& out, std::span<const int> counts, std::vector<double>& row_sums,
                 std::vector<double>& column_sums, ContingencyStatistic statistic) {
  std::ranges::fill(row_sums, 0);
  std::ranges::fill(column_sums, 0);
  const std::size_t columns = column_sums.size();
  double n = 0;
  for (std::size_t i = 0; i < row_sums.size(); ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      const double count = counts[i * columns + j];
      row_sums[i] += count;
      column_sums[j] += count;
      n += count;
    }
  const auto occurs = [](double sum) { return sum > 0; };
  const std::int64_t a = std::ranges::count_if(row_sums, occurs),
                     b = std::ranges::count_if(column_sums, occurs);
  out.rows += static_cast<std::int64_t>(n);
  out.cells += a * b;
  if (a < 2 || b < 2) return;  // nothing varies
  out.df += (a - 1) * (b - 1);
  for (std::size_t i = 0; i < row_sums.size(); ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      const double count = counts[i * columns + j], expected = row_sums[i] * column_sums[j] / n;
      if (statistic == ContingencyStatistic::chi2 && expected > 0)
        out.statistic += (count - expected) * (count - expected) / expected;
      else if (statistic == ContingencyStatistic::g2 && count > 0)
        out.statistic += 2 * count * std::log(count / expected);
    }
}

}  // namespace

ContingencyResult contingency_test(std::span<const int> counts, int levels_x, int levels_y,
                                   ContingencyStatistic statistic) {
  using boost::math::policies::policy;
  using boost::math::policies::promote_double;
  ContingencyResult out;
  std::vector<double> row_sums(static_cast<std::size_t>(levels_x)),
      column_sums(static_cast<std::size_t>(levels_y));
  const std::size_t size = row_sums.size() * column_sums.size();
  for (std::size_t at = 0; at < counts.size(); at += size)
    add_stratum(out, counts.subspan(at, size), row_sums, column_sums, statistic);
  out.statistic = std::max(0.0, out.statistic);  // G2 of equal shares may be a rounding below 0
  if (out.df > 0)
    out.p_value = boost::math::gamma_q(static_cast<double>(out.df) / 2, out.statistic / 2,
                                       policy<promote_double<false>>());
  return out;
}

}  // namespace why
