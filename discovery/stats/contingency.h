// Are two categorical variables independent within every stratum? Pearson's chi-squared and the likelihood
// ratio G2, summed over strata.
//
//   observed n_ij, margins n_i and n_j, stratum n       expected e_ij = n_i n_j / n
//   chi2 = sum (n_ij - e_ij)^2 / e_ij                   G2 = 2 sum n_ij ln(n_ij / e_ij)
//
// Degrees of freedom: the sum over strata of (a - 1)(b - 1), where a and b count the categories of x and y
// that occur in the stratum ("adjusted": a category that never occurs together with the stratum cannot vary;
// Bishop, Fienberg, Holland 1975, section 3.8). p = Q(df / 2, statistic / 2), the upper regularized
// incomplete gamma function.
//
// The asymptotic distribution needs rows. `cells` is the sum over strata of a b, those that could be filled;
// the caller compares it with the number of rows.
#pragma once

#include <cstdint>
#include <span>

namespace why {

enum class ContingencyStatistic : std::uint8_t { g2, chi2 };

struct ContingencyResult {
  double statistic = 0;
  std::int64_t df = 0;
  std::int64_t cells = 0;
  std::int64_t rows = 0;
  double p_value = 1;  // of no meaning where df is 0
};

// counts: [strata, levels_x, levels_y].
ContingencyResult contingency_test(std::span<const int> counts, int levels_x, int levels_y,
                                   ContingencyStatistic statistic);

}  // namespace why
