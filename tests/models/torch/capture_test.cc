#include "models/torch/capture.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/codegen/fuser/interface.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/tensorexpr/kernel.h>
#include <torch/script.h>

#include <thread>

#include "core/device.h"
#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

// The models and their expected attention are written by fixtures/make_fixtures.py.
std::filesystem::path fixture(const std::string& file) {
  return std::filesystem::path(std::getenv("WHYFORMER_SOURCE")) / "tests/models/fixtures/capture" / file;
}

torch::jit::Module load(const std::string& name, at::Device device = at::kCPU) {
  torch::jit::Module module = torch::jit::load(fixture(name + ".pt").string(), device);
  module.eval();
  return module;
}

c10::Dict<c10::IValue, c10::IValue> expected(const std::string& name) {
  const std::string bytes = read_file(fixture(name + ".expected.pt"));
  return torch::jit::pickle_load({bytes.begin(), bytes.end()}).toGenericDict();
}

at::Tensor entry(const c10::IValue& dict, const std::string& key) {
  return dict.toGenericDict().at(key).toTensor();
}

CaptureOptions two_layers(std::vector<int> wanted = {0, 1}) {
  CaptureOptions options;
  options.layers = 2;
  options.heads = 2;
  options.wanted = std::move(wanted);
  return options;
}

ModelForward forward_of(torch::jit::Module& module) {
  return [&module](const at::Tensor& ids, const at::Tensor& mask) { return module.forward({ids, mask}); };
}

// Two sequences, of five and three tokens.
const at::Tensor& ids() {
  static const at::Tensor value = torch::tensor({{1, 2, 3, 4, 5}, {6, 7, 8, 0, 0}});
  return value;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.cpu() - b.cpu()).abs().max().item<double>();
}

template <class Work>
std::string message_of(const Work& work) {
  try {
    work();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no UserError";
}

std::vector<at::Device> devices() {
  std::vector<at::Device> all = {at::kCPU};
  if (cuda_device_count() > 0 && dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) && at::hasCUDA())
    all.push_back(at::Device(at::kCUDA, 0));
  return all;
}

// ---------------------------------------------------------------------------------------------------------------

enum class Mode { no_gradients, gradients, inference };

// How a model runs, and from which operator its maps are read.
struct Case {
  std::string model;
  std::string form;
  Mode mode = Mode::no_gradients;
  at::Device device = at::kCPU;
};

constexpr const char* kSoftmax4d = "softmax [2, 2, 5, 5]";
constexpr const char* kSoftmax3d = "softmax [4, 5, 5]";
constexpr const char* kSdpa = "scaled_dot_product_attention [2, 2, 5, 5]";
constexpr const char* kSdpa3d = "scaled_dot_product_attention [4, 5, 5]";
constexpr const char* kFused = "_native_multi_head_attention [2, 2, 5, 5]";

const std::vector<Case> kMasked = {
    {"softmax_4d", kSoftmax4d},
    {"softmax_4d", kSoftmax4d, Mode::gradients},
    {"softmax_4d", kSoftmax4d, Mode::inference},
    {"softmax_4d_traced", kSoftmax4d},
    {"softmax_4d_traced", kSoftmax4d, Mode::gradients},
    {"head_mask", kSoftmax4d},
    {"head_mask", kSoftmax4d, Mode::gradients},
    {"softmax_3d", kSoftmax3d},
    {"softmax_3d_traced", kSoftmax3d},
    {"head_major", kSoftmax3d},
    {"einsum", kSoftmax4d},
    {"einsum_dots", kSoftmax4d, Mode::gradients},
    {"decoys", kSoftmax4d},
    {"sdpa_scale", kSdpa},
    {"sdpa_scale", kSdpa, Mode::gradients},
    {"sdpa_scale", kSdpa, Mode::inference},
    {"sdpa_additive", kSdpa},
    {"sdpa_additive_traced", kSdpa},
    {"sdpa_causal", kSdpa},
    {"sdpa_grouped", kSdpa},
    {"sdpa_3d", kSdpa3d},
    {"encoder", kFused},
    {"encoder_traced", kFused},
    {"encoder_nested", kFused},
    {"encoder_nested_traced", kFused},
    {"encoder_nested_traced", kFused, Mode::inference},
    {"encoder_norm_first", kFused},
    {"encoder_causal", kFused},
    {"encoder_time_first", kSdpa},
    {"multi_head", kFused},
    {"multi_head_traced", kFused},
    // traces keep the path they were traced on, scripts choose when they run
    {"encoder_traced", kFused, Mode::gradients},
    {"encoder_nested", kSdpa, Mode::gradients},
    {"multi_head", kSoftmax3d, Mode::gradients},
};

// These read the padding too.
const std::vector<Case> kUnmasked = {
    {"sdpa", kSdpa}, {"encoder_unmasked", kFused}, {"encoder_unmasked_traced", kFused, Mode::inference}};

std::vector<Case> on_every_device(std::vector<Case> cases) {
  std::vector<Case> all;
  for (const at::Device device : devices()) {
    for (Case& one : cases) {
      one.device = device;
      all.push_back(one);
    }
  }
  return all;
}

void PrintTo(const Case& one, std::ostream* out) { *out << one.model << " on " << one.device; }

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  const Case& one = info.param;
  const char* mode = one.mode == Mode::gradients   ? "_gradients"
                     : one.mode == Mode::inference ? "_inference"
                                                   : "";
  return one.model + mode + (one.device.is_cuda() ? "_cuda" : "");
}

class Capture : public ::testing::TestWithParam<Case> {
 protected:
  static LayerAttention numpy(const c10::IValue& input, int layer) {
    return {entry(input, "probabilities")[layer], entry(input, "outputs")[layer]};
  }

  c10::IValue forward(const c10::IValue& input) {
    return module_.forward({entry(input, "ids").to(one_.device), entry(input, "mask").to(one_.device)});
  }

  const Case& one_ = GetParam();
  c10::InferenceMode inference_{one_.mode == Mode::inference};  // turns gradients on when it is false
  at::AutoGradMode gradients_{one_.mode == Mode::gradients};
  torch::jit::Module module_ = load(one_.model, one_.device);
  c10::Dict<c10::IValue, c10::IValue> inputs_ = expected(one_.model);
  at::Tensor small_ = ids().to(one_.device);
};

class Masked : public Capture {};

// The three inputs differ in length, "seven" holds a sequence of a single token, and every sequence of
// "short" is shorter than the input. The check at load has run the model often enough for TorchScript to have
// optimised it.
TEST_P(Masked, HasTheMapsOfNumpyInEachLayerWithoutPadding) {
  CaptureOptions options = check_capture(forward_of(module_), two_layers(), small_, small_.ne(0));
  EXPECT_EQ(options.head_major, one_.model == "head_major");
  for (const auto& input : inputs_) {
    SCOPED_TRACE(input.key().toStringRef());
    const at::Tensor mask = entry(input.value(), "mask");
    const CapturedAttention captured = capture_attention([&] { return forward(input.value()); }, options);
    ASSERT_EQ(captured.layers.size(), 2u);
    EXPECT_EQ(captured.answer.toTensor().size(0), mask.size(0));
    for (int layer = 0; layer < 2; ++layer) {
      const auto wanted = cut_padding(numpy(input.value(), layer), mask);
      const auto came = cut_padding(captured.layers[static_cast<std::size_t>(layer)], mask);
      for (std::size_t b = 0; b < wanted.size(); ++b) {
        EXPECT_LT(largest_difference(came[b].probabilities, wanted[b].probabilities), 1e-5);
        EXPECT_LT(largest_difference(came[b].outputs, wanted[b].outputs), 1e-5);
      }
    }
  }

  // the error lists what was counted
  options.layers = 3;
  EXPECT_THAT(message_of([&] { capture_attention([&] { return forward(inputs_.at("five")); }, options); }),
              HasSubstr("counted 2 x " + one_.form + ";"));
}

INSTANTIATE_TEST_SUITE_P(Models, Masked, ::testing::ValuesIn(on_every_device(kMasked)), name_of);

class Unmasked : public Capture {};

TEST_P(Unmasked, HasTheMapsOfNumpyAndIsRefusedAtLoad) {
  const c10::IValue input = inputs_.at("five");
  const auto captured = capture_attention([&] { return forward(input); }, two_layers());
  for (int layer = 0; layer < 2; ++layer) {
    const LayerAttention &came = captured.layers[static_cast<std::size_t>(layer)],
                         wanted = numpy(input, layer);
    EXPECT_LT(largest_difference(came.probabilities, wanted.probabilities), 1e-5);
    EXPECT_LT(largest_difference(came.outputs, wanted.outputs), 1e-5);
  }
  EXPECT_THAT(message_of([&] { check_capture(forward_of(module_), two_layers(), small_, small_.ne(0)); }),
              HasSubstr("does forward use its mask?"));
}

INSTANTIATE_TEST_SUITE_P(Models, Unmasked, ::testing::ValuesIn(on_every_device(kUnmasked)), name_of);

// ---------------------------------------------------------------------------------------------------------------

class Refused : public ::testing::Test {
 protected:
  std::string load_message(const std::string& name, CaptureOptions options = two_layers()) {
    torch::jit::Module module = load(name);
    options.model = name + ".pt";
    const torch::NoGradGuard no_grad;
    return message_of([&] { check_capture(forward_of(module), options, ids(), ids().ne(0)); });
  }
};

TEST_F(Refused, ThreeLayersWhereTwoAreDeclared) {
  EXPECT_EQ(
      load_message("three_layers"),
      "three_layers.pt ran 3 attention blocks where 2 layers of 2 heads are declared; counted 3 x softmax "
      "[2, 2, 5, 5]; not counted 1 x softmax [2, 5] (not [B, H, T, T] or [B*H, T, T])");
}

TEST_F(Refused, TwoHeadsWhereFourAreDeclared) {
  CaptureOptions four = two_layers();
  four.heads = 4;
  EXPECT_THAT(
      load_message("softmax_4d", four),
      AllOf(HasSubstr("ran 0 attention blocks where 2 layers of 4 heads are declared; counted nothing"),
            HasSubstr("2 x softmax [2, 2, 5, 5] (4 heads are wanted)")));
  EXPECT_THAT(load_message("encoder", four),
              HasSubstr("2 x _native_multi_head_attention [2, 2, 5, 5] (4 heads are wanted)"));
  // [4, 5, 5] may be one sequence of four heads, until the batch is known to be two
  EXPECT_EQ(load_message("softmax_3d", four),
            "softmax_3d.pt: attention of 1 sequences of 4 heads for a batch of 2");
}

TEST_F(Refused, DecoysByName) {
  CaptureOptions three = two_layers();
  three.layers = 3;
  EXPECT_EQ(
      load_message("decoys", three),
      "decoys.pt ran 2 attention blocks where 3 layers of 2 heads are declared; counted 2 x softmax "
      "[2, 2, 5, 5]; not counted 1 x softmax [2, 1, 5] (as many queries as keys are wanted), "
      "1 x softmax [2, 2, 5, 5] (no product with values follows), 1 x softmax [2, 2, 5, 5] (not over the "
      "last dimension), 1 x softmax [2, 5, 5] (no product with values follows), 1 x softmax [2, 5] "
      "(not [B, H, T, T] or [B*H, T, T])");
}

TEST_F(Refused, AModelThatForgetsItsMask) {
  EXPECT_THAT(
      load_message("leaky"),
      AllOf(HasSubstr("leaky.pt: a sequence's attention in a padded batch differs from its attention alone"),
            HasSubstr("does forward use its mask?")));
}

TEST_F(Refused, RowsThatSumToAHalf) {
  EXPECT_EQ(load_message("unnormalised"),
            "unnormalised.pt: a row of attention in layer 0 sums to 0.5 instead of 1");
}

TEST_F(Refused, AModelThatFailsOnTheSmallInput) {
  torch::jit::Module module("fixed");
  module.define("def forward(self, ids, mask):\n  return ids.view([7, 7])\n");
  const ModelForward native = [](const at::Tensor& words, const at::Tensor&) { return words.view({7, 7}); };
  for (const ModelForward& forward : {forward_of(module), native}) {
    EXPECT_THAT(message_of([&] { check_capture(forward, two_layers(), ids(), ids().ne(0)); }),
                AllOf(HasSubstr("the model fails on 2 sequences of 5 tokens: "),
                      EndsWith("shape '[7, 7]' is invalid for input of size 10")));
  }
}

TEST_F(Refused, ALayerThatIsNotThere) {
  torch::jit::Module module = load("softmax_4d");
  for (const int layer : {2, -3}) {
    EXPECT_EQ(message_of([&] {
                capture_attention([&] { return module.forward({ids(), ids().ne(0)}); }, two_layers({layer}));
              }),
              "the model has no layer " + std::to_string(layer) + ", only 2 layers");
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Attention made here, to reach what a saved model does not.

struct Heads {
  at::Tensor query, key, value;
};

Heads heads(at::ScalarType type = at::kFloat) {
  torch::manual_seed(7);
  const auto part = [&] { return torch::randn({1, 2, 4, 3}).to(type); };
  const at::Tensor query = part(), key = part(), value = part();
  return {query, key, value};
}

CaptureOptions one_layer() {
  CaptureOptions options;
  options.layers = 1;
  options.heads = 2;
  return options;
}

LayerAttention capture_one(const std::function<c10::IValue()>& forward) {
  return capture_attention(forward, one_layer()).layers.at(0);
}

TEST(Precision, HalfIsReturnedAsFloatAndDoubleAsDouble) {
  for (const auto& [type, returned, tolerance] : {std::tuple{at::kBFloat16, at::kFloat, 3e-2},
                                                  {at::kHalf, at::kFloat, 4e-3},
                                                  {at::kDouble, at::kDouble, 1e-12}}) {
    const Heads exact = heads(at::kDouble);
    const at::Tensor map = (exact.query.matmul(exact.key.transpose(-2, -1)) / std::sqrt(3.0)).softmax(-1);
    const Heads h = heads(type);
    const auto sdpa = capture_one([&] { return at::scaled_dot_product_attention(h.query, h.key, h.value); });
    const auto manual = capture_one([&] {
      return at::matmul((h.query.matmul(h.key.transpose(-2, -1)) / std::sqrt(3.0)).softmax(-1), h.value);
    });
    for (const LayerAttention& came : {sdpa, manual}) {
      EXPECT_EQ(came.probabilities.scalar_type(), returned);
      EXPECT_LT(largest_difference(came.probabilities, map), tolerance);
      EXPECT_LT(largest_difference(came.outputs, map.matmul(exact.value)), 2 * tolerance);
    }
  }
}

TEST(Sdpa, AQueryWithEveryKeyMaskedHasARowOfZeros) {
  const Heads h = heads();
  at::Tensor allowed = torch::ones({4, 4}, at::kBool);
  allowed[2].fill_(false);
  const auto came =
      capture_one([&] { return at::scaled_dot_product_attention(h.query, h.key, h.value, allowed); });
  EXPECT_EQ(came.probabilities.sum(-1)[0][0].eq(torch::tensor({1., 1., 0., 1.})).sum().item<int>(), 4)
      << came.probabilities.sum(-1);
  EXPECT_THAT(message_of([&] {
                cut_padding(came, torch::ones({1, 4}, at::kBool));
              }),
              HasSubstr("attention of sequence 0 of the batch has a row that does not sum to 1"));
}

TEST(Sdpa, WithDropoutIsRefused) {
  const Heads h = heads();
  torch::manual_seed(1);
  EXPECT_THAT(
      message_of([&] {
        capture_one([&] { return at::scaled_dot_product_attention(h.query, h.key, h.value, {}, 0.5); });
      }),
      AllOf(HasSubstr("attention of layer 0 computed again from the inputs of scaled_dot_product_attention"),
            HasSubstr("is there a dropout in evaluation?")));
}

TEST(Sdpa, BetweenTwoSequencesIsNotCounted) {
  const Heads h = heads();
  EXPECT_EQ(
      message_of([&] {
        capture_one(
            [&] { return at::scaled_dot_product_attention(h.query.narrow(2, 0, 3), h.key, h.value); });
      }),
      "the model ran 0 attention blocks where 1 layers of 2 heads are declared; counted nothing; not counted "
      "1 x scaled_dot_product_attention [1, 2, 3, 4] (as many queries as keys are wanted)");
}

// softmax -> a, b; b x values first, then a x values: layers are counted in the order of the products
TEST(Softmax, TwoMapsAtOnceAreToldApart) {
  const Heads h = heads();
  CaptureOptions options = two_layers();
  at::Tensor a, b;
  const auto captured = capture_attention(
      [&] {
        a = h.query.matmul(h.key.transpose(-2, -1)).softmax(-1);
        b = h.key.matmul(h.key.transpose(-2, -1)).softmax(-1);
        const at::Tensor second = b.matmul(h.value);
        return second + a.clone().view({2, 4, 4}).bmm(h.value[0]);
      },
      options);
  EXPECT_EQ(largest_difference(captured.layers[0].probabilities, b), 0.0);
  EXPECT_EQ(largest_difference(captured.layers[1].probabilities, a), 0.0);
  EXPECT_EQ(largest_difference(captured.layers[1].outputs, a.matmul(h.value)), 0.0);
}

TEST(Softmax, ATransposedMapIsNoAttention) {
  const Heads h = heads();
  const auto transposed = [&] {
    return h.query.matmul(h.key.transpose(-2, -1)).softmax(-1).transpose(-2, -1).matmul(h.value);
  };
  EXPECT_THAT(message_of([&] { capture_one(transposed); }), HasSubstr("no product with values follows"));
}

TEST(Softmax, OutputsStayAsTheProductGaveThem) {
  const Heads h = heads();
  at::Tensor map;
  const auto came = capture_one([&] {
    map = h.query.matmul(h.key.transpose(-2, -1)).softmax(-1);
    return map.matmul(h.value).add_(100.0);
  });
  EXPECT_EQ(largest_difference(came.outputs, map.matmul(h.value)), 0.0);
}

// ---------------------------------------------------------------------------------------------------------------

TEST(Memory, MapsOfOtherLayersAreFreedWhileTheModelRuns) {
  const Heads h = heads();
  using Weak = c10::weak_intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>;
  std::vector<Weak> maps;
  CaptureOptions options = one_layer();
  options.layers = 3;
  options.wanted = {1};
  const auto captured = capture_attention(
      [&] {
        at::Tensor x = h.value;
        for (int layer = 0; layer < 3; ++layer) {
          const at::Tensor map = x.matmul(h.key.transpose(-2, -1)).softmax(-1);
          maps.emplace_back(map.getIntrusivePtr());
          x = map.matmul(h.value);
        }
        EXPECT_TRUE(maps[0].expired());
        return x;
      },
      options);
  EXPECT_TRUE(maps[2].expired());
  EXPECT_EQ(captured.layers.size(), 1u);
}

TEST(Callbacks, AreGoneAfterAForwardThatThrows) {
  EXPECT_THROW(capture_attention([]() -> c10::IValue { throw std::runtime_error("stop"); }, one_layer()),
               std::runtime_error);
  EXPECT_FALSE(at::hasThreadLocalCallbacks());
  const Heads h = heads();
  EXPECT_EQ(capture_one([&] {
              return at::scaled_dot_product_attention(h.query, h.key, h.value);
            }).probabilities.size(1),
            2);
  EXPECT_FALSE(at::hasThreadLocalCallbacks());
}

TEST(Callbacks, OfACaptureWithinACaptureAreABug) {
  const auto inner = []() -> c10::IValue { return capture_attention([] { return 1; }, one_layer()).answer; };
  EXPECT_THROW(capture_attention(inner, one_layer()), InternalError);
  EXPECT_FALSE(at::hasThreadLocalCallbacks());
}

TEST(Threads, CaptureFromOneModuleAtTheSameTime) {
  torch::jit::Module module = load("softmax_4d");
  const auto inputs = expected("softmax_4d");
  std::vector<double> difference(4, 1.0);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < difference.size(); ++i) {
    threads.emplace_back([&, i] {
      const torch::NoGradGuard no_grad;
      const c10::IValue input = inputs.at(i % 2 ? "five" : "seven");
      difference[i] = 0.0;
      for (int run = 0; run < 5; ++run) {
        const auto captured = capture_attention(
            [&] {
              return module.forward({entry(input, "ids"), entry(input, "mask")});
            },
            two_layers({-1}));
        difference[i] = std::max(difference[i], largest_difference(captured.layers[0].probabilities,
                                                                   entry(input, "probabilities")[1]));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const double d : difference) EXPECT_LT(d, 1e-5);
}

// As a user's file may be: folded constants, and operators replaced by faster ones.
TEST(Frozen, ModelsAreReadAlike) {
  const torch::NoGradGuard no_grad;
  for (const char* name : {"softmax_4d", "head_mask", "sdpa_scale", "encoder"}) {
    SCOPED_TRACE(name);
    torch::jit::Module module = load(name), frozen = load(name);
    frozen = torch::jit::optimize_for_inference(frozen);
    const auto capture = [&](torch::jit::Module& m) {
      return capture_attention([&] { return m.forward({ids(), ids().ne(0)}); }, two_layers({1})).layers[0];
    };
    EXPECT_LT(largest_difference(capture(frozen).probabilities, capture(module).probabilities), 1e-6);
    check_capture(forward_of(frozen), two_layers(), ids(), ids().ne(0));
  }
}

// The fuser of the CPU, which is off by default, stands in for that of the GPU, which is on.
class Fusion : public ::testing::Test {
 protected:
  Fusion() {
    torch::jit::overrideCanFuseOnCPU(true);
    torch::jit::tensorexpr::getTEMustUseLLVMOnCPU() = false;
    torch::jit::setTexprReductionsEnabled(true);
    torch::jit::setTensorExprFuserEnabled(true);
    for (torch::jit::Module* module : {&checked_first_, &run_first_}) {
      module->define(R"(
        def forward(self, ids, mask):
            x = torch.sin(ids.float())[:, None, :, None] * torch.ones([1, 2, 1, 3])
            scores = torch.matmul(x, x.transpose(-2, -1)).masked_fill(mask.logical_not()[:, None, None, :], -1e9)
            map = torch.softmax(scores * 2.0 + 1.0, -1) * 1.0
            return torch.matmul(map, x)
      )");
    }
  }
  ~Fusion() override { torch::jit::overrideCanFuseOnCPU(false); }

  static std::string check(torch::jit::Module& module) {
    return message_of([&] { check_capture(forward_of(module), one_layer(), ids(), ids().ne(0)); });
  }

  const torch::NoGradGuard no_grad_;
  torch::jit::Module checked_first_{"checked_first"}, run_first_{"run_first"};
};

TEST_F(Fusion, IsOffForModelsThatAreCheckedFirst) {
  EXPECT_EQ(check(checked_first_), "no UserError");
  for (int run = 0; run < 3; ++run) checked_first_.forward({ids(), ids().ne(0)});
  EXPECT_EQ(check(checked_first_), "no UserError");
}

TEST_F(Fusion, HidesTheMapsOfModelsThatRanBefore) {
  for (int run = 0; run < 3; ++run) run_first_.forward({ids(), ids().ne(0)});
  EXPECT_EQ(
      check(run_first_),
      "the model ran 0 attention blocks where 1 layers of 2 heads are declared; counted nothing; not counted "
      "nothing");
}

TEST(CutPadding, KeepsRowsAndColumnsOfTokens) {
  // one head; padding in the middle
  const at::Tensor map = torch::tensor({{.5, 0., .5}, {.2, .2, .6}, {.9, 0., .1}}).view({1, 1, 3, 3});
  const at::Tensor outputs = torch::arange(3.).view({1, 1, 3, 1});
  const auto cut = cut_padding({map, outputs}, torch::tensor({{1, 0, 1}}).to(at::kBool));
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_TRUE(cut[0].probabilities.equal(torch::tensor({{.5, .5}, {.9, .1}}).view({1, 2, 2})));
  EXPECT_TRUE(cut[0].outputs.equal(torch::tensor({0., 2.}).view({1, 2, 1})));
}

TEST(CutPadding, OfNothingButPaddingIsRefused) {
  const LayerAttention attention{torch::ones({1, 1, 1, 1}), torch::ones({1, 1, 1, 1})};
  EXPECT_EQ(message_of([&] {
              cut_padding(attention, torch::zeros({1, 1}, at::kBool));
            }),
            "sequence 0 of the batch holds nothing but padding");
}

}  // namespace
}  // namespace why
