// Tiny models of every family against what Transformers and PEFT answered (tests/models/imported/).
#include <gmock/gmock.h>
#include <torch/script.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/bundle.h"
#include "models/formats/safetensors.h"
#include "models/formats/tokenizer.h"
#include "models/torch/blocks.h"
#include "models/torch/import_model.h"
#include "models/torch/torch_model.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr double kAttentionTolerance = 1e-5, kScoreTolerance = 2e-5;  // golden files have six decimals
constexpr std::size_t kGoldenScores = 64;                             // of a masked-lm

fs::path golden_root() { return fs::path(std::getenv("WHYFORMER_SOURCE")) / "tests" / "models" / "imported"; }

std::vector<std::string> golden_folders(bool refused) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(golden_root())) {
    if (!fs::exists(entry.path() / "golden.json")) continue;
    const json golden = json::parse(read_file(entry.path() / "golden.json"));
    if (golden.contains("refused") == refused && entry.path().filename() != "bert-one-label")
      out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(fs::temp_directory_path() / text("import_test_", ::getpid(), "_", name)) {
    fs::remove_all(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

ImportOptions options_of(const std::string& name, const fs::path& output) {
  const json golden = json::parse(read_file(golden_root() / name / "golden.json"));
  const auto base = golden.at("base").get<std::string>();
  ImportOptions options;
  options.source = (golden_root() / (base == "." ? name : base)).string();
  if (base != ".") options.adapter = (golden_root() / name).string();
  options.output = output.string();
  return options;
}

// Relative to the largest value, where that is above 1: processors round float sums differently.
double largest_difference(const std::vector<float>& ours, const json& theirs) {
  const auto wanted = theirs.get<std::vector<float>>();
  if (ours.size() != wanted.size()) return 1e9;
  double out = 0, size = 1;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    out = std::max(out, static_cast<double>(std::abs(ours[i] - wanted[i])));
    size = std::max(size, static_cast<double>(std::abs(wanted[i])));
  }
  return out / size;
}

std::vector<float> flat(const at::Tensor& tensor) {
  const at::Tensor values = tensor.contiguous();
  return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
}

class Imported : public ::testing::TestWithParam<std::string> {
 protected:
  Imported()
      : golden_(json::parse(read_file(golden_root() / GetParam() / "golden.json"))),
        folder_(GetParam()),
        report_(import_model(options_of(GetParam(), folder_.path()))) {
    for (const auto& one : golden_.at("sequences")) batch_.push_back(one.at("ids").get<Sequence>());
  }

  void expect_scores(std::span<const float> ours, const json& theirs) const {
    if (!theirs.contains("scores")) return;
    std::vector<float> first(ours.begin(), ours.end());
    EXPECT_EQ(std::max_element(first.begin(), first.end()) - first.begin(), theirs.at("best").get<int>());
    if (golden_.at("kind") == "masked-lm") first.resize(kGoldenScores);
    EXPECT_LE(largest_difference(first, theirs.at("scores")), kScoreTolerance);
  }

  json golden_;
  Folder folder_;
  ImportReport report_;
  std::vector<Sequence> batch_;
};

TEST_P(Imported, SaysWhatItIs) {
  const BundleInfo info = read_bundle(folder_.path());
  EXPECT_EQ(info.architecture, golden_.at("family"));
  EXPECT_EQ(info.kind, golden_.at("kind"));
  EXPECT_EQ(json(info.labels), golden_.at("labels"));
  for (const auto& [key, value] : {std::pair{"layers", info.layers},
                                   {"heads", info.heads},
                                   {"hidden", info.hidden},
                                   {"inner", info.inner},
                                   {"max_length", info.max_length},
                                   {"vocabulary", info.vocabulary},
                                   {"pad_id", info.pad_id},
                                   {"mask_id", info.mask_id}})
    EXPECT_EQ(value, golden_.at(key)) << key;
  const auto& first = golden_.at("sequences")[0];
  EXPECT_EQ(json(open_tokenizer(folder_.path())->encode(first.at("text").get<std::string>()).ids),
            first.at("ids"));
  EXPECT_LE(report_.fused_difference, 2e-5);
  EXPECT_LE(report_.capture_difference, kAttentionTolerance);
}

TEST_P(Imported, AnswersAndAttendsAsTransformersDoes) {
  const auto model = load_model(folder_.path().string(), Device{});
  const Scores scores = model->predict(batch_);
  const auto last = model->attend(batch_, -1), first = model->attend(batch_, 0);
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const auto& wanted = golden_.at("sequences")[i];
    expect_scores(scores.row(static_cast<int>(i)), wanted);
    EXPECT_LE(largest_difference(last[i].probabilities, wanted.at("last_attention")), kAttentionTolerance);
    if (wanted.contains("first_attention")) {
      EXPECT_LE(largest_difference(first[i].probabilities, wanted.at("first_attention")),
                kAttentionTolerance);
    }
    if (wanted.contains("last_outputs")) {
      EXPECT_LE(largest_difference(last[i].outputs, wanted.at("last_outputs")), kScoreTolerance);
    }
  }
}

TEST_P(Imported, HidesTokensAsAnAttentionMaskDoes) {
  if (!golden_.contains("hiding")) return;
  const auto& hiding = golden_.at("hiding");
  const auto ids = hiding.at("ids").get<Sequence>();
  const auto visible = hiding.at("visible").get<TokenFlags>();
  const auto model = load_model(folder_.path().string(), Device{});
  expect_scores(model->predict_visible(std::span(&ids, 1), std::span(&visible, 1)).row(0), hiding);
}

TEST_P(Imported, KnocksOutAndShares) {
  const auto model = load_model(folder_.path().string(), Device{});
  ASSERT_TRUE(model->offers_knock_out());
  EXPECT_FALSE(model->info().causal);
  const Sequence& ids = batch_[0];
  const std::vector<std::vector<int>> sets = {{}, {1}, {0, 1}};
  const Scores plain = model->predict({&ids, 1}), without = model->knock_out(ids, sets);
  ASSERT_EQ(without.rows, 3);
  for (int i = 0; i < plain.columns; ++i) EXPECT_NEAR(without.row(0)[i], plain.row(0)[i], 1e-5);
  EXPECT_EQ(model->knock_out(ids, {}).rows, 0);

  for (const auto method : {Attribution::attention_gradient, Attribution::logit_attribution,
                            Attribution::value_norm, Attribution::gradient_input}) {
    const bool masked = golden_.at("kind") == "masked-lm" && method == Attribution::gradient_input;
    ASSERT_EQ(model->offers(method), !masked);
    if (!masked) {
      EXPECT_EQ(model->attribute(ids, method, 1, 0).size(), ids.size()) << name_of(method);
    }
  }
}

// Enough steps for a tiny random model, whose scores bend more than those of a trained one.
TEST_P(Imported, IntegratedGradientsAreComplete) {
  const auto model = load_model(folder_.path().string(), Device{});
  if (!model->offers(Attribution::integrated_gradients)) return;
  const std::vector<Sequence> ends = {batch_[0], integration_baseline(model->info(), batch_[0])};
  const Scores scores = model->predict(ends);
  const auto margin = [&](int row) { return scores.row(row)[1] - scores.row(row)[0]; };
  double sum = 0;
  for (const float share : model->attribute(batch_[0], Attribution::integrated_gradients, 1, 0, 512))
    sum += share;
  EXPECT_NEAR(sum, margin(0) - margin(1), 0.01 * (1 + std::abs(margin(0) - margin(1))));
}

TEST_P(Imported, HasTheSameStatesFusedAndWrittenOut) {
  const auto& first = golden_.at("sequences")[0];
  torch::jit::Module module = torch::jit::load((folder_.path() / kScriptFile).string());
  module.eval();
  const at::Tensor ids = torch::tensor(batch_[0]).unsqueeze(0), mask = torch::ones_like(ids);
  for (const bool fused : {true, false}) {
    set_fused(module, fused);
    const at::Tensor states = module.get_method("states")({ids, mask}).toTensor();
    EXPECT_LE(largest_difference(flat(states), first.at("last_hidden")), kScoreTolerance) << fused;
  }
}

TEST_P(Imported, ForwardEmbeddingsIsForwardAndHasAGradient) {
  torch::jit::Module module = torch::jit::load((folder_.path() / kScriptFile).string());
  module.eval();
  if (golden_.at("kind") == "masked-lm") {
    EXPECT_FALSE(module.find_method("forward_embeddings"));
    return;
  }
  const at::Tensor ids = torch::tensor(batch_[1]).unsqueeze(0), mask = torch::ones_like(ids);
  const at::Tensor embeddings =
      module.attr("word").toModule().forward({ids}).toTensor().detach().requires_grad_(true);
  const at::Tensor answer = module.get_method("forward_embeddings")({embeddings, mask}).toTensor();
  EXPECT_TRUE(torch::allclose(answer, module.forward({ids, mask}).toTensor(), 1e-5, 1e-6));
  answer[0][0].backward();
  EXPECT_GT(embeddings.grad().abs().max().item<double>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Families, Imported, ::testing::ValuesIn(golden_folders(false)),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// ---- What is refused

std::string import_error(const ImportOptions& options) {
  try {
    import_model(options);
  } catch (const UserError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(Import, RefusesWhatItCannotMerge) {
  for (const auto& name : golden_folders(true)) {
    const Folder output(name);
    const json golden = json::parse(read_file(golden_root() / name / "golden.json"));
    EXPECT_THAT(import_error(options_of(name, output.path())),
                HasSubstr(golden.at("refused").get<std::string>()));
    EXPECT_FALSE(fs::exists(output.path())) << name;
  }
}

TEST(Import, RefusesARegression) {
  const Folder output("regression");
  ImportOptions options;
  options.source = (golden_root() / "bert-one-label").string();
  options.output = output.path().string();
  EXPECT_THAT(import_error(options), HasSubstr("no verdict to explain"));
}

// A copy of a tiny model, to be damaged.
class Damaged : public ::testing::Test {
 protected:
  Damaged() : source_("source"), output_("output") {
    fs::copy(golden_root() / "bert-classifier", source_.path());
    options_.source = source_.path().string();
    options_.output = output_.path().string();
  }

  void change_tensors(const std::function<void(std::map<std::string, TensorView>&)>& change) {
    const fs::path file = source_.path() / kWeightsFile;
    const SafeTensors read = SafeTensors::open(file);
    auto tensors = read.tensors();
    change(tensors);
    write_safetensors(file, tensors);
  }

  void change_config(const std::string& key, const json& value) {
    const fs::path file = source_.path() / "config.json";
    json config = json::parse(read_file(file));
    config[key] = value;
    write_file(file, config.dump());
  }

  std::string error() const { return import_error(options_); }

  Folder source_, output_;
  ImportOptions options_;
};

TEST_F(Damaged, TensorsAreNamed) {
  const std::string query = "bert.encoder.layer.1.attention.self.query.weight";
  change_tensors([&](auto& tensors) { tensors.erase(query); });
  EXPECT_THAT(error(), HasSubstr("has no tensor \"" + query + "\""));
  const std::vector<float> values(7, 0.5f);
  change_tensors([&](auto& tensors) {
    tensors[query] = {TensorType::f32, {7}, std::as_bytes(std::span(values))};
  });
  EXPECT_THAT(error(), HasSubstr("tensor \"" + query + "\" has shape [7], but the model asks for [32, 32]"));
  change_tensors(
      [&](auto& tensors) { tensors["bert.encoder.layer.9.output.dense.weight"] = tensors.at(query); });
  EXPECT_THAT(error(),
              HasSubstr("\"bert.encoder.layer.9.output.dense.weight\" is not part of a bert classifier"));
}

TEST_F(Damaged, NothingIsLeftOfAnImportThatFails) {
  change_tensors([](auto& tensors) { tensors.erase("classifier.bias"); });
  EXPECT_THAT(error(), HasSubstr("classifier.bias"));
  EXPECT_FALSE(fs::exists(output_.path()));
}

TEST_F(Damaged, ConfigurationsAreNamed) {
  change_config("model_type", "gpt2");
  EXPECT_THAT(error(), HasSubstr("\"gpt2\""));
  EXPECT_THAT(error(), HasSubstr("known: bert, distilbert, roberta, xlm-roberta, electra, albert"));
  change_config("model_type", "bert");
  change_config("hidden_act", "mish");
  EXPECT_THAT(error(), HasSubstr("\"mish\""));
  change_config("hidden_act", "gelu");
  change_config("position_embedding_type", "relative_key");
  EXPECT_THAT(error(), HasSubstr("only absolute positions are supported"));
  change_config("position_embedding_type", "absolute");
  change_config("num_attention_heads", 5);
  EXPECT_THAT(error(), HasSubstr("not a multiple of the 5 heads"));
  change_config("num_attention_heads", 4);
  change_config("architectures", json::array({"BertForQuestionAnswering"}));
  EXPECT_THAT(error(), HasSubstr("BertForQuestionAnswering"));
  change_config("architectures", json::array({"BertForSequenceClassification"}));
  change_config("problem_type", "multi_label_classification");
  EXPECT_THAT(error(), HasSubstr("no one verdict"));
  write_file(source_.path() / "config.json", std::string(5000, '['));
  EXPECT_THAT(error(), HasSubstr("nested more than"));
}

TEST_F(Damaged, FilesThatAreMissingOrOfAnotherKindAreNamed) {
  fs::remove(source_.path() / kWeightsFile);
  EXPECT_THAT(error(), HasSubstr("has no model.safetensors"));
  write_file(source_.path() / "pytorch_model.bin", "x");
  EXPECT_THAT(error(), HasSubstr("is a pickle"));
  write_file(source_.path() / "model.safetensors.index.json",
             R"({"weight_map": {"a": "../../../etc/passwd"}})");
  EXPECT_THAT(error(), HasSubstr("is not the name of a file in the folder"));
  options_.source = (source_.path() / "config.json").string();
  EXPECT_THAT(error(), HasSubstr("is a file; a Hugging Face model is a folder"));
  options_.source = "/nowhere";
  EXPECT_THAT(error(), HasSubstr("there is no folder /nowhere"));
}

TEST_F(Damaged, AVocabularyThatIsCutShortIsNamed) {
  change_tensors([](auto& tensors) {
    static const std::vector<float> rows(95 * 32 * 4, 0.1f);
    tensors["bert.embeddings.word_embeddings.weight"] = {
        TensorType::f32, {380, 32}, std::as_bytes(std::span(rows))};
  });
  change_config("vocab_size", 380);
  EXPECT_THAT(error(), HasSubstr("the vocabulary is cut short or belongs to another model"));
}

TEST_F(Damaged, AnOutputThatHoldsSomethingIsLeftAlone) {
  fs::create_directories(output_.path());
  write_file(output_.path() / "mine.txt", "x");
  EXPECT_THAT(error(), HasSubstr("exists and is not an empty folder"));
  EXPECT_EQ(read_file(output_.path() / "mine.txt"), "x");
}

TEST_F(Damaged, AnAdapterWithoutItsBaseIsToldApart) {
  options_.adapter = (golden_root() / "bert-classifier").string();
  EXPECT_THAT(error(), HasSubstr("is no adapter: it has no adapter_config.json"));
  options_.adapter = (golden_root() / "lora-roberta").string();
  EXPECT_THAT(error(), HasSubstr("adapter_model.safetensors"));
}

}  // namespace
}  // namespace why
