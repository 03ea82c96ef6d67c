#include "models/torch/training.h"

#include <time.h>

#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "models/torch/torch_error.h"

namespace why {
namespace {

double process_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

Stopwatch::Stopwatch() : start_(std::chrono::steady_clock::now()), cpu_start_(process_cpu_seconds()) {}

double Stopwatch::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double Stopwatch::cpu_seconds() const { return process_cpu_seconds() - cpu_start_; }

NamedTensors copy_of(const NamedTensors& tensors) {
  NamedTensors out;
  for (const auto& [name, tensor] : tensors) out[name] = tensor.detach().clone();
  return out;
}

void assign(const NamedTensors& from, const NamedTensors& to) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : to) tensor.copy_(from.at(name));
}

std::unique_ptr<torch::optim::AdamW> make_adamw(const NamedTensors& weights, double learning_rate,
                                                double weight_decay) {
  std::vector<at::Tensor> decayed, free;
  for (const auto& [name, weight] : weights) (weight.dim() == 2 ? decayed : free).push_back(weight);
  const auto options = [&](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions(learning_rate).weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(decayed, options(weight_decay));
  groups.emplace_back(free, options(0));
  return std::make_unique<torch::optim::AdamW>(groups, torch::optim::AdamWOptions(learning_rate));
}

void set_learning_rate(torch::optim::Optimizer& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(rate);
}

void save_state(const std::filesystem::path& file, const NamedTensors& tensors,
                const torch::optim::Optimizer& optimizer) {
  torch::serialize::OutputArchive archive, of_optimizer;
  for (const auto& [name, tensor] : tensors) archive.write(name, tensor);
  optimizer.save(of_optimizer);
  archive.write("optimizer", of_optimizer);
  std::ostringstream bytes;
  archive.save_to(bytes);
  write_file(file, bytes.str());
}

void load_state(const std::filesystem::path& file, const NamedTensors& tensors,
                torch::optim::Optimizer& optimizer, at::Device device) {
  const torch::NoGradGuard no_grad;
  try {
    torch::serialize::InputArchive archive, of_optimizer;
    archive.load_from(file.string(), device);
    for (const auto& [name, tensor] : tensors) {
      at::Tensor saved;
      archive.read(name, saved);
      tensor.copy_(saved);
    }
    archive.read("optimizer", of_optimizer);
    optimizer.load(of_optimizer);
  } catch (const c10::Error& error) {
    throw UserError(text("cannot read ", file.string(), ": ", short_message(error)));
  }
}

}  // namespace why
