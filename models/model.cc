#include "models/model.h"

#include "core/errors.h"

namespace why {

Scores Model::predict_visible(std::span<const Sequence>, std::span<const TokenFlags>) {
  throw UserError(text(info().path, " cannot hide tokens from its attention"));
}

std::vector<std::vector<float>> Model::states(std::span<const Sequence>) {
  throw UserError(info().path + " gives no states: its module has no method states(ids, mask)");
}

}  // namespace why
