#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/errors.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "experiments/commands/train_arguments.h"
#include "experiments/datasets/texts.h"
#include "experiments/paths.h"
#include "models/backend.h"
#include "models/formats/tokenizer.h"

namespace why {
namespace {

// The keys of a training's configuration: these, and those of ClassifierTraining beside them.
struct TrainConfig : TrainKeys {
  TrainConfig() { architecture = "lora"; }
  int validation = 1000;           // texts set aside where the data have no validation part
  int limit = 0;                   // texts to train on; 0: all
  std::vector<std::string> tests;  // more folders whose test part is asked at the end
  ClassifierTraining training;
};

void describe(Fields& fields, TrainConfig& config) {
  describe_common(fields, config, "folder of labelled texts: SST-2 or IMDB");
  fields.field("validation", config.validation, "texts set aside where the data have no validation part",
               in_range(1, 1e7));
  fields.field("limit", config.limit, "texts to train on, drawn at random; 0: all", in_range(0, 1e9));
  fields.field("tests", config.tests, "more folders of labelled texts whose test part is asked at the end");
  describe(fields, config.training);
}

TrainConfig read_config(const TrainArguments& arguments, const ConfigTree& file) {
  TrainConfig config;
  file.read(config);
  apply(arguments, config);
  config.training.resume = arguments.resume;
  return config;
}

std::vector<TextExample> encode(const std::vector<LabelledText>& texts, const Tokenizer& tokenizer,
                                int max_length) {
  std::vector<TextExample> out(texts.size());
  parallel_for(
      texts.size(), hardware_threads(),
      [&](std::size_t i) {
        Encoding whole = tokenizer.encode(texts[i].text);
        const std::size_t tokens = whole.ids.size();
        out[i].ids = cut_to(std::move(whole), static_cast<std::size_t>(max_length)).ids;
        out[i].label = texts[i].label;
        out[i].cut = out[i].ids.size() < tokens;
      },
      64);
  return out;
}

struct Texts {
  TextDataset set;
  std::vector<LabelledText> train, validation;
};

Texts read_training_texts(const TrainConfig& config) {
  Texts out;
  out.set = find_texts(find_path(config.data, "the data"));
  out.train = read_texts(out.set, TextPart::train);
  out.validation = read_texts(out.set, TextPart::validation);
  const Random random(config.training.seed);
  if (out.validation.empty())
    out.validation =
        set_aside(out.train, static_cast<std::size_t>(config.validation), random.child("validation"));
  if (config.limit > 0)
    out.train = set_aside(out.train, static_cast<std::size_t>(config.limit), random.child("limit"));
  WHY_CHECK(!out.train.empty(), "of the texts in ", out.set.folder.string(),
            " none is left to train on; validation is ", config.validation);
  return out;
}

TextTestSet read_test_set(const TextDataset& set, const std::vector<std::string>& labels,
                          const Tokenizer& tokenizer, int max_length) {
  WHY_CHECK(set.labels == labels, set.folder.string(), " has the labels ", fmt::format("{}", set.labels),
            ", but the training ", fmt::format("{}", labels));
  const auto texts = read_texts(set, TextPart::test);
  WHY_CHECK(!texts.empty(), set.folder.string(), " has no test part");
  return {set.format, encode(texts, tokenizer, max_length)};
}

ClassifierData encode_all(const TrainConfig& config, const Texts& texts, const Tokenizer& tokenizer) {
  const int length = config.training.max_length;
  ClassifierData out;
  out.labels = texts.set.labels;
  out.train = encode(texts.train, tokenizer, length);
  out.validation = encode(texts.validation, tokenizer, length);
  out.tests.push_back(read_test_set(texts.set, out.labels, tokenizer, length));
  for (const auto& folder : config.tests)
    out.tests.push_back(
        read_test_set(find_texts(find_path(folder, "the test data")), out.labels, tokenizer, length));
  return out;
}

// What the texts are, in words and by hash.
std::string data_in_words(const Texts& texts) {
  std::string all;
  for (const auto* part : {&texts.train, &texts.validation})
    for (const auto& one : *part) all += text(one.id, '\t', one.text, '\t', one.label, '\n');
  return fmt::format("{}: {} texts to train on, {} to validate on, sha256 {}", texts.set.format,
                     texts.train.size(), texts.validation.size(), sha256(all));
}

void print_test(const TestResult& test) {
  fmt::print("\n{} test: {:.2f} % of {} texts", test.name, 100 * test.accuracy(), test.texts);
  if (test.cut > 0) fmt::print(", {} of them cut", test.cut);
  fmt::print("\n");
  for (const auto& bin : test.by_length)
    fmt::print("  {:>4}-{:<4} tokens  {:>6} texts  {:.2f} %\n", bin.low, bin.high, bin.texts,
               100 * static_cast<double>(bin.right) / static_cast<double>(bin.texts));
}

void print_result(const TrainConfig& config, const ClassifierResult& result) {
  fmt::print("validation: {:.2f} % in epoch {}, part {}\n", 100 * result.validation_accuracy,
             result.best_epoch, result.best_part);
  for (const auto& test : result.tests) print_test(test);
  fmt::print("\n{} epoch{}, {:.0f} s, {:.0f} s of processor time on {} thread{}\n{}\n", result.epochs,
             result.epochs == 1 ? "" : "s", result.seconds, result.cpu_seconds, config.threads,
             config.threads == 1 ? "" : "s", config.training.output);
}

// A bar over all batches, then one over the test texts; a line a part.
class TrainingBars {
 public:
  ClassifierCallbacks callbacks() {
    ClassifierCallbacks out;
    out.step = [this](const TrainingStep& step) { show(step); };
    out.part = [this](const ClassifierReport& part) { show(part); };
    out.test = [this](std::size_t done, std::size_t all) { show(testing_, "testing", done, all, {}); };
    return out;
  }

 private:
  struct Bar {
    std::unique_ptr<Progress> progress;
    std::size_t done = 0;
  };

  static void show(Bar& bar, const char* label, std::size_t done, std::size_t all, const std::string& note) {
    if (!bar.progress) bar.progress = std::make_unique<Progress>(label, all);
    bar.progress->add(done - bar.done, note);
    bar.done = done;
  }

  void show(const TrainingStep& step) {
    show(training_, "training", step.done, step.all, fmt::format("loss {:.3f}{}", step.loss, validation_));
  }

  void show(const ClassifierReport& part) {
    validation_ = fmt::format(", validation {:.2f} %, best {:.2f} %", 100 * part.validation_accuracy,
                              100 * part.best_accuracy);
    if (part.seconds > 0)
      fmt::print(stderr,
                 "{}epoch {}, part {}: loss {:.4f}, validation loss {:.4f}, accuracy {:.2f} % ({:.0f} s)\n",
                 training_.progress ? "\r\033[K" : "", part.epoch, part.part, part.loss, part.validation_loss,
                 100 * part.validation_accuracy, part.seconds);
  }

  Bar training_, testing_;
  std::string validation_;
};

}  // namespace

std::vector<ConfigKey> keys_of_classifier_training() { return describe_keys(TrainConfig{}); }

void train_text_classifier(const TrainArguments& arguments, const ConfigTree& file) {
  TrainConfig config = read_config(arguments, file);
  if (arguments.print_config) {
    fmt::print("{}", to_yaml(config));
    return;
  }
  if (is_finished(arguments, config.training.output)) return;
  const Device device = parse_device(config.device);
  config.training.base_path = find_path(config.training.base, "the base model").string();
  if (!config.training.start.empty())
    config.training.start = find_path(config.training.start, "the adapter to start from").string();
  const auto tokenizer = open_tokenizer(config.training.base_path);
  const Texts texts = read_training_texts(config);
  const ClassifierData data = encode_all(config, texts, *tokenizer);
  config.training.provenance = provenance_of(arguments, config, config.training.seed);
  config.training.provenance.data = data_in_words(texts);

  Backend& torch = backend();
  torch.set_threads(config.threads);
  ClassifierResult result;
  {
    TrainingBars bars;
    result = torch.train_classifier(config.training, data, device, bars.callbacks());
  }
  print_result(config, result);
}

}  // namespace why
