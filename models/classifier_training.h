// Fine-tuning of text classifiers with LoRA: what goes in and what comes out. No Torch here; the loop is in
// models/torch/train_classifier.cc.
//
// The weights of the base stay as they are. What learns are the pairs A, B on the targets and the head, and
// what is written is an adapter in PEFT's format (models/formats/peft.h) that is a bundle as well.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/random.h"
#include "models/model.h"

namespace why {

// One text as ids between its special tokens, and its label.
struct TextExample {
  Sequence ids;
  int label = 0;
  bool cut = false;  // longer than max_length
};

struct TextTestSet {
  std::string name;
  std::vector<TextExample> examples;
};

struct ClassifierData {
  std::vector<std::string> labels;
  std::vector<TextExample> train, validation;
  std::vector<TextTestSet> tests;
};

// Every field is a key of the configuration.
struct LoraTraining {
  int rank = 16;
  double alpha = 32, dropout = 0.05;
  // Modules of the base whose names end so, as PEFT matches them, or "all-linear": every linear module of the
  // layers.
  std::vector<std::string> targets = {"all-linear"};
};

struct ClassifierTraining {
  std::string output;           // the adapter's folder
  std::string base;             // a Hugging Face folder, as bundle.yaml will name it
  std::string start;            // an adapter of the same shape whose weights are learned on; empty: none
  std::string head = "linear";  // on the final state of the first token, or "pooled", as the family has it
  int max_length = 256;         // tokens; what is longer loses its end
  LoraTraining lora;
  double dropout = 0.1;  // of states and attention

  // AdamW; the rate rises over the first `warm_up` of all steps and then falls to 0 in a straight line
  double learning_rate = 5e-4, weight_decay = 0.01, label_smoothing = 0.0;
  double warm_up = 0.06;
  int batch_size = 32;
  int accumulation = 1;     // batches whose gradients make one step
  double max_gradient = 1;  // longer gradients are cut to this norm
  // "bfloat16": products in bfloat16 with float32 weights, where the device gains by it
  std::string precision = "float32";

  int max_epochs = 4;
  int parts = 1;     // of an epoch; each ends with a validation and can be resumed at
  int patience = 8;  // parts without a better validation
  std::uint64_t seed = 1;

  std::string base_path;  // where the base was found; this and what follows are no keys
  Provenance provenance;
  bool resume = false;
};

void describe(Fields& fields, LoraTraining& lora);
void describe(Fields& fields, ClassifierTraining& training);

// Numbers of examples, batch by batch, for one epoch: batches hold texts of like length, and both the batches
// and who is with whom change with `random`. Every example is in one batch.
std::vector<std::vector<std::size_t>> length_batches(const std::vector<TextExample>& examples,
                                                     std::size_t batch_size, Random random);

// After each part.
struct ClassifierReport {
  int epoch = 0, part = 0;  // 1-based
  double loss = 0;          // mean of the part's batches
  double validation_loss = 0, validation_accuracy = 0, best_accuracy = 0;
  double seconds = 0, cpu_seconds = 0;  // of this part, its validation included
};

// While a part runs.
struct TrainingStep {
  std::size_t done = 0, all = 0;  // batches of the whole training
  double loss = 0;                // running mean
};

struct ClassifierCallbacks {
  std::function<void(const ClassifierReport&)> part;   // after each part, and once for what a resume skips
  std::function<void(const TrainingStep&)> step;       // after each batch
  std::function<void(std::size_t, std::size_t)> test;  // texts tested, of all
};

struct LengthAccuracy {
  int low = 0, high = 0;  // tokens, both included
  std::size_t texts = 0, right = 0;
};

struct TestResult {
  std::string name;
  std::size_t texts = 0, right = 0, cut = 0;
  std::vector<LengthAccuracy> by_length;
  double accuracy() const { return texts ? static_cast<double>(right) / static_cast<double>(texts) : 0; }
};

struct ClassifierResult {
  double validation_accuracy = 0;  // of the kept weights
  std::vector<TestResult> tests;
  int best_epoch = 0, best_part = 0, epochs = 0;
  double seconds = 0, cpu_seconds = 0;
};

// Counts a test set by length: up to 16 tokens, 17 to 32, 33 to 64, ...
TestResult test_result(const TextTestSet& test, const std::vector<int>& predicted);

}  // namespace why
