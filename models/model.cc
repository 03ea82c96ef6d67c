#include "models/model.h"

#include <algorithm>

#include "core/errors.h"

namespace why {

std::string name_of(Attribution method) {
  switch (method) {
    case Attribution::attention_gradient:
      return "attention gradient";
    case Attribution::logit_attribution:
      return "direct logit attribution";
    case Attribution::value_norm:
      return "norm of attended values";
    case Attribution::gradient_input:
      return "gradient x input";
    case Attribution::integrated_gradients:
      return "integrated gradients";
  }
  WHY_ASSERT(false);
}

Sequence integration_baseline(const BundleInfo& info, Sequence input) {
  const auto first = input.begin() + (info.is_text() && !input.empty() ? 1 : 0);
  std::fill(first, input.end(), info.mask_id >= 0 ? info.mask_id : info.pad_id);
  return input;
}

Scores Model::predict_visible(std::span<const Sequence>, std::span<const TokenFlags>) {
  throw UserError(text(info().path, " cannot hide tokens from its attention"));
}

Scores Model::predict_alone(const Sequence& input, const TokenFlags& visible) {
  return visible.empty() ? predict({&input, 1}) : predict_visible({&input, 1}, {&visible, 1});
}

std::vector<std::vector<float>> Model::states(std::span<const Sequence>) {
  throw UserError(info().path + " gives no states: its module has no method states(ids, mask)");
}

std::vector<Attention> Model::attend_on_device(std::span<const Sequence> batch, int layer, AttentionPart,
                                               Device) {
  return attend(batch, layer);
}

Scores Model::knock_out(const Sequence&, std::span<const std::vector<int>>) {
  throw UserError(info().path + " offers no knock-out: its module has no method knock_out(ids, mask, keep)");
}

std::vector<float> Model::attribute(const Sequence&, Attribution method, int, int, int) {
  throw UserError(text(info().path, " offers no ", name_of(method)));
}

}  // namespace why
