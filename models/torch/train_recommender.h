// The training loop behind Backend::train.
//
// The output folder while it runs, and what is left of it at the end:
//
//   training.yaml    the options and a hash of the data: a resume must be given the same (stays)
//   training.jsonl   one line an epoch: loss, validation metrics, seconds, CPU seconds (stays)
//   training.state   everything that the next epoch needs, replaced after each epoch (removed)
//   bundle.yaml, model.safetensors, model.pt, items.txt     written last
#pragma once

#include <functional>

#include "models/training.h"

namespace why {

// UserError when the folder holds a model already, when it holds an unfinished training and `resume` is not
// set, or when there is nothing of the same training to resume.
TrainingResult train_recommender(const RecommenderTraining& training, const InteractionSplit& data,
                                 Device device, const std::function<void(const EpochReport&)>& report);

}  // namespace why
