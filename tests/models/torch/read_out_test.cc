// Knock-outs of tiny random encoders of every family, and what is made of the same row.
#include "models/torch/read_out.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <filesystem>

#include "models/torch/attributions.h"
#include "models/torch/encoder.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

struct Tiny {
  EncoderConfig config;
  Module module;
  at::Tensor ids, mask;
};

// The folder's architecture with random weights in double precision, and two sequences' worth of ids.
Tiny tiny(const std::string& name, int layers) {
  const fs::path folder = fs::path(std::getenv("WHYFORMER_SOURCE")) / "tests" / "models" / "imported";
  const bool linear = name == "bert-linear";
  EncoderConfig config = HuggingFaceFolder::open(folder / (linear ? "bert-classifier" : name)).config();
  config.layers = layers;
  config.different_layers = std::min(config.different_layers, layers);
  if (linear) config.head = "linear";
  constexpr int kMask = 9;
  Module module = make_encoder(config, kMask);
  module.eval();
  module.to(at::kDouble);
  torch::manual_seed(5);
  const torch::NoGradGuard no_grad;
  for (at::Tensor weight : module.parameters()) {
    weight.normal_(0, 0.4);
    weight.set_requires_grad(false);
  }
  const at::Tensor ids = torch::tensor({{20, 31, kMask, 42, 33, 24, 15}});
  return {config, module, ids, torch::ones_like(ids)};
}

at::Tensor knock_out(Tiny& model, const at::Tensor& keep) {
  return model.module.get_method("knock_out")({model.ids, model.mask, keep}).toTensor();
}

// [sets, 7], false where a set removes.
at::Tensor keeping(const std::vector<std::vector<int>>& removed) {
  at::Tensor keep = torch::ones({static_cast<std::int64_t>(removed.size()), 7}, at::kBool);
  for (std::size_t s = 0; s < removed.size(); ++s)
    for (const int position : removed[s]) keep[static_cast<std::int64_t>(s)][position] = false;
  return keep;
}

const std::vector<std::vector<int>> kAll = {{0, 1, 2, 3, 4, 5, 6}};
const std::vector<std::vector<int>> kSets = {{0}, {1}, {2},    {3},       {4},
                                             {5}, {6}, {1, 3}, {0, 2, 5}, {1, 2, 3, 4, 5, 6}};

class ReadOut : public ::testing::TestWithParam<std::string> {};

TEST_P(ReadOut, RemovingNothingIsThePlainForward) {
  Tiny model = tiny(GetParam(), 3);
  const at::Tensor plain = model.module.forward({model.ids, model.mask}).toTensor();
  EXPECT_TRUE(torch::allclose(knock_out(model, keeping({{}, {}})), plain.expand({2, -1}), 0, 1e-10));
}

// With one layer nothing else reads the token, so that hiding it from all rows is the same.
TEST_P(ReadOut, OfOneLayerIsHidingTheTokens) {
  Tiny model = tiny(GetParam(), 1);
  const at::Tensor keep = keeping(kSets);
  const at::Tensor scores = knock_out(model, keep);
  for (std::int64_t s = 0; s < keep.size(0); ++s) {
    const at::Tensor hidden =
        model.module.forward({model.ids, keep[s].unsqueeze(0).to(at::kLong)}).toTensor();
    EXPECT_TRUE(torch::allclose(scores[s], hidden[0], 0, 1e-10)) << "set " << s;
  }
}

TEST_P(ReadOut, OfSeveralLayersLeavesTheLowerOnesAlone) {
  Tiny model = tiny(GetParam(), 3);
  const at::Tensor keep = keeping({{3}});
  const at::Tensor hidden = model.module.forward({model.ids, keep.to(at::kLong)}).toTensor();
  EXPECT_FALSE(torch::allclose(knock_out(model, keep), hidden, 0, 1e-4));
}

// What is left is the row's own state and the bias of the output matrix.
TEST_P(ReadOut, WithoutAnyKeyReadsZeros) {
  Tiny model = tiny(GetParam(), 2);
  const at::Tensor scores = knock_out(model, keeping(kAll));
  EXPECT_TRUE(torch::isfinite(scores).all().item<bool>());
  const auto read = model.module.get_method("read_by_last")({model.ids, model.mask}).toTuple();
  const at::Tensor below = read->elements()[0].toTensor();
  const at::Tensor nothing = torch::zeros({1, model.config.heads, 1, 7}, at::kDouble);
  EXPECT_TRUE(torch::equal(
      scores, model.module.get_method("score_row")({below, read->elements()[1], nothing, false}).toTensor()));
}

// Shares of a margin, against differences of the scores.
class Shares : public ReadOut {
 protected:
  Shares() : model_(tiny(GetParam(), 2)), question_{model_.ids, 1, 0} {
    const auto read = model_.module.get_method("read_by_last")({model_.ids, model_.mask}).toTuple();
    below_ = read->elements()[0].toTensor();
    place_ = read->elements()[1].toTensor();
    attention_ = model_.module.get_method("weigh_row")({below_, place_, keeping({{}})}).toTensor();
  }

  double margin(const at::Tensor& attention) {
    return margins(model_.module.get_method("score_row")({below_, place_, attention, false}).toTensor(),
                   question_)
        .item<double>();
  }

  // The row with the weight of token j times `factor` in every head.
  at::Tensor scaled(int j, double factor) const {
    at::Tensor out = attention_.clone();
    out.select(3, j).mul_(factor);
    return out;
  }

  static constexpr double kStep = 1e-5;
  Tiny model_;
  MarginQuestion question_;
  at::Tensor below_, place_, attention_;
};

TEST_P(Shares, AttentionGradientIsTheSlopeOfAScaledWeight) {
  const at::Tensor shares = attention_gradient(model_.module, question_, false);
  for (int j = 0; j < 7; ++j) {
    const double slope = (margin(scaled(j, 1 + kStep)) - margin(scaled(j, 1 - kStep))) / (2 * kStep);
    EXPECT_NEAR(shares[j].item<double>(), slope, 1e-7) << "token " << j;
  }
}

// The relation that attributions.h states: renormalised, the slope is A (g - sum of A g).
TEST_P(Shares, AKnockOutIsThatLessTheMeanOfItsHead) {
  const at::Tensor leaf = attention_.detach().requires_grad_(true);
  const at::Tensor scores = model_.module.get_method("score_row")({below_, place_, leaf, false}).toTensor();
  const at::Tensor g = torch::autograd::grad({margins(scores, question_).sum()}, {leaf})[0];
  const at::Tensor renormalised =
      (attention_ * (g - (attention_ * g).sum(-1, true))).sum(at::IntArrayRef{0, 1, 2});
  for (int j = 0; j < 7; ++j) {
    const auto part_removed = [&](double e) {
      const at::Tensor left = scaled(j, 1 - e);
      return margin(left / left.sum(-1, true));
    };
    const double drop = (part_removed(-kStep) - part_removed(kStep)) / (2 * kStep);
    EXPECT_NEAR(renormalised[j].item<double>(), drop, 1e-7) << "token " << j;
  }
}

TEST_P(Shares, ValueNormsAreWhatTheOutputMatrixMakesOfEachHead) {
  const int heads = model_.config.heads, width = model_.config.hidden / heads;
  std::map<std::string, at::Tensor> weights = weights_of(model_.module);
  const std::string last = "layer" + std::to_string(model_.config.layer_of(1)) + ".attention.";
  const at::Tensor values =
      torch::linear(below_[0], weights.at(last + "value.weight"), weights.at(last + "value.bias"));
  const at::Tensor shares = value_norms(model_.module, model_.ids);
  for (int j = 0; j < 7; ++j) {
    double expected = 0;
    for (int h = 0; h < heads; ++h) {
      const at::Tensor part = weights.at(last + "output.weight").narrow(1, h * width, width);
      expected +=
          (part.mv(values[j].narrow(0, h * width, width)) * attention_[0][h][0][j]).norm().item<double>();
    }
    EXPECT_NEAR(shares[j].item<double>(), expected, 1e-10) << "token " << j;
  }
}

TEST_P(Shares, GradientInputIsTheSlopeOfAScaledEmbedding) {
  if (!has_embeddings(model_.module)) {
    EXPECT_EQ(model_.config.kind, "masked-lm");
    return;
  }
  const at::Tensor embeddings = model_.module.get_method("embed")({model_.ids}).toTensor();
  const auto with = [&](int j, double factor) {
    at::Tensor changed = embeddings.clone();
    changed.select(1, j).mul_(factor);
    const auto scores = model_.module.get_method("forward_embeddings")({changed, model_.mask}).toTensor();
    return margins(scores, question_).item<double>();
  };
  const at::Tensor shares = gradient_input(model_.module, question_);
  for (int j = 0; j < 7; ++j)
    EXPECT_NEAR(shares[j].item<double>(), (with(j, 1 + kStep) - with(j, 1 - kStep)) / (2 * kStep), 1e-6)
        << "token " << j;
}

TEST_P(Shares, IntegratedGradientsSumToTheWholeDifference) {
  if (!has_embeddings(model_.module)) return;
  const at::Tensor baseline = torch::tensor({{20, 9, 9, 9, 9, 9, 9}});
  const auto margin_of = [&](const at::Tensor& ids) {
    return margins(model_.module.forward({ids, model_.mask}).toTensor(), question_).item<double>();
  };
  const double whole = margin_of(model_.ids) - margin_of(baseline);
  const auto gap = [&](int steps) {
    const auto shares = integrated_gradients(model_.module, question_, baseline, steps);
    EXPECT_EQ(shares[0].item<double>(), 0);  // the first token is that of the baseline
    return std::abs(shares.sum().item<double>() - whole);
  };
  EXPECT_LT(gap(400), 2e-3 * (1 + std::abs(whole)));
  EXPECT_LT(gap(400), gap(3) + 1e-12);
}

const auto kFamilies =
    ::testing::Values("albert-classifier", "albert-groups", "albert-masked-lm", "bert-classifier",
                      "bert-encoder", "bert-linear", "bert-masked-lm", "bert-untied", "distilbert-classifier",
                      "distilbert-masked-lm", "electra-classifier", "electra-masked-lm", "roberta-classifier",
                      "roberta-masked-lm", "xlm-roberta-classifier", "xlm-roberta-masked-lm");
std::string test_name(const ::testing::TestParamInfo<std::string>& parameter) {
  std::string name = parameter.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Families, ReadOut, kFamilies, test_name);
INSTANTIATE_TEST_SUITE_P(Families, Shares, kFamilies, test_name);

// Of a head without a nonlinearity the shares can be written down: through the two norms, whose scale is what
// it is at this input, to the difference of the two rows of the classifier.
TEST(LogitAttribution, IsTheDirectPathOfEachValue) {
  Tiny model = tiny("bert-linear", 1);
  const auto weights = weights_of(model.module);
  const at::Tensor below =
      model.module.get_method("read_by_last")({model.ids, model.mask}).toTuple()->elements()[0].toTensor();
  const at::Tensor place = torch::zeros({1, 1}, at::kLong);
  const at::Tensor attention = model.module.get_method("weigh_row")({below, place, keeping({{}})}).toTensor();
  const at::Tensor values = model.module.get_method("values_of_row")({below}).toTensor();
  const at::Tensor reads = (attention.squeeze(2).unsqueeze(-1) * values).sum(1)[0];  // [T, d] of all heads

  const double epsilon = model.config.epsilon;
  const auto scale_of = [&](const at::Tensor& x) {
    return 1 / std::sqrt(x.var(0, false).item<double>() + epsilon);
  };
  const auto through = [&](const at::Tensor& x, double scale, const std::string& norm) {
    return (x - x.mean()) * scale * weights.at(norm + ".weight");
  };
  const at::Tensor before = below[0][0] + reads.sum(0) + weights.at("layer0.attention.output.bias");
  const at::Tensor between =
      through(before, scale_of(before), "layer0.attention_norm") + weights.at("layer0.attention_norm.bias");
  const at::Tensor inner = torch::gelu(torch::linear(between, weights.at("layer0.feed_forward.inner.weight"),
                                                     weights.at("layer0.feed_forward.inner.bias")));
  const at::Tensor after = between + torch::linear(inner, weights.at("layer0.feed_forward.output.weight"),
                                                   weights.at("layer0.feed_forward.output.bias"));
  const at::Tensor direction = weights.at("classifier.weight")[1] - weights.at("classifier.weight")[0];

  const at::Tensor shares = attention_gradient(model.module, {model.ids, 1, 0}, true);
  for (int j = 0; j < 7; ++j) {
    const at::Tensor part = through(through(reads[j], scale_of(before), "layer0.attention_norm"),
                                    scale_of(after), "layer0.feed_forward_norm");
    EXPECT_NEAR(shares[j].item<double>(), part.dot(direction).item<double>(), 1e-10) << "token " << j;
  }
}

}  // namespace
}  // namespace why
