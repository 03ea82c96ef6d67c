#include "bench/attention_heads.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "core/errors.h"
#include "core/random.h"
#include "discovery/stats/covariance.h"

namespace why {

Correlation AttentionHeads::correlation(std::size_t h, int samples) const {
  return correlation_from_covariance(attention_covariance(head(h), tokens()), samples);
}

AttentionHeads read_heads(const std::filesystem::path& path) {
  AttentionHeads heads{read_npy(path)};
  const auto& shape = heads.attention.shape;
  WHY_CHECK(shape.size() == 3 && shape[1] == shape[2], path.string(), " must hold an array [H, T, T]");
  return heads;
}

AttentionHeads made_up_heads(int count, int tokens, std::uint64_t seed) {
  constexpr double kSpread = 1.5, kReach = 3;  // of the scores; tokens over which nearness is felt
  Random random(seed);
  AttentionHeads heads{{{count, tokens, tokens}, {}}};
  std::vector<double> row(static_cast<std::size_t>(tokens));
  for (int i = 0; i < count * tokens; ++i) {
    double sum = 0;
    for (int j = 0; j < tokens; ++j) {
      const double nearness = 2 * std::exp(-std::abs(i % tokens - j) / kReach);
      sum += row[static_cast<std::size_t>(j)] = std::exp(kSpread * random.normal() + nearness);
    }
    for (const double weight : row) heads.attention.values.push_back(static_cast<float>(weight / sum));
  }
  return heads;
}

}  // namespace why
