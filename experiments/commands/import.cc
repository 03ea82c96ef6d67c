#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <memory>

#include "experiments/commands/commands.h"
#include "experiments/version.h"
#include "models/backend.h"

namespace why {
namespace {

void print(const ImportReport& report, const ImportOptions& options) {
  const BundleInfo& info = report.info;
  fmt::print("{} {}: {} layers of {} heads, {} wide, {} tokens at most, vocabulary {}\n", info.architecture,
             info.kind, info.layers, info.heads, info.hidden, info.max_length, info.vocabulary);
  if (!info.labels.empty()) fmt::print("labels: {}\n", fmt::join(info.labels, ", "));
  if (info.kind == "encoder") fmt::print("no head: its attention can be read, nothing can be explained\n");
  if (!options.adapter.empty()) fmt::print("merged: {}\n", options.adapter);
  if (!report.left_out.empty()) fmt::print("left out: {}\n", fmt::join(report.left_out, ", "));
  fmt::print("fused against explicit attention: states differ by at most {:.2g}\n", report.fused_difference);
  fmt::print("captured against recomputed attention: at most {:.2g}\n", report.capture_difference);
  fmt::print("{}\n", options.output);
}

}  // namespace

void add_import(CLI::App& app) {
  auto* command = app.add_subcommand("import", "makes a model bundle of a Hugging Face folder");
  const auto options = std::make_shared<ImportOptions>();
  command
      ->add_option(
          "HF_DIR", options->source,
          "config.json, model.safetensors and tokenizer files of a BERT, DistilBERT, RoBERTa, XLM-R, "
          "ELECTRA or ALBERT")
      ->required();
  command->add_option("--output", options->output, "the bundle: a folder that is new or empty")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--adapter", options->adapter, "a LoRA adapter in PEFT's format, merged into the weights")
      ->type_name("DIR");
  command->callback([options] {
    options->program = version() + " (" + build_commit() + ")";
    print(backend().import_model(*options), *options);
  });
}

}  // namespace why
