// Partial correlations of many pairs at once, given sets of one size.
//
//   correlation  [n, n]
//   x, y         [B]     numbers of the variables
//   z            [B, k]  conditioning sets; x, y and z of one pair are all different
//   returns      [B]     rho(x, y | z) and whether it is degenerate (partial_correlation.h)
//
// Cost O(B k^3). The result depends neither on threads nor on the device: both do the same operations in the
// same order, and neither contracts them. A CUDA device copies the matrix for each call; callers that keep it
// there use partial_correlations_cuda.h.
#pragma once

#include <span>
#include <vector>

#include "core/device.h"
#include "discovery/stats/correlation.h"
#include "discovery/stats/partial_correlation.h"

namespace why {

struct PairBatch {
  std::span<const int> x, y, z;
  int k = 0;
};

// UserError for a CUDA device when this program was built without CUDA.
std::vector<PartialCorrelation> partial_correlations(const Correlation& correlation, const PairBatch& batch,
                                                     Device device = {}, int threads = 1);

}  // namespace why
