#include "models/torch/torch_model.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <type_traits>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/bundle.h"
#include "models/torch/attributions.h"
#include "models/torch/batch.h"
#include "models/torch/blocks.h"
#include "models/torch/capture.h"
#include "models/torch/device.h"
#include "models/torch/encoder.h"
#include "models/torch/read_out.h"
#include "models/torch/recommenders.h"
#include "models/torch/torch_error.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

Module load_script(const fs::path& file) {
  WHY_CHECK(fs::exists(file), "there is no file ", file.string());
  try {
    Module module = torch::jit::load(file.string(), at::kCPU);
    WHY_CHECK(module.find_method("forward"), file.string(), " has no method forward(ids, mask)");
    return module;
  } catch (const UserError&) {
    throw;
  } catch (const std::exception& error) {  // the archive's reader and the compiler of its code
    throw UserError(
        text(file.string(), " is not a TorchScript module, or is damaged: ", short_message(error)));
  }
}

Module load_adapted(const BundleInfo& info) {
  const fs::path base = info.base_path;
  const std::string hash = sha256_file(base / kWeightsFile);
  WHY_CHECK(hash == info.base_sha256, info.path, " is an adapter to other weights than those in ",
            base.string(), ": the SHA-256 of ", kWeightsFile, " is ", hash, ", wanted is ", info.base_sha256);
  return adapted_encoder(base, LoraAdapter::open(info.path), info.head, info.mask_id).module;
}

Module load_module(const BundleInfo& info) {
  const fs::path folder = info.path;
  if (!info.base.empty()) return load_adapted(info);
  if (info.is_text() || info.architecture == "torchscript" || !fs::exists(folder / kWeightsFile))
    return load_script(folder / kScriptFile);
  Module module = make_recommender(info);
  load_weights(module, folder / kWeightsFile);
  return module;
}

constexpr std::int64_t kSetsAtOnce = 512;  // of a knock-out; a vocabulary of scores for each

class TorchModel : public Model {
 public:
  TorchModel(BundleInfo info, Device device)
      : info_(std::move(info)), device_(torch_device(device)), module_(load_module(info_)) {
    module_.eval();
    module_.to(device_);
    for (at::Tensor weight : module_.parameters()) weight.set_requires_grad(false);  // none is trained here
    if (device_.is_cuda())
      own_stream_ = c10::impl::VirtualGuardImpl(device_.type()).getStreamFromGlobalPool(device_);
    check();
  }

  const BundleInfo& info() const override { return info_; }

  void on_own_stream(const std::function<void()>& work) override {
    at::init_num_threads();  // a new thread has OpenMP's number, not LibTorch's
    if (!device_.is_cuda()) return work();
    const c10::StreamGuard guard(*own_stream_);
    work();
  }

  Scores predict(std::span<const Sequence> batch) override { return predict_visible(batch, {}); }

  Scores predict_visible(std::span<const Sequence> batch, std::span<const TokenFlags> visible) override {
    Scores out{static_cast<int>(batch.size()), info_.outputs, {}};
    if (batch.empty()) return out;
    if (info_.kind == "masked-lm") check_masks(batch);
    const c10::InferenceMode inference;
    Batch input = padded(batch);
    hide(input, batch, visible);
    const at::Tensor scores =
        told(counted(batch), [&] { return scores_of(input).to(at::kCPU, at::kFloat).contiguous(); });
    const float* values = scores.const_data_ptr<float>();
    out.values.assign(values, values + scores.numel());
    return out;
  }

  std::vector<std::vector<float>> states(std::span<const Sequence> batch) override {
    if (!module_.find_method("states")) return Model::states(batch);
    if (batch.empty()) return {};
    const c10::InferenceMode inference;
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    const Batch input = padded(batch);
    const at::Tensor all = told(counted(batch), [&] {
      return module_.get_method("states")({input.ids, input.mask.to(at::kLong)}).toTensor();
    });
    std::vector<std::vector<float>> out;
    for (std::size_t b = 0; b < batch.size(); ++b)
      out.push_back(values_of(
          all[static_cast<std::int64_t>(b)].narrow(0, 0, static_cast<std::int64_t>(batch[b].size()))));
    return out;
  }

  std::vector<Attention> attend(std::span<const Sequence> batch, int layer) override {
    const c10::InferenceMode inference;
    std::vector<Attention> out;
    for (const auto& one : captured(batch, layer)) out.push_back(to_values(one));
    return out;
  }

  std::vector<Attention> attend_on_device(std::span<const Sequence> batch, int layer, AttentionPart part,
                                          Device device) override {
    const bool is_there = device.is_cuda() && device_.is_cuda() && device_.index() == device.index;
    if (!is_there) return attend(batch, layer);
    const c10::InferenceMode inference;
    std::vector<Attention> out;
    for (const auto& one : captured(batch, layer)) out.push_back(left_on_device(one, part, device));
    // other streams than this one of LibTorch do not wait for it
    c10::impl::VirtualGuardImpl(device_.type()).getStream(device_).synchronize();
    return out;
  }

  bool offers_knock_out() const override { return module_.find_method("knock_out").has_value(); }

  Scores knock_out(const Sequence& input, std::span<const std::vector<int>> removed) override {
    if (!offers_knock_out()) refuse_of_earlier_version("knock-out");
    if (!offers_knock_out()) return Model::knock_out(input, removed);
    if (info_.kind == "masked-lm") check_masks({&input, 1});
    const c10::InferenceMode inference;
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    const Batch one = padded({&input, 1});
    const at::Tensor keep = kept(input, removed);
    Scores out{static_cast<int>(removed.size()), info_.outputs, {}};
    for (std::int64_t first = 0; first < keep.size(0); first += kSetsAtOnce) {
      const at::Tensor some = keep.slice(0, first, first + kSetsAtOnce);
      const auto values = values_of(told(counted({&input, 1}), [&] {
        const auto answer = module_.get_method("knock_out")({one.ids, one.mask.to(at::kLong), some});
        return scores_of(answer, some.size(0));
      }));
      out.values.insert(out.values.end(), values.begin(), values.end());
    }
    return out;
  }

  bool offers(Attribution method) const override {
    switch (method) {
      case Attribution::attention_gradient:
        return has_read_out(module_) || has_softmax_gradient_;
      case Attribution::logit_attribution:
      case Attribution::value_norm:
        return has_read_out(module_);
      case Attribution::gradient_input:
      case Attribution::integrated_gradients:
        return has_embeddings(module_);
    }
    WHY_ASSERT(false);
  }

  std::vector<float> attribute(const Sequence& input, Attribution method, int output, int other,
                               int steps) override {
    if (!offers(method)) refuse_of_earlier_version(name_of(method));
    if (!offers(method)) return Model::attribute(input, method, output, other, steps);
    for (const int column : {output, other})
      WHY_CHECK(column >= 0 && column < info_.outputs, "score ", column, " was asked for, but ", info_.path,
                " gives ", info_.outputs, " scores");
    WHY_CHECK(steps > 0, "integrated gradients need a step at least, not ", steps);
    if (info_.kind == "masked-lm") check_masks({&input, 1});
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    const MarginQuestion question{padded({&input, 1}).ids, output, other};
    return values_of(told(counted({&input, 1}), [&] { return attributed(input, method, question, steps); }));
  }

 private:
  void refuse_of_earlier_version(const std::string& what) const {
    WHY_CHECK(info_.architecture == "torchscript" || has_read_out(module_), info_.path,
              " was made by an earlier version and offers no ", what, "; import it again");
  }

  // [S, T], false at the positions of each set.
  at::Tensor kept(const Sequence& input, std::span<const std::vector<int>> removed) const {
    const auto tokens = static_cast<std::int64_t>(input.size());
    const at::Tensor keep = torch::ones({static_cast<std::int64_t>(removed.size()), tokens}, at::kBool);
    bool* row = keep.data_ptr<bool>();
    for (const auto& set : removed) {
      for (const int position : set) {
        WHY_CHECK(position >= 0 && position < tokens, "token ", position, " is to be removed of ", tokens);
        row[position] = false;
      }
      row += tokens;
    }
    return keep.to(device_);
  }

  // Of each sequence, without padding.
  std::vector<LayerAttention> captured(std::span<const Sequence> batch, int layer) {
    WHY_CHECK(layer >= -info_.layers && layer < info_.layers, "layer ", layer, " was asked for, but ",
              info_.path, " has ", info_.layers, " layers");
    if (batch.empty()) return {};
    const Batch input = padded(batch);
    CaptureOptions options = capture_;
    options.wanted = {layer};
    const auto all = told(counted(batch), [&] {
      return capture_attention([&] { return run(input.ids, input.mask); }, options);
    });
    return cut_padding(all.layers.front(), input.mask);
  }

  at::Tensor attributed(const Sequence& input, Attribution method, const MarginQuestion& question,
                        int steps) {
    switch (method) {
      case Attribution::attention_gradient:
        return has_read_out(module_) ? attention_gradient(module_, question, false)
                                     : captured_gradient(question);
      case Attribution::logit_attribution:
        return attention_gradient(module_, question, true);
      case Attribution::value_norm:
        return value_norms(module_, question.ids);
      case Attribution::gradient_input:
        return gradient_input(module_, question);
      case Attribution::integrated_gradients:
        const Sequence baseline = integration_baseline(info_, input);
        return integrated_gradients(module_, question, pad_batch({&baseline, 1}, 0, device_).ids, steps);
    }
    WHY_ASSERT(false);
  }

  // Of a module that was not built here, whose read-out row is not known: of all rows of its last layer, of
  // which those that the scores do not depend on have a gradient of zero.
  at::Tensor captured_gradient(const MarginQuestion& question) {
    const auto captured = capture_differentiable(question.ids, torch::ones_like(question.ids));
    const at::Tensor& map = captured.layers.front().softmax;
    const at::Tensor margin = margins(scores_of(captured.answer, 1), question);
    return (map * torch::autograd::grad({margin}, {map})[0]).detach().flatten(0, -2).sum(0);
  }

  CapturedAttention capture_differentiable(const at::Tensor& ids, const at::Tensor& mask) {
    CaptureOptions options = capture_;
    options.wanted = {-1};
    options.differentiable = true;
    return capture_attention([&] { return run(ids, mask); }, options);
  }

  c10::IValue run(const at::Tensor& ids, const at::Tensor& mask) {
    // As written, operator by operator: a fused kernel would hide attention, and shapes change with every
    // call.
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    return module_.forward({ids, mask.to(at::kLong)});  // 0 and 1, as exported encoders want it
  }

  at::Tensor scores_of(const Batch& batch) {
    return scores_of(run(batch.ids, batch.mask), batch.ids.size(0));
  }

  at::Tensor scores_of(const c10::IValue& answer, std::int64_t rows) const {
    WHY_CHECK(answer.isTensor(), info_.path, ": forward must return one tensor of scores, not ",
              answer.tagKind());
    const at::Tensor scores = answer.toTensor();
    WHY_CHECK(scores.dim() == 2 && scores.size(0) == rows && scores.size(1) == info_.outputs, info_.path,
              ": forward must return scores [", rows, ", ", info_.outputs, "] for ", rows,
              " sequences, but returned ", text(scores.sizes()));
    return scores;
  }

  Batch padded(std::span<const Sequence> batch) const {
    for (const auto& sequence : batch) check(sequence);
    return pad_batch(batch, info_.pad_id, device_);
  }

  void hide(Batch& batch, std::span<const Sequence> sequences, std::span<const TokenFlags> visible) const {
    if (visible.empty()) return;
    at::Tensor mask = batch.mask.to(at::kCPU);
    for (std::size_t b = 0; b < visible.size(); ++b) {
      WHY_ASSERT(visible[b].empty() || visible[b].size() == sequences[b].size());
      for (std::size_t t = 0; t < visible[b].size(); ++t)
        if (!visible[b][t]) mask[static_cast<std::int64_t>(b)][static_cast<std::int64_t>(t)] = false;
    }
    batch.mask = mask.to(device_);
  }

  void check(const Sequence& sequence) const {
    WHY_CHECK(!sequence.empty(), "an empty sequence was given to ", info_.path);
    WHY_CHECK(static_cast<int>(sequence.size()) <= info_.max_length, "a sequence of ", sequence.size(),
              " ids was given to ", info_.path, ", which takes at most ", info_.max_length);
    info_.is_text() ? check_tokens(sequence) : check_items(sequence);
  }

  void check_items(const Sequence& sequence) const {
    for (const auto id : sequence)
      WHY_CHECK((id >= info_.first_item && id < info_.first_item + info_.outputs) ||
                    (id == info_.mask_id && id >= 0),
                "id ", id, " was given to ", info_.path, ", which knows items ", info_.first_item, " to ",
                info_.first_item + info_.outputs - 1);
  }

  void check_tokens(const Sequence& sequence) const {
    for (const auto id : sequence)
      WHY_CHECK(id >= 0 && id < info_.vocabulary, "id ", id, " was given to ", info_.path,
                ", whose vocabulary has ids 0 to ", info_.vocabulary - 1);
  }

  // Scores are read there; attention can be read of any sequence.
  void check_masks(std::span<const Sequence> batch) const {
    for (const auto& sequence : batch)
      WHY_CHECK(std::count(sequence.begin(), sequence.end(), info_.mask_id) > 0,
                "a sequence without the mask (id ", info_.mask_id, ") was given to ", info_.path);
  }

  // Two sequences of unequal lengths, as long as the model and its ids allow.
  std::vector<Sequence> sample() const { return info_.is_text() ? sample_of_tokens() : sample_of_items(); }

  std::vector<Sequence> sample_of_items() const {
    const int longest = std::min({info_.max_length, info_.outputs, 7});
    Sequence a, b;
    for (int i = 0; i < longest; ++i) a.push_back(info_.first_item + i);
    for (int i = 0; i < std::max(1, longest - 2); ++i) b.push_back(info_.first_item + info_.outputs - 1 - i);
    return {a, b};
  }

  std::vector<Sequence> sample_of_tokens() const {
    Sequence ids;
    for (std::int64_t id = 0; id < info_.vocabulary && ids.size() < 12; ++id)
      if (id != info_.pad_id && id != info_.mask_id) ids.push_back(id);
    WHY_CHECK(!ids.empty(), info_.path, " has a vocabulary without words");
    const auto longest = static_cast<std::size_t>(std::min(info_.max_length, 7));
    Sequence a, b;
    for (std::size_t i = 0; i < longest; ++i) a.push_back(ids[i % ids.size()]);
    for (std::size_t i = 0; i < std::max<std::size_t>(1, longest - 2); ++i)
      b.push_back(ids[(ids.size() - 1) - i % ids.size()]);
    if (info_.kind == "masked-lm") a.back() = b.back() = info_.mask_id;
    return {a, b};
  }

  void check() {
    const Batch batch = padded(sample());
    check_attention(batch);
    if (has_read_out(module_)) return;
    told("a small input", [&] {
      const auto captured = capture_differentiable(batch.ids, batch.mask);
      has_softmax_gradient_ = captured.layers.front().softmax.defined() &&
                              scores_of(captured.answer, batch.ids.size(0)).requires_grad();
    });
  }

  void check_attention(const Batch& batch) {
    const c10::InferenceMode inference;
    CaptureOptions options;
    options.layers = info_.layers;
    options.heads = info_.heads;
    options.model = info_.path;
    told("a small input", [&] {
      scores_of(batch);
      capture_ =
          check_capture([this](const at::Tensor& ids, const at::Tensor& mask) { return run(ids, mask); },
                        options, batch.ids, batch.mask);
      info_.causal = is_causal(batch.ids.narrow(0, 0, 1));
    });
  }

  // Whether no token of this input, which fills its row, reads a later one in any layer.
  bool is_causal(const at::Tensor& ids) {
    CaptureOptions every = capture_;
    every.wanted.resize(static_cast<std::size_t>(info_.layers));
    std::iota(every.wanted.begin(), every.wanted.end(), 0);
    const auto captured = capture_attention([&] { return run(ids, torch::ones_like(ids)); }, every);
    return ids.size(1) > 1 &&
           std::all_of(captured.layers.begin(), captured.layers.end(), [](const LayerAttention& layer) {
             return layer.probabilities.triu(1).eq(0).all().item<bool>();
           });
  }

  // Calls it, and says of LibTorch's own exceptions and of the interpreter's which model failed on what.
  template <class Work>
  std::invoke_result_t<const Work&> told(const std::string& input, const Work& work) const {
    try {
      return work();
    } catch (const UserError&) {
      throw;
    } catch (const InternalError&) {
      throw;
    } catch (const std::exception& error) {
      throw UserError(text(info_.path, " fails on ", input, ": ", short_message(error)));
    }
  }

  static std::string counted(std::span<const Sequence> batch) {
    std::size_t longest = 0;
    for (const auto& sequence : batch) longest = std::max(longest, sequence.size());
    return batch.size() == 1 ? text("a sequence of ", longest, " ids")
                             : text(batch.size(), " sequences of up to ", longest, " ids");
  }

  static std::vector<float> values_of(const at::Tensor& tensor) {
    const at::Tensor values = tensor.to(at::kCPU, at::kFloat).contiguous();
    return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
  }

  static Attention of_same_shape(const LayerAttention& attention) {
    Attention out;
    out.heads = static_cast<int>(attention.outputs.size(0));
    out.tokens = static_cast<int>(attention.outputs.size(1));
    out.width = static_cast<int>(attention.outputs.size(2));
    return out;
  }

  static Attention to_values(const LayerAttention& attention) {
    Attention out = of_same_shape(attention);
    out.probabilities = values_of(attention.probabilities);
    out.outputs = values_of(attention.outputs);
    return out;
  }

  // The tensor lives as long as the pointer.
  static std::shared_ptr<const float> shared_values(const at::Tensor& tensor) {
    const auto values = std::make_shared<const at::Tensor>(tensor.to(at::kFloat).contiguous());
    return {values, values->const_data_ptr<float>()};
  }

  static Attention left_on_device(const LayerAttention& attention, AttentionPart part, Device device) {
    Attention out = of_same_shape(attention);
    out.device = device;
    if (part == AttentionPart::probabilities)
      out.device_probabilities = shared_values(attention.probabilities);
    if (part == AttentionPart::outputs) out.device_outputs = shared_values(attention.outputs);
    return out;
  }

  BundleInfo info_;
  at::Device device_;
  std::optional<c10::Stream> own_stream_;  // one for good: LibTorch keeps memory for each that is used
  Module module_;
  CaptureOptions capture_;
  bool has_softmax_gradient_ = false;  // of a module without read_out.h
};

}  // namespace

std::unique_ptr<Model> load_model(const std::string& bundle, Device device) {
  return std::make_unique<TorchModel>(read_bundle(bundle), device);
}

}  // namespace why
