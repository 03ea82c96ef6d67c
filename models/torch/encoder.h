// Encoders of the BERT family (models/formats/hugging_face.h) as TorchScript modules that are put together
// here, with the families' differences as switches.
//
//   forward(ids [B, T], mask [B, T])               classifier: scores [B, labels]
//                                                  masked-lm: scores [B, vocabulary] at each row's first mask
//                                                  encoder: states [B, d] of the first token
//   states(ids, mask)                              [B, T, d] of the last layer
//   forward_embeddings(embeddings [B, T, e], mask)  as forward, from word embeddings (for gradients); not of
//                                                  a masked-lm, which must see where its mask stands
//   embed(ids)                                     [B, T, e], what forward_embeddings takes
//   and those of read_out.h
//
// mask is 1 at real tokens. What is 0 is not attended to and changes nothing, wherever it stands.
#pragma once

#include <torch/script.h>

#include "models/formats/hugging_face.h"
#include "models/formats/peft.h"
#include "models/torch/blocks.h"

namespace why {

// How an encoder is to be trained, or not.
struct EncoderTraining {
  double dropout = 0;  // of states and of attention
  LoraBlocks lora;
};

// Weights are zero until load_encoder fills them. mask_id: of a masked-lm.
torch::jit::Module make_encoder(const EncoderConfig& config, int mask_id,
                                const EncoderTraining& training = {});

// Fills every weight that the folder has; the others (LoRA, a classifier that comes from elsewhere) stay.
// UserError that names a tensor of another shape.
void load_encoder(torch::jit::Module& module, const HuggingFaceFolder& folder);

// Adds scaling · B A to each adapted weight and puts whole modules in place. UserError that names the tensor
// which does not fit.
void merge_adapter(torch::jit::Module& module, const HuggingFaceFolder& folder, const LoraAdapter& adapter);

struct AdaptedEncoder {
  EncoderConfig config;
  torch::jit::Module module;
};

// The encoder of a folder with an adapter merged; `head` as in BundleInfo.
AdaptedEncoder adapted_encoder(const std::filesystem::path& folder, const LoraAdapter& adapter,
                               const std::string& head, int mask_id);

}  // namespace why
