// `train` as each kind of model does it: train.cc reads `architecture` from the configuration and calls one.
#pragma once

#include <string>
#include <vector>

#include "core/config.h"
#include "models/model.h"

namespace why {

struct TrainArguments {
  std::string config;
  std::vector<std::string> overrides;
  std::string device;  // instead of the file's; empty: the file's
  int threads = 0;     // likewise; 0: the file's
  bool resume = false, print_config = false;
};

// The keys that every training has.
struct TrainKeys {
  std::string architecture;
  std::string data;
  std::string device = "cpu";
  int threads = 1;
};

void train_recommender_model(const TrainArguments& arguments, const ConfigTree& file);
void train_text_classifier(const TrainArguments& arguments, const ConfigTree& file);

// The keys of their configurations, for the documentation.
std::vector<ConfigKey> keys_of_recommender_training(const std::string& architecture);
std::vector<ConfigKey> keys_of_classifier_training();

void describe_common(Fields& fields, TrainKeys& keys, const std::string& data_help);
void apply(const TrainArguments& arguments, TrainKeys& keys);

// Is the model there already, so that a resume has nothing to do? Says so on stderr.
bool is_finished(const TrainArguments& arguments, const std::string& output);

// Seed, command and program.
Provenance provenance_of(const TrainArguments& arguments, const TrainKeys& keys, std::uint64_t seed);

}  // namespace why
