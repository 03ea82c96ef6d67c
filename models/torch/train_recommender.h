// The training loop behind Backend::train.
//
// Writes bundle.yaml, model.safetensors, model.pt and items.txt, beside what models/training_folder.h leaves.
#pragma once

#include <functional>

#include "models/training.h"

namespace why {

// UserError when the folder holds a model already, when it holds an unfinished training and `resume` is not
// set, or when there is nothing of the same training to resume.
TrainingResult train_recommender(const RecommenderTraining& training, const InteractionSplit& data,
                                 Device device, const std::function<void(const EpochReport&)>& report);

}  // namespace why
