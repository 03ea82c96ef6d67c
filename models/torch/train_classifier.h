// The loop behind Backend::train_classifier.
//
// Writes adapter_config.json, adapter_model.safetensors and bundle.yaml, beside what
// models/training_folder.h leaves.
#pragma once

#include "models/classifier_training.h"

namespace why {

// UserError when the folder holds a model already, when it holds an unfinished training and `resume` is not
// set, when there is nothing of the same training to resume, and for a base or data that do not fit.
ClassifierResult train_classifier(const ClassifierTraining& training, const ClassifierData& data,
                                  Device device, const ClassifierCallbacks& callbacks);

}  // namespace why
