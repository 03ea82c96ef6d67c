// partial_correlations on a CUDA device. Only partial_correlations.cc includes this, and whoever already
// holds the correlations on the device.
#pragma once

#include <cstdint>
#include <vector>

#include "discovery/stats/partial_correlations.h"

struct CUstream_st;  // what cudaStream_t points to, so that no CUDA header is needed here

namespace why::cuda {

// All pointers are device pointers, shapes as in PairBatch; `out` holds `count` results. Returns once the
// work is queued on `stream`; what it needs besides comes from and goes back to CUDA's stream-ordered memory
// pool.
void partial_correlations(const double* values, int n, const int* x, const int* y, const int* z,
                          std::int64_t count, int k, PartialCorrelation* out, CUstream_st* stream);

// From and to memory of the host, on device number `index`.
std::vector<PartialCorrelation> partial_correlations(const SquareMatrix& matrix, const PairBatch& batch,
                                                     int index);

}  // namespace why::cuda
