#include "discovery/stats/partial_correlations.h"

#include <algorithm>

#include "core/errors.h"
#include "core/parallel.h"
#ifdef WHYFORMER_HAS_CUDA
#include "discovery/stats/partial_correlations_cuda.h"
#endif

namespace why {
namespace {

constexpr std::size_t kPairsAtATime = 256;

void check_batch(int n, const PairBatch& batch) {
  WHY_ASSERT(batch.k >= 0 && batch.y.size() == batch.x.size() &&
             batch.z.size() == batch.x.size() * static_cast<std::size_t>(batch.k));
  const auto all_known = [n](std::span<const int> variables) {
    return std::ranges::all_of(variables, [n](int v) { return 0 <= v && v < n; });
  };
  WHY_ASSERT(all_known(batch.x) && all_known(batch.y) && all_known(batch.z));
}

std::vector<PartialCorrelation> on_cpu(const SquareMatrix& matrix, const PairBatch& batch, int threads) {
  std::vector<PartialCorrelation> out(batch.x.size());
  const std::size_t pieces = (out.size() + kPairsAtATime - 1) / kPairsAtATime;
  parallel_for(pieces, threads, [&](std::size_t piece) {
    std::vector<double> workspace(static_cast<std::size_t>(ConditionedPair::workspace_size(batch.k)));
    const std::size_t end = std::min(out.size(), (piece + 1) * kPairsAtATime);
    for (std::size_t i = piece * kPairsAtATime; i < end; ++i)
      out[i] = partial_correlation(matrix.values.data(), matrix.n, batch.x[i], batch.y[i],
                                   batch.z.data() + i * static_cast<std::size_t>(batch.k), batch.k,
                                   workspace.data());
  });
  return out;
}

}  // namespace

std::vector<PartialCorrelation> partial_correlations(const Correlation& correlation, const PairBatch& batch,
                                                     Device device, int threads) {
  check_batch(correlation.num_variables(), batch);
  check_kernels_for(device);
#ifdef WHYFORMER_HAS_CUDA
  if (device.is_cuda()) return cuda::partial_correlations(correlation.matrix, batch, device.index);
#endif
  return on_cpu(correlation.matrix, batch, threads);
}

}  // namespace why
