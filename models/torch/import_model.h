// A Hugging Face folder becomes a bundle; what Backend::import_model promises.
#pragma once

#include "models/importing.h"

namespace why {

ImportReport import_model(const ImportOptions& options);

}  // namespace why
