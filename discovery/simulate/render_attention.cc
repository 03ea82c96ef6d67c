#include "discovery/simulate/render_attention.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

using Rows = std::vector<std::vector<double>>;

constexpr double kMostNumbers = 100'000'000;  // in memory

void check(const Dag& dag, const AttentionModel& attention, int width) {
  check_known("way with negative weights", attention.negative, kNegativeWeights);
  WHY_CHECK(dag.nodes_of(NodeKind::selection).empty(),
            "attention is rendered from graphs without selection nodes");
  WHY_CHECK(attention.heads >= 1, "attention has at least 1 head, not ", attention.heads);
  WHY_CHECK(width >= 1, "outputs have at least 1 feature, not ", width);
  WHY_CHECK(attention.floor >= 0 && attention.floor < 1,
            "the least attention is a share from 0 to below 1, not ", attention.floor);
  constexpr double kLeast = 1e-100, kMost = 1e100;  // logits stay finite
  WHY_CHECK(attention.temperature >= kLeast && attention.temperature <= kMost,
            "the temperature is a number from ", kLeast, " to ", kMost, ", not ", attention.temperature);
  WHY_CHECK(attention.noise >= 0 && attention.noise <= kMost, "the noise of logits is a number from 0 to ",
            kMost, ", not ", attention.noise);
  WHY_CHECK(attention.common >= 0 && attention.common <= 1, "the common share of values is from 0 to 1, not ",
            attention.common);
  const double numbers =
      static_cast<double>(attention.heads) * dag.num_nodes() * std::max(width, dag.num_nodes());
  WHY_CHECK(numbers <= kMostNumbers, "attention and outputs of ", numbers,
            " numbers are more than can be held (", static_cast<int>(kMostNumbers), ")");
}

void scale_to_one(std::vector<double>& row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  for (double& value : row) value /= sum;
}

// (I - G)^-1 L, without signs.
Rows total_effects(const Dag& dag, const LinearModel& model, const std::string& negative) {
  const auto n = static_cast<std::size_t>(dag.num_nodes());
  Rows out(n, std::vector<double>(n, 0));
  for (const Node node : parents_first(dag)) {
    const auto x = static_cast<std::size_t>(node);
    out[x][x] = model.noise[x];
    for (const auto& [parent, value] : model.weights[x]) {
      const double weight = negative == "none" ? std::abs(value) : value;
      for (std::size_t u = 0; u < n; ++u) out[x][u] += weight * out[static_cast<std::size_t>(parent)][u];
    }
  }
  for (auto& row : out)
    for (double& value : row) value = negative == "clipped" ? std::max(value, 0.0) : std::abs(value);
  return out;
}

// Softmax of the logarithms of a row that sums to 1; the largest is taken off first, lest it be too large for
// a number, or all too small.
std::vector<double> softened(std::vector<double> row, const AttentionModel& attention, Random& random) {
  for (double& value : row) value = std::max(value, attention.floor);
  if (attention.temperature == 1 && attention.noise == 0) {  // to the last bit
    scale_to_one(row);
    return row;
  }
  for (double& value : row) {
    value = std::log(value) / attention.temperature;
    if (attention.noise > 0) value += attention.noise * random.normal();
  }
  const double largest = *std::max_element(row.begin(), row.end());
  for (double& value : row) value = std::exp(value - largest);
  scale_to_one(row);
  return row;
}

// [tokens][width], standard normal, a token's variance shared with the others as far as `common` says.
Rows draw_values(std::size_t tokens, std::size_t width, double common, Random random) {
  std::vector<double> shared(width);
  if (common > 0)
    for (double& value : shared) value = random.normal();
  Rows out(tokens, std::vector<double>(width));
  for (auto& row : out)
    for (std::size_t j = 0; j < width; ++j)
      row[j] = std::sqrt(1 - common) * random.normal() + std::sqrt(common) * shared[j];
  return out;
}

}  // namespace

RenderedAttention render_attention(const Dag& dag, const GaussianModel& model,
                                   const AttentionModel& attention, int width, const Random& random) {
  check(dag, attention, width);
  Rows effects = total_effects(dag, draw_linear_model(dag, model, random.child("model")), attention.negative);
  for (auto& row : effects) scale_to_one(row);

  RenderedAttention out{attention.heads, dag.num_nodes(), width, {}, {}};
  const auto features = static_cast<std::size_t>(width);
  for (int head = 0; head < attention.heads; ++head) {
    Random noise = random.child("logits", static_cast<std::uint64_t>(head));
    const Rows values = draw_values(effects.size(), features, attention.common,
                                    random.child("values", static_cast<std::uint64_t>(head)));
    for (const auto& row : effects) {
      const std::vector<double> probabilities = softened(row, attention, noise);
      std::vector<double> output(features, 0);
      for (std::size_t key = 0; key < probabilities.size(); ++key)
        for (std::size_t j = 0; j < features; ++j) output[j] += probabilities[key] * values[key][j];
      for (const double value : probabilities) out.probabilities.push_back(static_cast<float>(value));
      for (const double value : output) out.outputs.push_back(static_cast<float>(value));
    }
  }
  return out;
}

}  // namespace why
