// A bundle opened with LibTorch.
//
// What Model's questions cost, in processor time of one thread of a shared 2-core x86-64 machine, for a
// sentence of 20 words (22 tokens) and checkpoints/minilm-sst2 (bench_knock_out): a forward pass 11.2 ms; a
// knock-out of each word 12.0 ms, of each two words (190 sets) 16.7 ms, where 20 forward passes with a word
// hidden cost 114 ms; attention gradient 12 ms, gradient x input 25 ms, integrated gradients of 64 steps 811
// ms.
//
// A module that was not built here offers as much of them as it has methods for: knock_out(ids, mask, keep);
// embed(ids) with forward_embeddings(embeddings, mask) for gradients of the input; all of read_out.h. Without
// these, attention_gradient alone is had, where the last layer's softmax is written out: capture makes it
// differentiable. It then sums over all rows of the layer, of which those that the scores do not depend on
// give zeros. Fused attention gives none.
#pragma once

#include <memory>

#include "models/model.h"

namespace why {

// UserError when the folder is not a bundle, is damaged, does not answer as bundle.yaml says, or holds a
// model that capture cannot read: all of that is tried here on a small batch.
std::unique_ptr<Model> load_model(const std::string& bundle, Device device);

}  // namespace why
