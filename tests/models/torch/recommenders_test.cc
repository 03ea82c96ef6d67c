// The module against the same formulas in plain loops over the saved weights.
#include "models/torch/recommenders.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/errors.h"
#include "models/torch/batch.h"
#include "models/torch/blocks.h"

namespace why {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kTolerance = 1e-5;

BundleInfo tiny() {
  BundleInfo info;
  info.layers = 2;
  info.heads = 2;
  info.hidden = 8;
  info.inner = 12;
  info.max_length = 6;
  info.outputs = 9;
  info.mask_id = 10;
  info.append_mask = true;
  return info;
}

BundleInfo tiny_sasrec() {
  BundleInfo info = tiny();
  info.architecture = "sasrec";
  info.append_mask = false;  // the mask stays, so that both take the same sequences
  return info;
}

torch::jit::Module tiny_module(const BundleInfo& info = tiny()) {
  torch::manual_seed(11);
  auto module = make_recommender(info);
  const torch::NoGradGuard no_grad;
  for (auto& [name, weight] : weights_of(module)) weight.normal_(0, 0.5);  // norms and biases too
  module.eval();
  return module;
}

// ---- The oracle: double precision, one sequence, no padding

using Matrix = std::vector<std::vector<double>>;

class Oracle {
 public:
  explicit Oracle(const torch::jit::Module& module) : sasrec_(!module.hasattr("output")) {
    for (const auto& [name, weight] : weights_of(module)) {
      const at::Tensor table =
          (weight.dim() == 1 ? weight.unsqueeze(0) : weight).to(at::kDouble).contiguous();
      for (std::int64_t r = 0; r < table.size(0); ++r) {
        const double* row = table[r].data_ptr<double>();
        weights_[name].emplace_back(row, row + table.size(1));
      }
    }
  }

  Matrix attention[2][2];  // [layer][head], of the latest call

  // `removed`: tokens that the last row of the last layer does not read.
  std::vector<double> scores(const Sequence& ids, const std::vector<int>& removed = {}) {
    Matrix x;
    for (std::size_t i = 0; i < ids.size(); ++i)
      x.push_back(
          add(w("item.weight")[static_cast<std::size_t>(ids[i])], w("position.weight")[ids.size() - 1 - i]));
    x = each(x, [&](const auto& row) { return norm(row, "norm"); });
    for (int layer = 0; layer < 2; ++layer) x = run_layer(x, layer, removed);

    std::vector<double> state = x.back();
    if (!sasrec_) {
      state = linear(state, "output");
      for (double& value : state) value = gelu(value);
      state = norm(state, "output_norm");
    }
    std::vector<double> out;
    for (std::size_t item = 1; item <= 9; ++item)
      out.push_back(dot(state, w("item.weight")[item]) + (sasrec_ ? 0 : w("bias")[0][item - 1]));
    return out;
  }

 private:
  const Matrix& w(const std::string& name) const { return weights_.at(name); }

  static double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
  static std::vector<double> add(std::vector<double> a, const std::vector<double>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  }
  static double gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

  template <class F>
  static Matrix each(const Matrix& rows, const F& f) {
    Matrix out;
    for (const auto& row : rows) out.push_back(f(row));
    return out;
  }

  std::vector<double> linear(const std::vector<double>& x, const std::string& name) const {
    std::vector<double> out;
    for (std::size_t o = 0; o < w(name + ".weight").size(); ++o)
      out.push_back(dot(x, w(name + ".weight")[o]) + w(name + ".bias")[0][o]);
    return out;
  }

  std::vector<double> norm(const std::vector<double>& x, const std::string& name) const {
    double mean = 0, variance = 0;
    for (const double value : x) mean += value / static_cast<double>(x.size());
    for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
    std::vector<double> out;
    for (std::size_t i = 0; i < x.size(); ++i)
      out.push_back((x[i] - mean) / std::sqrt(variance + 1e-12) * w(name + ".weight")[0][i] +
                    w(name + ".bias")[0][i]);
    return out;
  }

  Matrix attend(const Matrix& x, int layer, const std::vector<int>& removed) {
    const std::string at = "layer" + std::to_string(layer) + ".attention.";
    const auto project = [&](const char* what) {
      return each(x, [&](const auto& row) { return linear(row, at + what); });
    };
    const Matrix q = project("query"), k = project("key"), v = project("value");
    Matrix joined(x.size(), std::vector<double>(8, 0.0));
    for (int h = 0; h < 2; ++h) {
      Matrix& a = attention[layer][h] = Matrix(x.size(), std::vector<double>(x.size()));
      for (std::size_t i = 0; i < x.size(); ++i) {
        double total = 0;
        for (std::size_t j = 0; j < x.size(); ++j) {
          if (sasrec_ && j > i) continue;
          if (layer == 1 && i + 1 == x.size() && std::count(removed.begin(), removed.end(), j) > 0) continue;
          double score = 0;
          for (int d = 0; d < 4; ++d) score += q[i][h * 4 + d] * k[j][h * 4 + d];
          total += a[i][j] = std::exp(score / 2);  // sqrt of the head's width 4
        }
        for (std::size_t j = 0; j < x.size(); ++j) {
          if (total > 0) a[i][j] /= total;
          for (int d = 0; d < 4; ++d) joined[i][h * 4 + d] += a[i][j] * v[j][h * 4 + d];
        }
      }
    }
    return each(joined, [&](const auto& row) { return linear(row, at + "output"); });
  }

  Matrix run_layer(const Matrix& input, int layer, const std::vector<int>& removed) {
    const std::string at = "layer" + std::to_string(layer) + ".";
    Matrix x = attend(input, layer, removed);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = norm(add(input[i], x[i]), at + "attention_norm");
    return each(x, [&](const auto& row) {
      std::vector<double> inner = linear(row, at + "feed_forward.inner");
      for (double& value : inner) value = gelu(value);
      return norm(add(row, linear(inner, at + "feed_forward.output")), at + "feed_forward_norm");
    });
  }

  bool sasrec_;
  std::map<std::string, Matrix> weights_;
};

at::Tensor forward(torch::jit::Module& module, const std::vector<Sequence>& batch) {
  const torch::NoGradGuard no_grad;
  const Batch input = pad_batch(batch, 0, at::kCPU);
  return module.forward({input.ids, input.mask}).toTensor();
}

const std::vector<Sequence> kSequences = {{3, 1, 4, 9, 10}, {10}, {2, 7}, {1, 2, 3, 4, 5, 10}, {5, 5, 5}};

class Recommenders : public ::testing::TestWithParam<BundleInfo> {};
INSTANTIATE_TEST_SUITE_P(Architectures, Recommenders, ::testing::Values(tiny(), tiny_sasrec()),
                         [](const auto& parameter) { return parameter.param.architecture; });

TEST_P(Recommenders, ScoresAreThoseOfTheFormulas) {
  auto module = tiny_module(GetParam());
  Oracle oracle(module);
  for (const auto& sequence : kSequences) {
    const at::Tensor scores = forward(module, {sequence});
    const auto expected = oracle.scores(sequence);
    ASSERT_EQ(scores.sizes(), at::IntArrayRef({1, 9}));
    for (int item = 0; item < 9; ++item)
      EXPECT_NEAR(scores[0][item].item<double>(), expected[item], kTolerance) << "item " << item;
  }
}

TEST_P(Recommenders, KnockOutsAreThoseOfTheFormulas) {
  auto module = tiny_module(GetParam());
  Oracle oracle(module);
  const Sequence sequence = {3, 1, 4, 9, 10};
  const std::vector<std::vector<int>> sets = {{}, {0}, {2}, {4}, {1, 3}, {0, 1, 2, 3}, {0, 1, 2, 3, 4}};
  const at::Tensor ids = torch::tensor(sequence).unsqueeze(0);
  at::Tensor keep = torch::ones({static_cast<std::int64_t>(sets.size()), 5}, at::kBool);
  for (std::size_t s = 0; s < sets.size(); ++s)
    for (const int position : sets[s]) keep[static_cast<std::int64_t>(s)][position] = false;

  const torch::NoGradGuard no_grad;
  const at::Tensor scores = module.get_method("knock_out")({ids, torch::ones_like(ids), keep}).toTensor();
  for (std::size_t s = 0; s < sets.size(); ++s) {
    const auto expected = oracle.scores(sequence, sets[s]);
    for (int item = 0; item < 9; ++item)
      EXPECT_NEAR(scores[static_cast<std::int64_t>(s)][item].item<double>(), expected[item], kTolerance)
          << "set " << s << ", item " << item;
  }
}

TEST_P(Recommenders, KnockingOutOfOneLayerIsHidingTheItems) {
  BundleInfo one_layer = GetParam();
  one_layer.layers = 1;
  auto module = tiny_module(one_layer);
  const torch::NoGradGuard no_grad;
  const at::Tensor ids = torch::tensor({{3, 1, 4, 9, 10}});
  const at::Tensor keep = torch::tensor({{1, 0, 1, 1, 1}, {0, 1, 1, 0, 1}, {0, 0, 0, 0, 1}});
  const at::Tensor scores = module.get_method("knock_out")({ids, torch::ones_like(ids), keep > 0}).toTensor();
  EXPECT_TRUE(torch::allclose(scores, module.forward({ids.expand({3, -1}), keep}).toTensor(), 0, 1e-5));
}

TEST_P(Recommenders, PaddingAndNeighboursChangeNothing) {
  auto module = tiny_module(GetParam());
  const at::Tensor together = forward(module, kSequences);
  for (std::size_t i = 0; i < kSequences.size(); ++i) {
    const at::Tensor alone = forward(module, {kSequences[i]});
    EXPECT_LT((together[static_cast<std::int64_t>(i)] - alone[0]).abs().max().item<double>(), kTolerance)
        << "sequence " << i;
  }
}

TEST_P(Recommenders, ForwardEmbeddingsIsForwardAndHasAGradient) {
  auto module = tiny_module(GetParam());
  const Batch input = pad_batch(kSequences, 0, at::kCPU);
  at::Tensor embeddings =
      weights_of(module).at("item.weight").index({input.ids}).detach().requires_grad_(true);
  const at::Tensor scores = module.get_method("forward_embeddings")({embeddings, input.mask}).toTensor();
  EXPECT_TRUE(torch::allclose(scores, module.forward({input.ids, input.mask}).toTensor(), 0, 1e-6));
  scores.index({0, 0}).backward();
  EXPECT_GT(embeddings.grad()[0].abs().sum().item<double>(), 0);
  EXPECT_EQ(embeddings.grad()[1].abs().sum().item<double>(), 0);  // another sequence of the batch
}

TEST(Sasrec, NoItemIsReadByAnEarlierOne) {
  auto module = tiny_module(tiny_sasrec());
  const torch::NoGradGuard no_grad;
  const at::Tensor ids = torch::tensor({{3, 1, 4, 9, 2}, {3, 1, 4, 8, 7}}), mask = torch::ones_like(ids);
  const at::Tensor states = module.get_method("encode")({module.get_method("embed")({ids}), mask}).toTensor();
  EXPECT_TRUE(torch::equal(states[0].narrow(0, 0, 3), states[1].narrow(0, 0, 3)));
  EXPECT_FALSE(torch::equal(states[0][3], states[1][3]));
}

TEST(Bert4Rec, DropoutWorksInTrainingAndNotAfterwards) {
  auto module = make_recommender(tiny(), 0.5);
  torch::manual_seed(1);
  initialize_recommender(module);
  module.train();
  EXPECT_FALSE(torch::equal(forward(module, kSequences), forward(module, kSequences)));
  module.eval();
  EXPECT_TRUE(torch::equal(forward(module, kSequences), forward(module, kSequences)));
}

TEST(Bert4Rec, WeightsAndScriptComeBackTheSame) {
  auto module = tiny_module();
  const auto file = std::filesystem::temp_directory_path() / text("bert4rec_", ::getpid(), ".safetensors");
  save_weights(module, file);
  auto loaded = make_recommender(tiny());
  loaded.eval();
  load_weights(loaded, file);
  EXPECT_TRUE(torch::equal(forward(module, kSequences), forward(loaded, kSequences)));
  std::filesystem::remove(file);

  std::stringstream script;
  module.save(script);
  auto scripted = torch::jit::load(script);
  EXPECT_TRUE(torch::equal(forward(module, kSequences), forward(scripted, kSequences)));
  EXPECT_TRUE(scripted.find_method("forward_embeddings"));
}

TEST(Bert4Rec, WeightsThatDoNotFitAreNamed) {
  const auto file = std::filesystem::temp_directory_path() / text("misfit_", ::getpid(), ".safetensors");
  const auto load_into_tiny = [&](const BundleInfo& saved) {
    save_weights(make_recommender(saved), file);
    auto module = make_recommender(tiny());
    load_weights(module, file);
  };
  BundleInfo other = tiny();
  other.inner = 16;
  EXPECT_THAT([&] { load_into_tiny(other); },
              ThrowsMessage<UserError>(HasSubstr("has shape [16], but bundle.yaml asks for [12]")));
  other = tiny();
  other.layers = 1;
  EXPECT_THAT([&] { load_into_tiny(other); }, ThrowsMessage<UserError>(HasSubstr("has no tensor \"layer1.")));
  other = tiny();
  other.layers = 3;
  EXPECT_THAT([&] { load_into_tiny(other); },
              ThrowsMessage<UserError>(
                  HasSubstr("tensor \"layer2.attention.key.bias\" is not part of this architecture")));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace why
