// Blocks of conditioning sets on a CUDA device (set_blocks.h): a warp a block, a few sets a thread. The
// matrix is copied once; pools, lists and blocks travel with each batch. Where memory runs out, a batch is
// halved.
#pragma once

#include <memory>

#include "discovery/stats/set_blocks.h"

namespace why::cuda {

std::unique_ptr<SetScanner> make_scanner(const SquareMatrix& matrix, int index);

}  // namespace why::cuda
