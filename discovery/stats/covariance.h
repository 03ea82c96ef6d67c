// Covariance of the tokens of one input, read off one attention head.
//
//   attention  [n, n]  row-major; row i is the distribution over keys of query i. Padding is already cut.
//   outputs    [n, d]  row-major; row i is the head's output A·V for token i
//   returns    [n, n]
//
// The paper reads A as the mixing matrix of a linear model with independent noise of equal variance, so that
// the covariance of its outputs is A·Aᵀ (Rohekar et al. 2023). Only the correlation is used later, so none of
// them is divided by a number of samples. To look at some tokens only, select rows after the covariance was
// formed over all columns (select_variables in
// correlation.h).
//
// A variable may also be the mean of several tokens, as a word is of its pieces: mean_covariance.
//
// Computed in double, each sum in the order of the columns. Cost O(n^2 m) for m columns. UserError when an
// entry is NaN or infinite, naming row and column, counted from 0.
#pragma once

#include <span>
#include <vector>

#include "discovery/stats/square_matrix.h"

namespace why {

// A·Aᵀ. Nothing is centred: an entry says how alike two tokens distribute their attention.
SquareMatrix attention_covariance(std::span<const float> attention, int n);

// The same of A minus its column means: what two tokens attend to beyond what every token attends to.
SquareMatrix centered_attention_covariance(std::span<const float> attention, int n);

// Covariance of the rows of A·V, with the d features as samples: each row minus its mean.
SquareMatrix output_covariance(std::span<const float> outputs, int n, int d);

// Covariance of the means of groups of variables: M·C·Mᵀ for M [groups, n] with 1 / size at a group's
// members. groups[g] holds numbers of rows of `covariance`, at least one. Cost: the sizes of the groups,
// squared.
SquareMatrix mean_covariance(const SquareMatrix& covariance, const std::vector<std::vector<int>>& groups);

// The sum over samples t of the outer product of row t with itself, for samples [m, n]: [n, n]. What the
// functions above and correlation.h build on; each entry is summed in the order of t for any thread count.
SquareMatrix sum_of_products(std::span<const double> samples, int m, int n, int threads = 1);

}  // namespace why
