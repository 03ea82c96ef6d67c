#include "models/model.h"

#include "core/errors.h"

namespace why {

Scores Model::predict_visible(std::span<const Sequence>, std::span<const TokenFlags>) {
  throw UserError(text(info().path, " cannot hide tokens from its attention"));
}

}  // namespace why
