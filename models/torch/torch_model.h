// A bundle opened with LibTorch.
#pragma once

#include <memory>

#include "models/model.h"

namespace why {

// UserError when the folder is not a bundle, is damaged, does not answer as bundle.yaml says, or holds a
// model that capture cannot read: all of that is tried here on a small batch.
std::unique_ptr<Model> load_model(const std::string& bundle, Device device);

}  // namespace why
