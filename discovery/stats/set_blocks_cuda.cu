#include <algorithm>

#include "core/cuda.h"
#include "discovery/stats/set_blocks_cuda.h"

namespace why::cuda {
namespace {

constexpr int kWarp = 32;
constexpr int kWarpsTogether = 4;
static_assert(kWarp * kSetsAThread == kSetsInBlock);

template <int kMost, class Real>
__global__ void scan_blocks(ScanProblem<Real> problem, const SetBlock* blocks, int count, int* first) {
  const int warp = blockIdx.x * kWarpsTogether + threadIdx.x / kWarp;
  if (warp >= count) return;  // all of the warp
  const SetBlock block = blocks[warp];
  const int from = static_cast<int>(threadIdx.x % kWarp) * kSetsAThread;
  const int to = min(from + kSetsAThread, block.count);
  int found = block.count;
  if (from < to) {
    const int mine = first_in_doubt<kMost>(problem, block, from, to);
    if (mine < to) found = mine;
  }
  found = __reduce_min_sync(0xffffffffu, found);
  if (threadIdx.x % kWarp == 0) first[warp] = found;
}

std::vector<float> rounded(std::span<const double> values) {
  std::vector<float> out;
  for (const double value : values) out.push_back(static_cast<float>(value));
  return out;
}

template <class Real>
class Scanner : public SetScanner {
 public:
  Scanner(std::span<const Real> values, int n, int index)
      : index_(index), stream_(index), n_(n), values_(to_device<Real>(values, stream_.get())) {
    WHY_CUDA(cudaStreamSynchronize(stream_.get()));  // `values` may go
  }

  std::vector<int> first_in_doubt(const SetBatch& batch) override {
    std::vector<int> out;
    out.reserve(batch.blocks.size());
    add(batch, out);
    return out;
  }

 private:
  void add(const SetBatch& batch, std::vector<int>& out) {
    if (batch.blocks.empty()) return;
    try {
      const std::vector<int> found = scan(batch);
      out.insert(out.end(), found.begin(), found.end());
    } catch (const OutOfMemory&) {
      const std::size_t half = batch.blocks.size() / 2;
      if (half == 0) throw;
      SetBatch part = batch;
      part.blocks = batch.blocks.first(half);
      add(part, out);
      part.blocks = batch.blocks.subspan(half);
      add(part, out);
    }
  }

  // Of the nodes only what the blocks need is copied.
  std::vector<int> scan(const SetBatch& batch) const {
    WHY_CUDA(cudaSetDevice(index_));  // each thread has a device of its own
    const cudaStream_t stream = stream_.get();
    std::int64_t begin = batch.blocks.front().at, end = begin;
    int largest = 0;
    for (const SetBlock& block : batch.blocks) {
      const std::int64_t size = block.pool > 0 ? block.pool : std::int64_t{block.count} * batch.k;
      begin = std::min(begin, block.at);
      end = std::max(end, block.at + size);
      largest = std::max(largest, block.pool);
    }
    std::vector<SetBlock> moved(batch.blocks.begin(), batch.blocks.end());
    for (SetBlock& block : moved) block.at -= begin;

    const auto nodes = to_device<int>(
        batch.nodes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)), stream);
    const std::vector<std::int64_t> table = binomials_up_to(largest, batch.k);
    const auto binomials = to_device<std::int64_t>(table, stream);
    const auto blocks = to_device<SetBlock>(moved, stream);
    const Buffer<int> first(moved.size(), stream);
    const ScanProblem<Real> problem{values_.data(), n_,
                                    batch.k,        ScanProblem<Real>::bounds_of(batch.sure),
                                    nodes.data(),   binomials.data()};
    const auto count = static_cast<int>(moved.size());
    const auto kernel =
        batch.k <= kSmallBlockSet ? scan_blocks<kSmallBlockSet, Real> : scan_blocks<kLargestBlockSet, Real>;
    launch(kernel, (count + kWarpsTogether - 1) / kWarpsTogether, kWarp * kWarpsTogether, stream, problem,
           blocks.data(), count, first.data());
    return to_host(first, stream);
  }

  int index_;
  Stream stream_;
  int n_;
  Buffer<Real> values_;
};

}  // namespace

std::unique_ptr<SetScanner> make_scanner(const SquareMatrix& matrix, int index, Precision precision) {
  if (precision == Precision::float64)
    return std::make_unique<Scanner<double>>(std::span<const double>(matrix.values), matrix.n, index);
  const std::vector<float> values = rounded(matrix.values);
  return std::make_unique<Scanner<float>>(std::span<const float>(values), matrix.n, index);
}

Precision fast_precision(int index) {
  int ratio = 0;
  WHY_CUDA(cudaDeviceGetAttribute(&ratio, cudaDevAttrSingleToDoublePrecisionPerfRatio, index));
  return ratio > 2 ? Precision::float32 : Precision::float64;
}

}  // namespace why::cuda
