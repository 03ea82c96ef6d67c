#include "discovery/stats/set_blocks.h"

#include <algorithm>

#include "core/errors.h"
#include "core/subsets.h"

namespace why {
namespace {

template <class Real>
class HostScanner : public SetScanner {
 public:
  explicit HostScanner(const SquareMatrix& matrix)
      : n_(matrix.n), values_(matrix.values.begin(), matrix.values.end()) {}

  std::vector<int> first_in_doubt(const SetBatch& batch) override {
    int largest = 0;
    for (const SetBlock& block : batch.blocks) largest = std::max(largest, block.pool);
    const auto binomials = binomials_up_to(largest, batch.k);
    const ScanProblem<Real> problem{
        values_.data(),  n_, batch.k, ScanProblem<Real>::bounds_of(batch.sure), batch.nodes.data(),
        binomials.data()};
    std::vector<int> out;
    for (const SetBlock& block : batch.blocks) out.push_back(scan(problem, block));
    return out;
  }

 private:
  // The threads of a device, one after the other.
  static int scan(const ScanProblem<Real>& problem, const SetBlock& block) {
    for (int from = 0; from < block.count; from += kSetsAThread) {
      const int to = std::min(from + kSetsAThread, block.count);
      const int found = why::first_in_doubt<kLargestBlockSet>(problem, block, from, to);
      if (found < to) return found;
    }
    return block.count;
  }

  int n_;
  std::vector<Real> values_;
};

}  // namespace

std::unique_ptr<SetScanner> make_host_scanner(const SquareMatrix& matrix, Precision precision) {
  if (precision == Precision::float32) return std::make_unique<HostScanner<float>>(matrix);
  return std::make_unique<HostScanner<double>>(matrix);
}

std::vector<std::int64_t> binomials_up_to(int most, int k) {
  std::vector<std::int64_t> out;
  out.reserve(static_cast<std::size_t>(most + 1) * static_cast<std::size_t>(k));
  for (int m = 0; m <= most; ++m)
    for (int j = 0; j < k; ++j) out.push_back(binomial(m, j));
  return out;
}

}  // namespace why
