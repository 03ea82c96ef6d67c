// An [n, n] matrix of doubles, row after row: covariances and correlations.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace why {

struct SquareMatrix {
  int n = 0;
  std::vector<double> values;  // [n, n]

  SquareMatrix() = default;
  explicit SquareMatrix(int size)
      : n(size), values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size)) {}

  double& operator()(int row, int column) { return values[index(row, column)]; }
  double operator()(int row, int column) const { return values[index(row, column)]; }
  std::span<const double> row(int i) const {
    return std::span(values).subspan(index(i, 0), static_cast<std::size_t>(n));
  }

 private:
  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(n) + static_cast<std::size_t>(column);
  }
};

}  // namespace why
