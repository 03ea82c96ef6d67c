#include "models/torch/attributions.h"

#include <torch/torch.h>

#include <algorithm>

namespace why {
namespace {

using torch::jit::Module;

constexpr int kStepsAtOnce = 16;

// What the last layer reads, and the weights of its read-out row when nothing is removed.
struct ReadOut {
  at::Tensor below, place, attention;
};

ReadOut read_out(Module& module, const at::Tensor& ids) {
  const torch::NoGradGuard no_grad;
  const at::Tensor mask = torch::ones_like(ids);
  const auto read = module.get_method("read_by_last")({ids, mask}).toTuple();
  ReadOut out{read->elements()[0].toTensor(), read->elements()[1].toTensor(), {}};
  out.attention = module.get_method("weigh_row")({out.below, out.place, mask > 0}).toTensor();
  return out;
}

at::Tensor embed(Module& module, const at::Tensor& ids) {
  const torch::NoGradGuard no_grad;
  return module.get_method("embed")({ids}).toTensor();
}

// dm/d(embedding) at each of `embeddings` [S, T, e].
at::Tensor gradients_at(Module& module, const MarginQuestion& question, const at::Tensor& embeddings) {
  const at::Tensor leaf = embeddings.detach().requires_grad_(true);
  const at::Tensor mask = torch::ones({leaf.size(0), leaf.size(1)}, question.ids.options());
  const at::Tensor scores = module.get_method("forward_embeddings")({leaf, mask}).toTensor();
  return torch::autograd::grad({margins(scores, question).sum()}, {leaf})[0];
}

}  // namespace

at::Tensor margins(const at::Tensor& scores, const MarginQuestion& question) {
  return scores.select(1, question.output) - scores.select(1, question.other);
}

at::Tensor attention_gradient(Module& module, const MarginQuestion& question, bool direct) {
  const ReadOut read = read_out(module, question.ids);
  const at::Tensor leaf = read.attention.detach().requires_grad_(true);
  const at::Tensor scores = module.get_method("score_row")({read.below, read.place, leaf, direct}).toTensor();
  const at::Tensor gradient = torch::autograd::grad({margins(scores, question).sum()}, {leaf})[0];
  return (read.attention * gradient).sum(at::IntArrayRef{0, 1, 2});
}

at::Tensor value_norms(Module& module, const at::Tensor& ids) {
  const torch::NoGradGuard no_grad;
  const ReadOut read = read_out(module, ids);
  const at::Tensor values = module.get_method("values_of_row")({read.below}).toTensor();
  return (read.attention.squeeze(2) * values.norm(2, -1)).sum(at::IntArrayRef{0, 1});
}

bool has_embeddings(const Module& module) {
  return module.find_method("embed") && module.find_method("forward_embeddings");
}

at::Tensor gradient_input(Module& module, const MarginQuestion& question) {
  const at::Tensor embeddings = embed(module, question.ids);
  return (embeddings * gradients_at(module, question, embeddings)).sum(-1).squeeze(0);
}

at::Tensor integrated_gradients(Module& module, const MarginQuestion& question, const at::Tensor& baseline,
                                int steps) {
  const at::Tensor start = embed(module, baseline), way = embed(module, question.ids) - start;
  at::Tensor sum = torch::zeros_like(way);
  for (int first = 0; first < steps; first += kStepsAtOnce) {
    const int last = std::min(steps, first + kStepsAtOnce);
    const at::Tensor middles = (torch::arange(first, last, way.options()) + 0.5) / steps;
    sum += gradients_at(module, question, start + middles.view({-1, 1, 1}) * way).sum(0, true);
  }
  return (way * sum / steps).sum(-1).squeeze(0);
}

}  // namespace why
