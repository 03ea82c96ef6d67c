// Small trainings of an adapter to the tiny BERT of tests/models/imported.
#include "models/torch/train_classifier.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <stdexcept>

#include "core/errors.h"
#include "core/files.h"
#include "core/records.h"
#include "models/formats/bundle.h"
#include "models/formats/peft.h"
#include "models/torch/import_model.h"
#include "models/torch/torch_model.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::int64_t kGood = 20, kBad = 30;  // the words that decide

class TrainClassifier : public ::testing::Test {
 protected:
  TrainClassifier()
      : folder_(fs::temp_directory_path() /
                text("train_classifier_", ::getpid(), "_",
                     ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(folder_);
    at::set_num_threads(1);
    data_.labels = {"negative", "positive"};
    data_.train = texts(192, 1);
    data_.validation = texts(64, 2);
    data_.tests = {{"mine", texts(64, 3)}};
  }
  ~TrainClassifier() override { fs::remove_all(folder_); }

  // Texts of other words around one that decides.
  static std::vector<TextExample> texts(int count, std::uint64_t seed) {
    Random random(seed);
    std::vector<TextExample> out;
    for (int i = 0; i < count; ++i) {
      TextExample example;
      const std::size_t length = 3 + random.below(6);
      for (std::size_t t = 0; t < length; ++t)
        example.ids.push_back(40 + static_cast<std::int64_t>(random.below(50)));
      example.label = i % 2;
      example.ids[random.below(length)] = example.label ? kGood : kBad;
      example.ids.insert(example.ids.begin(), 2);
      example.ids.push_back(3);
      out.push_back(example);
    }
    return out;
  }

  ClassifierTraining options(const std::string& name) const {
    const fs::path imported = fs::path(std::getenv("WHYFORMER_SOURCE")) / "tests/models/imported";
    ClassifierTraining out;
    out.output = (folder_ / name).string();
    out.base = out.base_path = (imported / "bert-masked-lm").string();
    out.lora.rank = 4;
    out.lora.alpha = 8;
    out.dropout = 0;
    out.learning_rate = 2e-2;
    out.batch_size = 16;
    out.max_epochs = 6;
    out.parts = 2;
    return out;
  }

  ClassifierResult train(const ClassifierTraining& training,
                         const ClassifierCallbacks& callbacks = {}) const {
    return train_classifier(training, data_, Device{}, callbacks);
  }

  std::string written(const std::string& name) const {
    return read_file(folder_ / name / kAdapterWeightsFile);
  }

  fs::path folder_;
  ClassifierData data_;
};

TEST_F(TrainClassifier, LearnsAndWritesAnAdapterThatIsABundle) {
  ClassifierTraining training = options("a");
  training.max_epochs = 15;
  const ClassifierResult result = train(training);
  EXPECT_GE(result.validation_accuracy, 0.95);
  ASSERT_EQ(result.tests.size(), 1u);
  EXPECT_GE(result.tests[0].accuracy(), 0.9);
  EXPECT_FALSE(fs::exists(folder_ / "a" / "training.state"));

  // through the model that --model opens
  const auto model = load_model((folder_ / "a").string(), Device{});
  EXPECT_THAT(model->info().labels, ElementsAre("negative", "positive"));
  std::vector<Sequence> batch;
  for (const auto& example : data_.tests[0].examples) batch.push_back(example.ids);
  const Scores scores = model->predict(batch);
  std::size_t right = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto row = scores.row(static_cast<int>(i));
    right += (row[1] > row[0]) == (data_.tests[0].examples[i].label == 1);
  }
  EXPECT_EQ(right, result.tests[0].right);

  // and merged into a bundle of its own
  ImportOptions import;
  import.source = options("a").base;
  import.adapter = (folder_ / "a").string();
  import.output = (folder_ / "merged").string();
  import_model(import);
  const auto merged = load_model(import.output, Device{});
  EXPECT_THAT(merged->info().labels, ElementsAre("negative", "positive"));
  const Scores same = merged->predict(batch);
  for (std::size_t i = 0; i < same.values.size(); ++i)
    EXPECT_NEAR(same.values[i], scores.values[i], 1e-4) << i;
}

TEST_F(TrainClassifier, WritesTheNamesOfPeft) {
  ClassifierTraining training = options("a");
  training.max_epochs = 1;
  training.head = "pooled";
  training.base = training.base_path = (fs::path(training.base).parent_path() / "bert-pretraining").string();
  training.lora.targets = {"query", "output.dense"};
  train(training);
  const LoraAdapter adapter = LoraAdapter::open(folder_ / "a");
  std::vector<std::string> pairs, whole;
  for (const auto& [name, pair] : adapter.pairs()) pairs.push_back(name);
  for (const auto& [name, view] : adapter.whole()) whole.push_back(name);
  EXPECT_THAT(
      pairs,
      ElementsAre("bert.encoder.layer.0.attention.output.dense", "bert.encoder.layer.0.attention.self.query",
                  "bert.encoder.layer.0.output.dense", "bert.encoder.layer.1.attention.output.dense",
                  "bert.encoder.layer.1.attention.self.query", "bert.encoder.layer.1.output.dense"));
  EXPECT_THAT(whole, ElementsAre("bert.pooler.dense.bias", "bert.pooler.dense.weight", "classifier.bias",
                                 "classifier.weight"));
  EXPECT_EQ(adapter.pairs().begin()->second.scaling, 2);
  EXPECT_NO_THROW(load_model((folder_ / "a").string(), Device{}));
}

TEST_F(TrainClassifier, GivesTheSameBytesWithAndWithoutAKill) {
  ClassifierTraining training = options("whole");
  training.max_epochs = 2;
  training.dropout = 0.1;
  training.accumulation = 2;
  train(training);
  ClassifierTraining killed = training;
  killed.output = (folder_ / "killed").string();
  ClassifierCallbacks callbacks;
  callbacks.part = [](const ClassifierReport& part) {
    if (part.epoch == 2 && part.part == 1) throw std::runtime_error("killed");
  };
  EXPECT_THROW(train(killed, callbacks), std::runtime_error);
  EXPECT_THAT([&] { train(killed); }, ThrowsMessage<UserError>(HasSubstr("continue it with --resume")));
  killed.resume = true;
  train(killed);
  EXPECT_EQ(written("killed"), written("whole"));
  EXPECT_EQ(whole_lines(folder_ / "killed" / "training.jsonl").size(), 4u);
}

TEST_F(TrainClassifier, GoesOnFromAnAdapter) {
  const ClassifierResult first = train(options("first"));
  ClassifierTraining second = options("second");
  second.start = (folder_ / "first").string();
  second.max_epochs = 1;
  second.parts = 1;
  second.learning_rate = 1e-6;
  EXPECT_EQ(train(second).tests[0].right, first.tests[0].right);
  second.output = (folder_ / "third").string();
  second.lora.rank = 2;
  EXPECT_THAT([&] { train(second); }, ThrowsMessage<UserError>(HasSubstr("but is [2, 32] in this training")));
}

TEST_F(TrainClassifier, MistakesAreNamed) {
  ClassifierTraining training = options("a");
  training.lora.targets = {"qeury"};
  EXPECT_THAT([&] { train(training); },
              ThrowsMessage<UserError>(
                  HasSubstr("names no linear module of " + training.base + "; known: attention.self.query")));
  training = options("a");
  training.head = "pooled";  // a masked-lm has no pooler
  EXPECT_THAT([&] { train(training); }, ThrowsMessage<UserError>(HasSubstr("bert.pooler.dense.weight")));
  ClassifierData nothing = data_;
  nothing.train.clear();
  EXPECT_THAT([&] { train_classifier(options("a"), nothing, Device{}, {}); },
              ThrowsMessage<UserError>(HasSubstr("no texts to train on")));
  EXPECT_FALSE(fs::exists(folder_ / "a"));
}

TEST_F(TrainClassifier, OtherWeightsThanTheAdaptersAreRefused) {
  ClassifierTraining training = options("a");
  training.max_epochs = 1;
  train(training);
  const fs::path file = folder_ / "a" / kBundleFile;
  std::string yaml = read_file(file);
  const auto at = yaml.find("base_sha256: ") + std::string("base_sha256: ").size();
  write_file(file, yaml.replace(at, 4, yaml.substr(at, 4) == "0000" ? "1111" : "0000"));
  EXPECT_THAT([&] { load_model((folder_ / "a").string(), Device{}); },
              ThrowsMessage<UserError>(HasSubstr("is an adapter to other weights than those in ")));
}

}  // namespace
}  // namespace why
