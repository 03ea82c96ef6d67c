// The door to LibTorch. Opening it loads libwhyformer_torch.so (0.4 s, 130 MB), which is why only commands
// that need a model do so.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "models/classifier_training.h"
#include "models/importing.h"
#include "models/model.h"
#include "models/training.h"

namespace why {

class Backend {
 public:
  virtual ~Backend() = default;

  // UserError when the folder is not a bundle, is damaged, or holds a model that capture cannot read.
  virtual std::unique_ptr<Model> load(const std::string& bundle, Device device) = 0;

  // Makes a bundle of a Hugging Face folder (models/formats/hugging_face.h), an adapter merged. UserError for
  // a folder or an adapter that is not supported, and for an output that holds something.
  virtual ImportReport import_model(const ImportOptions& options) = 0;

  // Trains a recommender and writes a bundle; see training.h. `report` is called after every epoch, and once
  // at the start with the last epoch that a resumed training has behind it.
  //
  // The same options, data, device and number of threads give the same weights, byte for byte, whether or not
  // the training was killed and resumed: each epoch's randomness comes from the seed and the epoch alone, and
  // its state is on the disk before the next one starts.
  virtual TrainingResult train(const RecommenderTraining& training, const InteractionSplit& data,
                               Device device, const std::function<void(const EpochReport&)>& report = {}) = 0;

  // Fine-tunes a text classifier and writes an adapter; see classifier_training.h. What is said above of the
  // same bytes holds part by part.
  virtual ClassifierResult train_classifier(const ClassifierTraining& training, const ClassifierData& data,
                                            Device device, const ClassifierCallbacks& callbacks) = 0;

  virtual void set_threads(int threads) = 0;
  virtual std::map<std::string, std::string> versions() const = 0;
};

// Opens the library on the first call, which looks for it beside the program, in the folder above, and in
// that folder's lib/. UserError that says what to install when it cannot be opened.
Backend& backend();

}  // namespace why
