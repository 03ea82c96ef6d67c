#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <memory>

#include "core/errors.h"
#include "core/npy.h"
#include "core/parallel.h"
#include "core/printable.h"
#include "experiments/commands/commands.h"
#include "experiments/paths.h"
#include "models/backend.h"
#include "models/formats/bundle.h"
#include "models/formats/tokenizer.h"

namespace why {
namespace {

constexpr std::size_t kMostShown = 40;  // letters of a text in a warning

struct Options {
  std::string model, text, output, what = "probabilities", device = "auto";
  int layer = -1, threads = 0;
};

NpyArray array_of(Model& model, const Sequence& ids, const Options& options) {
  const auto batch = std::span(&ids, 1);
  const auto tokens = static_cast<std::int64_t>(ids.size());
  if (options.what == "states") return {{tokens, model.info().hidden}, model.states(batch).front()};
  const Attention attention = model.attend(batch, options.layer).front();
  const std::int64_t heads = attention.heads;
  if (options.what == "outputs") return {{heads, tokens, attention.width}, attention.outputs};
  return {{heads, tokens, tokens}, attention.probabilities};
}

void attention(const Options& options) {
  const auto bundle = find_path(options.model, "the model");
  const BundleInfo info = read_bundle(bundle);
  WHY_CHECK(info.is_text(), options.model, " is a ", info.kind, ", which reads no text");
  WHY_CHECK(!options.text.empty(), "--text is empty");
  check_can_hold_file("--output", options.output);
  if (!is_utf8(options.text))
    fmt::print(stderr, "warning: the text is not UTF-8; what is ill-formed in it is read as U+FFFD: \"{}\"\n",
               printable(options.text, kMostShown));
  const Encoding encoding = open_tokenizer(info.tokenizer_path())->encode(options.text);
  WHY_CHECK(static_cast<int>(encoding.ids.size()) <= info.max_length, "the text has ", encoding.ids.size(),
            " tokens, more than the ", info.max_length, " that ", options.model, " takes");

  const Device device = parse_device(options.device);
  backend().set_threads(options.threads > 0 ? options.threads : hardware_threads());
  const auto model = backend().load(bundle.string(), device);
  const NpyArray array = array_of(*model, encoding.ids, options);
  write_npy(options.output, array);
  fmt::print("{} [{}] float32\n", options.output, fmt::join(array.shape, ", "));
}

}  // namespace

void add_attention(CLI::App& app) {
  auto* command = app.add_subcommand("attention", "one layer's attention for a text, as a NumPy file");
  const auto options = std::make_shared<Options>();
  command->add_option("--model", options->model, "a bundle of a text model")->type_name("DIR")->required();
  command->add_option("--text", options->text, "the text")->required();
  command->add_option("--output", options->output, "a .npy file")
      ->type_name("FILE")
      ->required()
      ->check(not_empty());
  command->add_option("--layer", options->layer, "from 0, or from the end below 0")->capture_default_str();
  command
      ->add_option(
          "--what", options->what,
          "probabilities [heads, tokens, tokens], outputs [heads, tokens, width of a head], which are "
          "probabilities times values, or states [tokens, width] of the last layer")
      ->check(CLI::IsMember({"probabilities", "outputs", "states"}))
      ->capture_default_str();
  command->add_option("--device", options->device, "cpu, cuda, cuda:N, or auto")->capture_default_str();
  command->add_option("--threads", options->threads, "CPU threads; all by default")
      ->check(one_to(kMostThreads));
  command->callback([options] { attention(*options); });
}

}  // namespace why
