// Correlation matrices and where they come from.
//
// Every one made here is exactly symmetric, has an exact unit diagonal and entries in [-1, 1]; the tests rely
// on it. It may be singular: two identical rows have correlation 1, and the tests say what they do then.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/device.h"
#include "discovery/stats/square_matrix.h"

namespace why {

// sample_size is what the test of independence takes as the number of independent observations: rows of a
// table; for attention a choice (the reference takes the hidden size).
struct Correlation {
  SquareMatrix matrix;
  int sample_size = 0;
  // The same matrix in the memory of a CUDA device, where it was computed there (head_correlations.h): a
  // search on this device does not upload it. Whoever changes the matrix takes it away.
  std::shared_ptr<const double> on_device = {};
  Device device = {};

  int num_variables() const { return matrix.n; }
};

// C_xy / sqrt(C_xx C_yy). UserError when an entry is NaN or infinite (names row and column) or a variable
// does not vary (names it). Without names, variables are called by their number, from 0.
Correlation correlation_from_covariance(SquareMatrix covariance, int sample_size,
                                        std::span<const std::string> names = {});

// Pearson correlation of the columns of a table [rows, columns], in two passes: means first, then products
// of deviations, each column scaled by its largest deviation, so that no unit of measurement over- or
// underflows. sample_size is the number of rows. Cost O(rows columns^2). UserError when a cell is NaN or
// infinite, a column is constant, or there are fewer than 2 rows.
Correlation correlation_from_table(std::span<const double> values, int rows, int columns,
                                   std::span<const std::string> names = {}, int threads = 1);

// The correlation of some of the variables, in the order given.
Correlation select_variables(const Correlation& correlation, std::span<const int> variables);

}  // namespace why
