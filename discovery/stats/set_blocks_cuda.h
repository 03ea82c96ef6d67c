// Blocks of conditioning sets on a CUDA device (set_blocks.h): a warp a block, a few sets a thread. The
// matrix is copied once; pools, lists and blocks travel with each batch. Where memory runs out, a batch is
// halved.
#pragma once

#include <memory>

#include "discovery/stats/set_blocks.h"

namespace why::cuda {

std::unique_ptr<SetScanner> make_scanner(const SquareMatrix& matrix, int index, Precision precision);

// float32 where the device is more than twice as fast in it: most that are not made for computing centres.
Precision fast_precision(int index);

}  // namespace why::cuda
