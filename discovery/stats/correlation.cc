#include "discovery/stats/correlation.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "discovery/stats/covariance.h"
#include "discovery/stats/covariance_steps.h"

namespace why {
namespace {

std::string name_of(std::span<const std::string> names, int variable) {
  if (names.empty()) return text("number ", variable, " (counted from 0)");
  return text("\"", names[static_cast<std::size_t>(variable)], "\"");
}

// The deviations of one column from its mean, divided by the largest: in [-1, 1], and one of them is 1.
void standardize(std::span<const double> table, int rows, int columns, int column, double* out,
                 std::span<const std::string> names) {
  const auto cell = [&](int row) {
    return table[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
                 static_cast<std::size_t>(column)];
  };
  double sum = 0, low = cell(0), high = cell(0);
  for (int row = 0; row < rows; ++row) {
    const double value = cell(row);
    WHY_CHECK(std::isfinite(value), "row ", row, " (counted from 0) of variable ", name_of(names, column),
              " is ", value);
    sum += value;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  WHY_CHECK(low < high, "variable ", name_of(names, column), " is constant: every row is ", low);

  const double mean = sum / rows, scale = std::max(high - mean, mean - low);
  WHY_CHECK(std::isfinite(scale), "the values of variable ", name_of(names, column),
            " are too large to be summed");
  for (int row = 0; row < rows; ++row)
    out[static_cast<std::ptrdiff_t>(row) * columns] = (cell(row) - mean) / scale;
}

}  // namespace

Correlation correlation_from_covariance(SquareMatrix covariance, int sample_size,
                                        std::span<const std::string> names) {
  const int n = covariance.n;
  WHY_ASSERT(names.empty() || names.size() == static_cast<std::size_t>(n));
  std::vector<double> variance(static_cast<std::size_t>(n));
  for (int x = 0; x < n; ++x) {
    for (int y = 0; y < n; ++y)
      WHY_CHECK(std::isfinite(covariance(x, y)), "the covariance of variable ", name_of(names, x),
                " and variable ", name_of(names, y), " is ", covariance(x, y));
    variance[static_cast<std::size_t>(x)] = covariance(x, x);
    WHY_CHECK(has_correlation(covariance(x, x)), "variable ", name_of(names, x), " has variance ",
              covariance(x, x), ", so it has no correlation");
  }

  for (int x = 0; x < n; ++x) {
    covariance(x, x) = 1;
    for (int y = 0; y < x; ++y)
      covariance(x, y) = covariance(y, x) = correlation_of(
          covariance(x, y), variance[static_cast<std::size_t>(x)], variance[static_cast<std::size_t>(y)]);
  }
  return {std::move(covariance), sample_size};
}

Correlation correlation_from_table(std::span<const double> values, int rows, int columns,
                                   std::span<const std::string> names, int threads) {
  WHY_ASSERT(values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  WHY_ASSERT(names.empty() || names.size() == static_cast<std::size_t>(columns));
  WHY_CHECK(rows >= 2, "a correlation needs at least 2 rows; the table has ", rows);
  std::vector<double> deviations(values.size());
  for (int column = 0; column < columns; ++column)
    standardize(values, rows, columns, column, deviations.data() + column, names);
  return correlation_from_covariance(sum_of_products(deviations, rows, columns, threads), rows, names);
}

Correlation select_variables(const Correlation& correlation, std::span<const int> variables) {
  const int n = static_cast<int>(variables.size());
  Correlation out{SquareMatrix(n), correlation.sample_size};
  for (int x = 0; x < n; ++x)
    for (int y = 0; y < n; ++y)
      out.matrix(x, y) =
          correlation.matrix(variables[static_cast<std::size_t>(x)], variables[static_cast<std::size_t>(y)]);
  return out;
}

}  // namespace why
