#include "models/torch/capture.h"

#include "core/errors.h"

namespace why {

std::vector<LayerAttention> cut_padding(const LayerAttention& attention, const at::Tensor& keep) {
  const at::Tensor& probabilities = attention.probabilities;
  WHY_ASSERT(keep.dim() == 2 && keep.size(0) == probabilities.size(0) &&
             keep.size(1) == probabilities.size(2));
  std::vector<LayerAttention> cut;
  for (std::int64_t b = 0; b < keep.size(0); ++b) {
    const at::Tensor kept = keep[b].nonzero().squeeze(1).to(probabilities.device());
    cut.push_back({probabilities[b].index_select(1, kept).index_select(2, kept),
                   attention.outputs[b].index_select(1, kept)});
  }
  return cut;
}

}  // namespace why
