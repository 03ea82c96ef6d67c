// The shared library opened as the program opens it, and every bundle that it must refuse.
#include "models/backend.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/bundle.h"
#include "models/formats/safetensors.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kTolerance = 1e-5;

class BackendTest : public ::testing::Test {
 protected:
  // One small trained bundle for all tests; each damages its own copy.
  static void SetUpTestSuite() {
    trained_ = std::filesystem::temp_directory_path() / text("backend_", ::getpid());
    std::filesystem::remove_all(trained_);
    RecommenderTraining training;
    training.output = trained_.string();
    training.hidden = 8;
    training.inner = 12;
    training.max_history = 5;
    training.max_epochs = 1;
    InteractionSplit data;
    for (int i = 0; i < 9; ++i) data.items.push_back(std::to_string(i));
    for (std::int64_t u = 0; u < 20; ++u)
      data.users.push_back({u % 9 + 1, (u + 3) % 9 + 1, (u + 5) % 9 + 1, 1, 2});
    backend().set_threads(1);
    backend().train(training, data, Device{});
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(trained_); }

  BackendTest() {
    folder_ = trained_.string() + "_copy";
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(trained_, folder_);
  }
  ~BackendTest() override { std::filesystem::remove_all(folder_); }

  std::string load_error() const {
    try {
      backend().load(folder_.string(), Device{});
    } catch (const UserError& error) {
      return error.what();
    }
    return "nothing thrown";
  }

  void rewrite_weights(const std::function<void(std::map<std::string, TensorView>&)>& change) const {
    const auto file = folder_ / kWeightsFile;
    const std::string contents = read_file(file);
    auto tensors = SafeTensors::parse(std::as_bytes(std::span(contents)), "copy").tensors();
    change(tensors);
    write_safetensors(file, tensors);
  }

  void edit_bundle(const std::string& from, const std::string& to) const {
    std::string yaml = read_file(folder_ / kBundleFile);
    const auto at = yaml.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(folder_ / kBundleFile, yaml.replace(at, from.size(), to));
  }

  static std::filesystem::path trained_;
  std::filesystem::path folder_;
};

std::filesystem::path BackendTest::trained_;

const std::vector<Sequence> kBatch = {{1, 2, 3, 10}, {4, 10}, {9, 8, 7, 6, 5, 10}, {10}};

TEST_F(BackendTest, PredictsTheSameAloneAndInABatch) {
  const auto model = backend().load(folder_.string(), Device{});
  const Scores together = model->predict(kBatch);
  ASSERT_EQ(together.rows, 4);
  ASSERT_EQ(together.columns, 9);
  for (int b = 0; b < 4; ++b) {
    const Scores alone = model->predict(std::span(kBatch).subspan(static_cast<std::size_t>(b), 1));
    for (std::size_t item = 0; item < 9; ++item)
      EXPECT_NEAR(together.row(b)[item], alone.row(0)[item], kTolerance);
  }
  EXPECT_TRUE(model->predict({}).values.empty());
}

TEST_F(BackendTest, AttentionHasNoPaddingAndItsRowsSumToOne) {
  const auto model = backend().load(folder_.string(), Device{});
  for (const int layer : {0, 1, -1, -2}) {
    const auto attention = model->attend(kBatch, layer);
    ASSERT_EQ(attention.size(), 4u);
    for (std::size_t b = 0; b < 4; ++b) {
      const auto& one = attention[b];
      const auto tokens = static_cast<int>(kBatch[b].size());
      ASSERT_EQ(one.heads, 2);
      ASSERT_EQ(one.tokens, tokens);
      ASSERT_EQ(one.width, 4);
      ASSERT_EQ(one.probabilities.size(), static_cast<std::size_t>(2 * tokens * tokens));
      ASSERT_EQ(one.outputs.size(), static_cast<std::size_t>(2 * tokens * 4));
      for (int row = 0; row < 2 * tokens; ++row) {
        double sum = 0;
        for (int j = 0; j < tokens; ++j) sum += one.probabilities[static_cast<std::size_t>(row * tokens + j)];
        EXPECT_NEAR(sum, 1, kTolerance);
      }
    }
  }
  EXPECT_EQ(model->attend(kBatch, 1)[0].probabilities, model->attend(kBatch, -1)[0].probabilities);
  EXPECT_NE(model->attend(kBatch, 0)[0].probabilities, model->attend(kBatch, 1)[0].probabilities);
}

TEST_F(BackendTest, SaysItsVersion) { EXPECT_THAT(backend().versions().at("libtorch"), HasSubstr(".")); }

TEST_F(BackendTest, SequencesThatDoNotFitAreNamed) {
  const auto model = backend().load(folder_.string(), Device{});
  const auto predict = [&](const Sequence& sequence) { model->predict(std::vector<Sequence>{sequence}); };
  EXPECT_THAT([&] { predict({1, 11}); }, ThrowsMessage<UserError>(HasSubstr("id 11 was given")));
  EXPECT_THAT([&] { predict({0}); }, ThrowsMessage<UserError>(HasSubstr("which knows items 1 to 9")));
  EXPECT_THAT([&] { predict({-1}); }, ThrowsMessage<UserError>(HasSubstr("id -1 was given")));
  EXPECT_THAT([&] { predict({}); }, ThrowsMessage<UserError>(HasSubstr("an empty sequence")));
  EXPECT_THAT(
      [&] {
        predict({1, 2, 3, 4, 5, 6, 7});
      },
      ThrowsMessage<UserError>(AllOf(HasSubstr("a sequence of 7 ids"), HasSubstr("at most 6"))));
  EXPECT_THAT([&] { model->attend(kBatch, 2); },
              ThrowsMessage<UserError>(HasSubstr("layer 2 was asked for")));
}

TEST_F(BackendTest, OurOwnScriptPredictsAsTheWeightsDo) {
  const Scores expected = backend().load(folder_.string(), Device{})->predict(kBatch);
  std::filesystem::remove(folder_ / kWeightsFile);
  EXPECT_EQ(backend().load(folder_.string(), Device{})->predict(kBatch).values, expected.values);
  edit_bundle("\"bert4rec\"", "torchscript");  // as a user's own model would say
  EXPECT_EQ(backend().load(folder_.string(), Device{})->predict(kBatch).values, expected.values);
}

TEST_F(BackendTest, MissingFilesAreNamed) {
  std::filesystem::remove(folder_ / kScriptFile);
  std::filesystem::remove(folder_ / kWeightsFile);
  EXPECT_THAT(load_error(), HasSubstr("there is no file " + (folder_ / kScriptFile).string()));
  std::filesystem::remove(folder_ / kBundleFile);
  EXPECT_THAT(load_error(), HasSubstr("it has no bundle.yaml"));
  std::filesystem::remove_all(folder_);
  EXPECT_THAT(load_error(), HasSubstr("there is no model folder"));
}

TEST_F(BackendTest, ADamagedScriptIsNamed) {
  std::filesystem::remove(folder_ / kWeightsFile);
  const std::string script = read_file(folder_ / kScriptFile);
  write_file(folder_ / kScriptFile, script.substr(0, script.size() / 2));
  EXPECT_THAT(load_error(), testing::EndsWith("model.pt is not a TorchScript module, or is damaged: failed "
                                              "finding central directory"));
  write_file(folder_ / kScriptFile, "words");
  EXPECT_THAT(load_error(), testing::EndsWith("or is damaged: not a ZIP archive"));
}

TEST_F(BackendTest, DamagedWeightsAreNamed) {
  const std::string weights = read_file(folder_ / kWeightsFile);
  write_file(folder_ / kWeightsFile, weights.substr(0, weights.size() - 4));
  EXPECT_THAT(load_error(), HasSubstr("the file is cut short or damaged"));
  write_file(folder_ / kWeightsFile, weights.substr(0, 20));
  EXPECT_THAT(load_error(), HasSubstr("the file is cut short"));
  write_file(folder_ / kWeightsFile, "");
  EXPECT_THAT(load_error(), HasSubstr("too few for a safetensors file"));
}

TEST_F(BackendTest, TensorsThatDoNotFitAreNamed) {
  rewrite_weights([](auto& tensors) { tensors.erase("bias"); });
  EXPECT_THAT(load_error(), HasSubstr("has no tensor \"bias\""));
  const float zeros[9] = {};
  rewrite_weights([&](auto& tensors) {
    tensors["bias"] = {TensorType::f32, {9}, std::as_bytes(std::span(zeros))};
    tensors["extra"] = {TensorType::f32, {9}, std::as_bytes(std::span(zeros))};
  });
  EXPECT_THAT(load_error(), HasSubstr("tensor \"extra\" is not part of this architecture"));
  rewrite_weights([&](auto& tensors) {
    tensors.erase("extra");
    tensors["bias"] = {TensorType::f32, {3, 3}, std::as_bytes(std::span(zeros))};
  });
  EXPECT_THAT(load_error(), HasSubstr("tensor \"bias\" has shape [3, 3], but bundle.yaml asks for [9]"));
  const std::int64_t integers[9] = {};
  rewrite_weights([&](auto& tensors) {
    tensors["bias"] = {TensorType::i64, {9}, std::as_bytes(std::span(integers))};
  });
  EXPECT_THAT(load_error(), HasSubstr("tensor \"bias\" holds integers"));
}

TEST_F(BackendTest, ABundleThatContradictsItsModelIsRefused) {
  edit_bundle("layers: 2", "layers: 3");
  EXPECT_THAT(load_error(), HasSubstr("has no tensor \"layer2."));
  std::filesystem::remove(folder_ / kWeightsFile);  // the script has two layers whatever the file says
  EXPECT_THAT(load_error(), HasSubstr("3"));
  edit_bundle("layers: 3", "layers: 2");
  edit_bundle("heads: 2", "heads: 4");
  EXPECT_NE(load_error(), "nothing thrown");
}

TEST_F(BackendTest, ADeviceThatIsNotThereIsNamed) {
  if (cuda_device_count() > 0) GTEST_SKIP() << "there is a CUDA device";
  EXPECT_THAT([] { parse_device("cuda"); }, ThrowsMessage<UserError>(HasSubstr("no CUDA device")));
  EXPECT_THAT(
      [&] {
        backend().load(folder_.string(), Device{Device::Kind::cuda, 0});
      },
      ThrowsMessage<UserError>(HasSubstr("cuda:0")));
}

}  // namespace
}  // namespace why
