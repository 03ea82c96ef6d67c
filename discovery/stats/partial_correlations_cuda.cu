#include <algorithm>

#include "core/cuda.h"
#include "discovery/stats/partial_correlations_cuda.h"

namespace why::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kMostBlocks = 4096;  // bounds the workspace; each thread then takes several pairs
constexpr int kLocalOrder = 8;     // up to this size a set's workspace stays in the thread's own memory

// A pair a thread. `shared_workspace` is used for sets larger than kLocalOrder.
__global__ void correlate_pairs(const double* values, int n, const int* x, const int* y, const int* z,
                                std::int64_t count, int k, double* shared_workspace,
                                PartialCorrelation* out) {
  double local[ConditionedPair::workspace_size(kLocalOrder)];
  const std::int64_t thread = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const std::int64_t threads = std::int64_t{gridDim.x} * blockDim.x;
  double* workspace =
      k <= kLocalOrder ? local : shared_workspace + thread * ConditionedPair::workspace_size(k);
  for (std::int64_t i = thread; i < count; i += threads)
    out[i] = partial_correlation(values, n, x[i], y[i], z + i * k, k, workspace);
}

}  // namespace

void partial_correlations(const double* values, int n, const int* x, const int* y, const int* z,
                          std::int64_t count, int k, PartialCorrelation* out, CUstream_st* stream) {
  if (count == 0) return;
  const auto blocks =
      static_cast<int>(std::min<std::int64_t>((count + kThreads - 1) / kThreads, kMostBlocks));
  const std::size_t workspace =
      k <= kLocalOrder ? 0 : static_cast<std::size_t>(blocks) * kThreads * ConditionedPair::workspace_size(k);
  const Buffer<double> shared_workspace(workspace, stream);
  launch(correlate_pairs, blocks, kThreads, stream, values, n, x, y, z, count, k, shared_workspace.data(),
         out);
}

std::vector<PartialCorrelation> partial_correlations(const SquareMatrix& matrix, const PairBatch& batch,
                                                     int index) {
  const Stream stream(index);
  const auto values = to_device<double>(matrix.values, stream.get());
  const auto x = to_device<int>(batch.x, stream.get());
  const auto y = to_device<int>(batch.y, stream.get());
  const auto z = to_device<int>(batch.z, stream.get());
  const Buffer<PartialCorrelation> out(batch.x.size(), stream.get());
  partial_correlations(values.data(), matrix.n, x.data(), y.data(), z.data(),
                       static_cast<std::int64_t>(batch.x.size()), batch.k, out.data(), stream.get());
  return to_host(out, stream.get());
}

}  // namespace why::cuda
