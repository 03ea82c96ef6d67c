// What models/backend.h promises; the one symbol that the program looks up.
#include <torch/torch.h>
#include <torch/version.h>

#include "models/backend.h"
#include "models/torch/import_model.h"
#include "models/torch/torch_model.h"
#include "models/torch/train_classifier.h"
#include "models/torch/train_recommender.h"

namespace why {
namespace {

class TorchBackend : public Backend {
 public:
  std::unique_ptr<Model> load(const std::string& bundle, Device device) override {
    return load_model(bundle, device);
  }

  ImportReport import_model(const ImportOptions& options) override { return why::import_model(options); }

  TrainingResult train(const RecommenderTraining& training, const InteractionSplit& data, Device device,
                       const std::function<void(const EpochReport&)>& report) override {
    return train_recommender(training, data, device, report);
  }

  ClassifierResult train_classifier(const ClassifierTraining& training, const ClassifierData& data,
                                    Device device, const ClassifierCallbacks& callbacks) override {
    return why::train_classifier(training, data, device, callbacks);
  }

  void set_threads(int threads) override { at::set_num_threads(threads); }

  std::map<std::string, std::string> versions() const override { return {{"libtorch", TORCH_VERSION}}; }
};

}  // namespace
}  // namespace why

extern "C" __attribute__((visibility("default"))) why::Backend* whyformer_make_backend() {
  return new why::TorchBackend();
}
