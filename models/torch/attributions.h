// Shares of a margin by token, from a module's gradients and its last layer's read-out row (read_out.h). What
// each method is, models/model.h says (Attribution).
//
// How attention_gradient relates to a knock-out: with g_j = dm/dA_j of a head and G = sum_i A_i g_i, the
// weight A_j scaled by 1 - e changes m by -e A_j g_j, which is what attention_gradient sums over heads. A
// knock-out renormalises: the others are divided by 1 - e A_j, and the change is -e A_j (g_j - G) to first
// order. That term is the gradient by the logit of the key.
#pragma once

#include <torch/script.h>

namespace why {

// One input, without padding, and the two columns of its scores.
struct MarginQuestion {
  at::Tensor ids;  // [1, T]
  int output = 0, other = 0;
};

// [S] of scores [S, ..]
at::Tensor margins(const at::Tensor& scores, const MarginQuestion& question);

// [T] each; the module has the methods of read_out.h.
at::Tensor attention_gradient(torch::jit::Module& module, const MarginQuestion& question, bool direct);
at::Tensor value_norms(torch::jit::Module& module, const at::Tensor& ids);

// Whether the module has methods embed(ids) [.., T, e] and forward_embeddings(embeddings, mask).
bool has_embeddings(const torch::jit::Module& module);

// [T] each; the module has these methods. `baseline` [1, T] are ids, too.
at::Tensor gradient_input(torch::jit::Module& module, const MarginQuestion& question);
at::Tensor integrated_gradients(torch::jit::Module& module, const MarginQuestion& question,
                                const at::Tensor& baseline, int steps);

}  // namespace why
