// What a graph is learned from: how each head mixes the tokens of an input, for the estimators of
// GraphOptions that need more than one layer's attention A. The paper reads A as the matrix that mixes
// independent noises of equal variance into tokens, with covariance A·Aᵀ; here
//
//   rollout    (A + 1) / 2 times the same of every layer below, A there the mean over heads: the noises are
//              what enters the first layer, and half of each layer passes by it
//   gradient   A, where the noise of token j has the variance |s_j|: s_j is the share of the margin
//              that the read-out row draws from it, Attribution::attention_gradient of the input as asked,
//              divided by their mean. Tokens that the answer put in place adds have the mean. Only that row
//              of the last layer has a gradient, so that there is none of the whole matrix to weigh it by.
#pragma once

#include "experiments/explanation_options.h"
#include "experiments/tasks/subject.h"
#include "models/model.h"

namespace why {

// The layer's attention to `observed`, its probabilities [H, T, T] replaced by those matrices; for other
// estimators as it is, and left on `device`, where graphs are learned, if model and kernels are there too
// (Model::attend_on_device). Cost: estimator_passes; of rollout also T³ a head and layer.
Attention read_mixing(Model& model, const Subject& subject, const GraphOptions& options, Device device = {});

// Passes through the model that read_mixing takes, a backward one counted as a second.
int estimator_passes(const GraphOptions& options, const BundleInfo& model);

// UserError for an estimator that the model cannot serve.
void check_estimator(const GraphOptions& options, const Model& model);

}  // namespace why
