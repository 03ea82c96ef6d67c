// What the training loops share.
#pragma once

#include <torch/torch.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace why {

class Stopwatch {
 public:
  Stopwatch();
  double seconds() const;
  double cpu_seconds() const;  // of all threads of this process

 private:
  std::chrono::steady_clock::time_point start_;
  double cpu_start_;
};

using NamedTensors = std::map<std::string, at::Tensor>;

NamedTensors copy_of(const NamedTensors& tensors);
void assign(const NamedTensors& from, const NamedTensors& to);  // in place, by name

// Decay pulls tables and matrices to zero; biases and norms have no reason to be small.
std::unique_ptr<torch::optim::AdamW> make_adamw(const NamedTensors& weights, double learning_rate,
                                                double weight_decay);
void set_learning_rate(torch::optim::Optimizer& optimizer, double rate);

// Everything that a resumed training needs, in one file. load_state fills `tensors` in place; UserError for a
// file that is not such a state.
void save_state(const std::filesystem::path& file, const NamedTensors& tensors,
                const torch::optim::Optimizer& optimizer);
void load_state(const std::filesystem::path& file, const NamedTensors& tensors,
                torch::optim::Optimizer& optimizer, at::Device device);

}  // namespace why
