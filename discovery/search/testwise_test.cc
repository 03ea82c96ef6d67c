#include "discovery/search/testwise_test.h"

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "discovery/stats/fisher_z.h"
#include "discovery/stats/student_t.h"

namespace why {
namespace {

// Of the scaled columns, whose deviations reach 1: less is rounding.
constexpr double kSmallestVariance = 1e-24;

// Shifts and scales the values that are there into [-1, 1].
void standardize(std::span<double> column) {
  double low = INFINITY, high = -INFINITY;
  for (const double value : column) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double middle = low / 2 + high / 2, scale = high / 2 - low / 2;
  if (!(scale > 0)) return;
  for (double& value : column) value = (value - middle) / scale;
}

// The rows without a gap in these columns, one variable after the other: [variables, rows left].
struct CompleteRows {
  int rows = 0;
  std::vector<double> values;

  std::span<double> variable(std::size_t i) {
    const auto n = static_cast<std::size_t>(rows);
    return std::span(values).subspan(i * n, n);
  }
};

CompleteRows complete_rows(std::span<const double* const> columns, int rows) {
  std::vector<int> kept;
  for (int row = 0; row < rows; ++row)
    if (std::ranges::none_of(columns, [&](const double* column) { return std::isnan(column[row]); }))
      kept.push_back(row);
  CompleteRows out{static_cast<int>(kept.size()), {}};
  out.values.reserve(columns.size() * kept.size());
  for (const double* column : columns)
    for (const int row : kept) out.values.push_back(column[row]);
  return out;
}

// Correlations of the variables, [m, m]; nothing when one is constant.
std::vector<double> correlations(CompleteRows& rows, std::size_t m) {
  std::vector<double> deviation(m), out(m * m, 1);
  for (std::size_t i = 0; i < m; ++i) {
    const std::span<double> values = rows.variable(i);
    double sum = 0, squares = 0;
    for (const double value : values) sum += value;
    for (double& value : values) {
      value -= sum / rows.rows;
      squares += value * value;
    }
    if (!(squares > kSmallestVariance * rows.rows)) return {};
    deviation[i] = std::sqrt(squares);
  }
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const std::span<double> a = rows.variable(i), b = rows.variable(j);
      double product = 0;
      for (std::size_t row = 0; row < a.size(); ++row) product += a[row] * b[row];
      out[i * m + j] = out[j * m + i] = std::clamp(product / (deviation[i] * deviation[j]), -1.0, 1.0);
    }
  return out;
}

}  // namespace

TestwiseTest::TestwiseTest(std::span<const double> values, int rows, int columns,
                           const TestwiseOptions& options)
    : rows_(rows), columns_(columns), options_(options), values_(values.size()) {
  WHY_ASSERT(values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  WHY_CHECK(options.alpha > 0 && options.alpha < 1, "alpha must lie between 0 and 1, not be ", options.alpha);
  const auto n = static_cast<std::size_t>(columns), m = static_cast<std::size_t>(rows);
  for (std::size_t x = 0; x < n; ++x) {
    for (std::size_t row = 0; row < m; ++row) values_[x * m + row] = values[row * n + x];
    standardize(std::span(values_).subspan(x * m, m));
  }
}

int TestwiseTest::max_order() const { return std::max(0, rows_ - (options_.exact ? 3 : 4)); }

std::optional<int> TestwiseTest::samples(Node x, Node y, std::span<const Node> z) const {
  std::vector<const double*> columns = {column(x), column(y)};
  for (const Node node : z) columns.push_back(column(node));
  return complete_rows(columns, rows_).rows;
}

CiAnswer TestwiseTest::ask(Node x, Node y, std::span<const Node> z) const {
  // in ascending order, so that a question however asked has one answer
  std::vector<Node> sorted(z.begin(), z.end());
  std::ranges::sort(sorted);
  std::vector<const double*> columns = {column(std::min(x, y)), column(std::max(x, y))};
  for (const Node node : sorted) columns.push_back(column(node));

  CompleteRows rows = complete_rows(columns, rows_);
  const int k = static_cast<int>(z.size()), m = k + 2;
  if (rows.rows - k < (options_.exact ? 3 : 4)) return {false, true, 0};
  const std::vector<double> r = correlations(rows, columns.size());
  if (r.empty()) return {false, true, 0};

  std::vector<int> given(sorted.size());
  for (int i = 0; i < k; ++i) given[static_cast<std::size_t>(i)] = i + 2;
  std::vector<double> workspace(static_cast<std::size_t>(ConditionedPair::workspace_size(k)));
  const PartialCorrelation rho = partial_correlation(r.data(), m, 0, 1, given.data(), k, workspace.data());
  if (rho.degenerate) return {false, true, 0};
  const double p = options_.exact ? student_t_p(rho.rho, rows.rows, k) : fisher_z_p(rho.rho, rows.rows, k);
  return {p > options_.alpha, false, p};
}

}  // namespace why
