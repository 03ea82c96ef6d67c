// The correlations of the tokens, or of groups of tokens, of many attention heads: covariance.h, the means of
// groups, correlation.h, one after the other.
//
//   values   [n, m]  row-major float32: the probabilities of one head, m = n, or its outputs
//   groups   [v]     tokens whose mean is a variable, at least one each; none: each token is one, v = n
//   returns  [v, v]  double, for each head
//
// On the CPU heads share the threads. On a CUDA device `values` point into its memory and are complete (no
// stream still works on them). All heads are computed there in a few launches and each matrix stays there
// (Correlation::on_device) beside the host's copy; the values themselves do not come to the host. Besides the
// matrices that stay this takes 8 (n m + n^2 + v^2) bytes a head, for as many heads at a time as 256 MB hold,
// one at least.
// Where memory runs out, the batch is halved. A head that has none by itself, or that is to be refused, is
// copied to the host and computed there.
//
// The same bits on every device and for every number of threads. UserErrors are those of covariance.h and
// correlation.h, and one for a device that this program has no kernels for; std::runtime_error for one that
// fails.
#pragma once

#include <span>
#include <vector>

#include "core/device.h"
#include "discovery/stats/correlation.h"

namespace why {

enum class Estimator { attention, centered, outputs };  // attention_covariance, and so on

struct HeadValues {
  const float* values = nullptr;
  int n = 0, m = 0;
  const std::vector<std::vector<int>>* groups = nullptr;  // nullptr: none

  std::size_t size() const { return static_cast<std::size_t>(n) * static_cast<std::size_t>(m); }
  bool has_groups() const { return groups != nullptr && !groups->empty(); }
  int num_variables() const { return has_groups() ? static_cast<int>(groups->size()) : n; }
};

// Of the tokens of one head, [n, n], whose values are the host's.
SquareMatrix head_covariance(const HeadValues& head, Estimator estimator);

std::vector<Correlation> correlate_heads(std::span<const HeadValues> heads, Estimator estimator,
                                         int sample_size, Device device, int threads);

}  // namespace why
