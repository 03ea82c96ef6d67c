#include "experiments/tasks/mixing.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "experiments/attention_graphs.h"
#include "experiments/tasks/rankings.h"

namespace why {
namespace {

using Matrix = std::vector<float>;  // [n, n], row-major

Attention attend(Model& model, const Sequence& observed, int layer) {
  return std::move(model.attend(std::span(&observed, 1), layer).front());
}

// What the estimator reads, left there.
Attention attend_on_device(Model& model, const Sequence& observed, int layer, const std::string& estimator,
                           Device device) {
  const auto part = estimator == "outputs" ? AttentionPart::outputs : AttentionPart::probabilities;
  return std::move(model.attend_on_device(std::span(&observed, 1), layer, part, device).front());
}

bool is_of_attention(const std::string& estimator) {
  return std::find(kEstimators.begin(), kEstimators.end(), estimator) != kEstimators.end();
}

// (A + 1) / 2 of a head, or of the mean over heads.
Matrix half_passing_by(const Attention& attention, std::optional<int> head = {}) {
  const auto n = static_cast<std::size_t>(attention.tokens);
  Matrix out;
  for (std::size_t query = 0; query < n; ++query) {
    for (const float read : attention_row(attention, static_cast<int>(query), head)) out.push_back(read / 2);
    out[query * n + query] += 0.5f;
  }
  return out;
}

Matrix product(const Matrix& a, const Matrix& b, int tokens) {
  const auto n = static_cast<std::size_t>(tokens);
  Matrix out(n * n, 0.0f);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j < n; ++j) out[i * n + j] += a[i * n + k] * b[k * n + j];
  return out;
}

// The layers below this one, the lowest on the right; empty where there is none.
Matrix rolled_out_below(Model& model, const Sequence& observed, int layer) {
  Matrix out;
  for (int lower = 0; lower < layer; ++lower) {
    const Attention attention = attend(model, observed, lower);
    const Matrix step = half_passing_by(attention);
    out = out.empty() ? step : product(step, out, attention.tokens);
  }
  return out;
}

// Variance of the noise of each of `tokens` tokens, 1 on average.
std::vector<float> shares_of_margin(Model& model, const Subject& subject, int tokens) {
  constexpr float kLeast = 1e-6f;  // a token's variable is never constant
  std::vector<float> out = attribute_margin(model, subject, Attribution::attention_gradient);
  for (float& share : out) share = std::abs(share);
  const float mean = std::accumulate(out.begin(), out.end(), 0.0f) / static_cast<float>(out.size());
  for (float& share : out) share = mean > 0 ? std::max(share / mean, kLeast) : 1;
  out.resize(static_cast<std::size_t>(tokens), 1);
  return out;
}

}  // namespace

Attention read_mixing(Model& model, const Subject& subject, const GraphOptions& options, Device device) {
  const int layer = layer_of(options, model.info());
  if (learns_together(options, device) && is_of_attention(options.estimator))
    return attend_on_device(model, subject.observed, layer, options.estimator, device);
  Attention out = attend(model, subject.observed, layer);
  if (options.estimator == "rollout") {
    const Matrix below = rolled_out_below(model, subject.observed, layer);
    Matrix of_heads;
    for (int head = 0; head < out.heads; ++head) {
      const Matrix step = half_passing_by(out, head),
                   all = below.empty() ? step : product(step, below, out.tokens);
      of_heads.insert(of_heads.end(), all.begin(), all.end());
    }
    out.probabilities = std::move(of_heads);
  }
  if (options.estimator == "gradient") {
    const auto variances = shares_of_margin(model, subject, out.tokens);
    for (std::size_t i = 0; i < out.probabilities.size(); ++i)
      out.probabilities[i] *= std::sqrt(variances[i % variances.size()]);
  }
  return out;
}

int estimator_passes(const GraphOptions& options, const BundleInfo& model) {
  if (options.estimator == "rollout") return layer_of(options, model) + 1;
  return options.estimator == "gradient" ? 3 : 1;
}

void check_estimator(const GraphOptions& options, const Model& model) {
  WHY_CHECK(options.estimator != "gradient" || model.offers(Attribution::attention_gradient),
            "estimator \"gradient\" needs gradients of its last layer's attention, which ", model.info().path,
            " does not offer; attention, outputs, centered and rollout work with any model");
}

}  // namespace why
