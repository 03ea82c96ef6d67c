// Attention as the paper reads it, made from a structural equation model whose graph is known.
//
//   X = G X + L U   =>   X = (I - G)^-1 L U          G weights, L noise, U white
//   Z = A V                                           A attention, V values: A is read as (I - G)^-1 L
//
// The total effects (I - G)^-1 L are scaled row by row to sum 1. With weights of one sign that is exactly
// what the reading asks for: the correlations of A A^T are those of X. What a Transformer would do to it can
// be added: effects below 0, which softmax has not; logits that are flatter, noisy and without -inf; values
// that have something in common.
#pragma once

#include <string>
#include <vector>

#include "discovery/simulate/linear_model.h"

namespace why {

inline const std::vector<std::string> kNegativeWeights = {"none", "clipped", "magnitude"};

struct AttentionModel {
  int heads = 1;
  // Weights below 0: none (all are made positive), or half of them, and then effects below 0 count as 0
  // (clipped) or by their size (magnitude).
  std::string negative = "none";
  double floor = 0;        // a row's smallest attention before the next two, as a share of the row's sum
  double temperature = 1;  // logits, the logarithms of the effects, are divided by it
  double noise = 0;        // standard deviation of what is then added to each logit, head by head
  double common = 0;       // share of the variance of the values that is the same in all tokens
};

struct RenderedAttention {
  int heads = 0, tokens = 0, width = 0;
  std::vector<float> probabilities;  // [H, T, T], row = query; rows sum to 1
  std::vector<float> outputs;        // [H, T, width]: probabilities times values, which are Gaussian
};

// A token a node of the DAG, latent ones too. The same random stream and ranges give the weights of
// gaussian_rows, their signs apart. UserError for a selection node, and for numbers that cannot be or fill
// memory.
RenderedAttention render_attention(const Dag& dag, const GaussianModel& model,
                                   const AttentionModel& attention, int width, const Random& random);

}  // namespace why
