#include "models/torch/batch.h"

#include <algorithm>

namespace why {

Batch pad_batch(std::span<const Sequence> sequences, std::int64_t pad, at::Device device) {
  std::size_t longest = 0;
  for (const auto& sequence : sequences) longest = std::max(longest, sequence.size());
  const auto rows = static_cast<std::int64_t>(sequences.size()), columns = static_cast<std::int64_t>(longest);
  at::Tensor ids = torch::full({rows, columns}, pad, torch::kInt64);
  at::Tensor mask = torch::zeros({rows, columns}, torch::kBool);
  for (std::int64_t b = 0; b < rows; ++b) {
    const Sequence& sequence = sequences[static_cast<std::size_t>(b)];
    std::copy(sequence.begin(), sequence.end(), ids.data_ptr<std::int64_t>() + b * columns);
    std::fill_n(mask.data_ptr<bool>() + b * columns, sequence.size(), true);
  }
  return {ids.to(device), mask.to(device)};
}

}  // namespace why
