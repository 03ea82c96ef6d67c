#include "experiments/tables/correlation_csv.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/errors.h"
#include "core/files.h"
#include "experiments/tables/csv.h"

namespace why {
namespace {

constexpr double kTolerance = 1e-6;  // files often hold seven digits

std::string between(const std::vector<std::string>& names, int x, int y) {
  return text("\"", names[static_cast<std::size_t>(x)], "\" and \"", names[static_cast<std::size_t>(y)],
              "\"");
}

}  // namespace

NamedCorrelation parse_correlation(std::string_view contents, std::string_view source, int sample_size) {
  Table table = parse_table(contents, source);
  const int n = table.columns();
  WHY_CHECK(table.rows == n, source, ": a correlation matrix of ", n, " variables needs ", n,
            " rows; this one has ", table.rows);
  SquareMatrix matrix(n);
  matrix.values = std::move(table.values);

  for (int x = 0; x < n; ++x) {
    WHY_CHECK(std::abs(matrix(x, x) - 1) <= kTolerance, source, ": the correlation of \"",
              table.names[static_cast<std::size_t>(x)], "\" with itself is ", matrix(x, x), ", not 1");
    matrix(x, x) = 1;
    for (int y = 0; y < x; ++y) {
      const double r = matrix(x, y), mirror = matrix(y, x);
      for (const double value : {r, mirror})
        WHY_CHECK(std::abs(value) <= 1 + kTolerance, source, ": the correlation of ",
                  between(table.names, y, x), " is ", value, ", outside [-1, 1]");
      WHY_CHECK(std::abs(r - mirror) <= kTolerance, source, ": the matrix is not symmetric: between ",
                between(table.names, y, x), " stand ", mirror, " and ", r);
      matrix(x, y) = matrix(y, x) = std::clamp((r + mirror) / 2, -1.0, 1.0);
    }
  }
  return {std::move(table.names), {std::move(matrix), sample_size}};
}

NamedCorrelation read_correlation(const std::filesystem::path& path, int sample_size) {
  return parse_correlation(read_file(path), path.string(), sample_size);
}

bool is_indefinite(const Correlation& correlation) {
  const int n = correlation.num_variables();
  Eigen::MatrixXd shifted = Eigen::Map<const Eigen::MatrixXd>(correlation.matrix.values.data(), n, n);
  shifted.diagonal().array() += 1e-8 * n;
  return Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>>(shifted).info() != Eigen::Success;
}

}  // namespace why
