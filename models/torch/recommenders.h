// Sequential recommenders as TorchScript modules that are put together here, so that the same object trains,
// saves, loads and is captured like any user's module:
//
//   bert4rec   Sun et al., "BERT4Rec: Sequential Recommendation with Bidirectional Encoder
//              Representations from Transformer", CIKM 2019. Predicts at a mask that is appended; a dense
//              layer, GELU and a norm stand before the scores, which tie the item embedding and add a bias
//              per item
//   sasrec     Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018. Attention is causal,
//              the last item's state predicts; scores are its products with the item embeddings
//
//   forward(ids [B, T], mask [B, T])                     scores [B, items] at the last real position
//   forward_embeddings(embeddings [B, T, d], mask)       the same from item embeddings, for gradients
//   encode(embeddings, mask)                             states [B, T, d] of the last layer
//   score(states [.., d])                                scores [.., items]
//   and those of read_out.h
//
// mask is 1 at real tokens; padding is on the right and changes nothing. Layers of both are post-norm with
// exact GELU (the SASRec of the paper normalises before each block and has ReLU).
//
// Positions are learned and counted from the end: 0 is the last real token. The end is where the prediction
// is made, so a history of 5 items and the last 5 of 50 are then the same thing to the model, and when an
// item is removed for a counterfactual, the items after it keep their positions.
#pragma once

#include <torch/script.h>

#include "models/model.h"

namespace why {

// Of info.architecture. Weights are zero until initialize_recommender or load_weights fills them.
torch::jit::Module make_recommender(const BundleInfo& info, double dropout = 0);

// Normal with deviation 0.02 for tables and matrices; drawn from torch's generator, which the caller seeds.
void initialize_recommender(torch::jit::Module& module);

}  // namespace why
