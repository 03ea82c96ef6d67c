#include "models/torch/import_model.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "core/random.h"
#include "models/formats/bundle.h"
#include "models/formats/tokenizer.h"
#include "models/torch/batch.h"
#include "models/torch/capture.h"
#include "models/torch/encoder.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

constexpr int kCheckedLength = 64, kCheckedRows = 4;

// An embedding may have more rows than the tokenizer has words, up to the next multiple of this.
constexpr int kPaddedRows = 128;

// What the adapter's folder says beyond PEFT's files, when it was trained here.
std::optional<BundleInfo> bundle_of_adapter(const std::string& adapter) {
  std::error_code ignored;
  if (adapter.empty() || !fs::exists(fs::path(adapter) / kBundleFile, ignored)) return {};
  return read_bundle_alone(adapter);
}

void check_output(const std::string& output) {
  std::error_code ignored;
  const bool is_new = !fs::exists(output, ignored);
  WHY_CHECK(is_new || (fs::is_directory(output, ignored) && fs::is_empty(output, ignored)), output,
            " exists and is not an empty folder; choose another output");
}

void check_tokenizer(const Tokenizer& tokenizer, const EncoderConfig& config, const std::string& folder) {
  WHY_CHECK(tokenizer.size() <= config.vocabulary, folder, ": the tokenizer has ", tokenizer.size(),
            " tokens, more than the ", config.vocabulary, " that the model knows");
  WHY_CHECK(config.vocabulary - tokenizer.size() < kPaddedRows, folder, ": the tokenizer has ",
            tokenizer.size(), " tokens, but the model knows ", config.vocabulary,
            ": the vocabulary is cut short or belongs to another model");
  WHY_CHECK(config.kind != "masked-lm" || tokenizer.special().mask >= 0, folder,
            ": the tokenizer has no mask token, which a masked-lm is asked at");
}

BundleInfo bundle_of(const EncoderConfig& config, const Tokenizer& tokenizer, const ImportOptions& options) {
  BundleInfo info = bundle_info(config);
  info.path = options.output;
  info.mask_id = tokenizer.special().mask;
  info.provenance.program = options.program;
  info.provenance.command = "whyformer import " + options.source +
                            (options.adapter.empty() ? "" : " --adapter " + options.adapter) + " --output " +
                            options.output;
  return info;
}

// ---- The self-check

// Sequences of unequal lengths, real words and, for a masked-lm, a mask.
std::vector<Sequence> sample(const BundleInfo& info) {
  Random random(1);
  std::vector<Sequence> out;
  const int longest = std::min(info.max_length, kCheckedLength);
  for (int row = 0; row < kCheckedRows; ++row) {
    Sequence ids;
    for (int i = 0; i < std::max(2, longest - row * longest / kCheckedRows); ++i) {
      auto id = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(info.vocabulary)));
      ids.push_back(id == info.pad_id ? (id + 1) % info.vocabulary : id);
    }
    if (info.kind == "masked-lm") ids[1] = info.mask_id;
    out.push_back(ids);
  }
  return out;
}

struct Checked {
  at::Tensor states, attention;
};

Checked run_checked(Module& module, const BundleInfo& info, const Batch& batch, bool fused) {
  set_fused(module, fused);
  CaptureOptions options;
  options.layers = info.layers;
  options.heads = info.heads;
  options.model = info.provenance.command;
  const auto captured = capture_attention(
      [&] {
        return module.get_method("states")({batch.ids, batch.mask.to(at::kLong)});
      },
      options);
  return {captured.answer.toTensor(), captured.layers.front().probabilities};
}

double largest_difference(const at::Tensor& a, const at::Tensor& b, const at::Tensor& where) {
  return (a - b).abs().masked_fill(where.logical_not(), 0).max().item<double>();
}

void self_check(Module& module, const BundleInfo& info, ImportReport& report) {
  const c10::InferenceMode inference;
  const torch::jit::GraphOptimizerEnabledGuard as_written(false);
  const Batch batch = pad_batch(sample(info), info.pad_id, at::kCPU);
  const Checked written = run_checked(module, info, batch, false);
  const Checked fused = run_checked(module, info, batch, true);
  const at::Tensor real = batch.mask.unsqueeze(-1);  // padding may come out as anything
  report.fused_difference = largest_difference(written.states, fused.states, real);
  report.capture_difference = largest_difference(written.attention, fused.attention, real.unsqueeze(1));
  WHY_CHECK(torch::isfinite(written.states).masked_fill(real.logical_not(), true).all().item<bool>(),
            "the weights give states that are NaN or infinite");
}

// ---- Files

void copy_tokenizer(const fs::path& from, const fs::path& to) {
  for (const char* name :
       {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model", "spiece.model"}) {
    std::error_code ignored;
    if (fs::exists(from / name, ignored)) write_file(to / name, read_file(from / name));
  }
}

void write_model(const Module& module, const BundleInfo& info, const fs::path& tokenizer) {
  const fs::path folder = info.path;
  std::error_code failure;
  fs::create_directories(folder, failure);
  WHY_CHECK(!failure, "cannot create ", folder.string(), ": ", failure.message());
  std::ostringstream script;
  module.save(script);
  write_file(folder / kScriptFile, script.str());
  copy_tokenizer(tokenizer, folder);
  write_bundle(folder, info);  // last: a folder with bundle.yaml is whole
}

}  // namespace

ImportReport import_model(const ImportOptions& options) {
  check_output(options.output);
  const auto trained_here = bundle_of_adapter(options.adapter);
  std::optional<LoraAdapter> adapter;
  if (!options.adapter.empty()) adapter = LoraAdapter::open(options.adapter);
  const auto folder = HuggingFaceFolder::open(
      options.source, adapter ? adapter->base_options(trained_here ? trained_here->head : "pooled")
                              : HuggingFaceFolder::Options{});
  const auto tokenizer = open_tokenizer(options.source);
  check_tokenizer(*tokenizer, folder.config(), options.source);

  ImportReport report;
  report.left_out = folder.left_out();
  report.info = bundle_of(folder.config(), *tokenizer, options);
  if (trained_here) {
    report.info.labels = trained_here->labels;
    report.info.provenance = trained_here->provenance;
  }
  Module module = make_encoder(folder.config(), report.info.mask_id);
  load_encoder(module, folder);
  if (adapter) merge_adapter(module, folder, *adapter);
  module.eval();
  self_check(module, report.info, report);
  write_model(module, report.info, options.source);
  return report;
}

}  // namespace why
