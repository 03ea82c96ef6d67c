// correlate_heads on a CUDA device. Only head_correlations.cc includes this, and tests.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "discovery/stats/head_correlations.h"

namespace why::cuda {

// A correlation without a matrix where a value is NaN or infinite, a variable does not vary, or there is no
// memory for the head: the CPU is to say so, or to do it.
std::vector<Correlation> correlate_heads(std::span<const HeadValues> heads, Estimator estimator,
                                         int sample_size, int index);

// A copy in the memory of the device: in place of a model's attention, which is there already.
std::shared_ptr<const float> copy_of(std::span<const float> values, int index);

// A copy for the host.
std::vector<float> values_of(const HeadValues& head, int index);

}  // namespace why::cuda
