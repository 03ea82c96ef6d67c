// Attention to make graphs of: read from a file, or made up.
#pragma once

#include <filesystem>
#include <span>

#include "core/npy.h"
#include "discovery/stats/correlation.h"

namespace why {

struct AttentionHeads {
  NpyArray attention;  // [H, T, T], rows sum to 1

  int count() const { return static_cast<int>(attention.shape[0]); }
  int tokens() const { return static_cast<int>(attention.shape[1]); }
  std::span<const float> head(std::size_t h) const {
    const auto size = static_cast<std::size_t>(tokens()) * static_cast<std::size_t>(tokens());
    return std::span(attention.values).subspan(h * size, size);
  }
  // Of A·Aᵀ, as the reference implementation has it; `samples` is its N.
  Correlation correlation(std::size_t h, int samples) const;
};

// [H, T, T] float32. UserError for another shape.
AttentionHeads read_heads(const std::filesystem::path& path);

// The softmax of normal scores and of how near two tokens are: about as peaked as a trained encoder's last
// layer. The same for the same arguments.
AttentionHeads made_up_heads(int count, int tokens, std::uint64_t seed);

}  // namespace why
