// A user's own model.pt: what is accepted, and what is wrong with the others.
#include "models/torch/torch_model.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <torch/script.h>

#include <filesystem>
#include <functional>

#include "core/errors.h"
#include "models/formats/bundle.h"

namespace why {
namespace {

using ::testing::HasSubstr;

constexpr char kItems[] = R"(
def scores(self, ids: Tensor, mask: Tensor) -> Tensor:
    x = torch.embedding(self.table, ids)
    dots = torch.matmul(x, x.transpose(1, 2)).masked_fill((mask == 0).unsqueeze(1), -10000.0)
    read = torch.matmul(torch.softmax(dots.unsqueeze(1), -1), x.unsqueeze(1)).squeeze(1)
    last = (mask.sum(1) - 1).view(-1, 1, 1).expand(-1, 1, x.size(2))
    return torch.matmul(read.gather(1, last).squeeze(1), self.table.narrow(0, 1, 5).t())
)";

class TorchModel : public ::testing::Test {
 protected:
  TorchModel() {
    folder_ = std::filesystem::temp_directory_path() /
              text("torch_model_", ::getpid(), "_",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    info_.architecture = "torchscript";
    info_.layers = info_.heads = 1;
    info_.hidden = 4;
    info_.max_length = 8;
    info_.outputs = 5;
    info_.items = {"a", "b", "c", "d", "e"};
    write_bundle(folder_, info_);
  }
  ~TorchModel() override { std::filesystem::remove_all(folder_); }

  // A model of one attention layer over five items whose forward is this.
  void save(const std::string& forward) const {
    torch::manual_seed(3);
    torch::jit::Module module("__torch__.Mine");
    module.register_attribute("training", c10::BoolType::get(), false);
    module.register_parameter("table", torch::randn({6, 4}), false);
    module.define(kItems + forward);
    module.save((folder_ / kScriptFile).string());
  }

  std::string load_error() const {
    try {
      load_model(folder_.string(), Device{});
    } catch (const UserError& error) {
      return error.what();
    }
    return "nothing thrown";
  }

  std::filesystem::path folder_;
  BundleInfo info_;
};

TEST_F(TorchModel, PredictsAndAttendsThroughItsForward) {
  save("\ndef forward(self, ids: Tensor, mask: Tensor) -> Tensor:\n    return self.scores(ids, mask)\n");
  const auto model = load_model(folder_.string(), Device{});
  const std::vector<Sequence> batch = {{1, 2, 3}, {5}};
  EXPECT_EQ(model->predict(batch).values.size(), 10u);
  const auto attention = model->attend(batch, -1);
  ASSERT_EQ(attention[0].tokens, 3);
  EXPECT_EQ(attention[1].probabilities, std::vector<float>{1});
}

constexpr char kForward[] =
    "\ndef forward(self, ids: Tensor, mask: Tensor) -> Tensor:\n    return self.scores(ids, mask)\n";

TEST_F(TorchModel, LeavesNoAttentionOnADeviceWhereItIsNot) {
  save(kForward);
  const std::vector<Sequence> batch = {{1, 2, 3}, {5}};
  const auto model = load_model(folder_.string(), Device{});
  const auto wanted = model->attend(batch, -1);
  const auto same = model->attend_on_device(batch, -1, AttentionPart::outputs, {Device::Kind::cuda, 0});
  for (std::size_t i = 0; i < batch.size(); ++i) {
    EXPECT_EQ(same[i].outputs, wanted[i].outputs);
    EXPECT_EQ(same[i].probabilities, wanted[i].probabilities);
    EXPECT_EQ(same[i].device_outputs, nullptr);
  }
}

TEST_F(TorchModel, LeavesTheWantedPartOfAttentionOnItsDevice) {
  if (cuda_device_count() == 0 || !dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) || !at::hasCUDA())
    GTEST_SKIP() << "no CUDA device";
  save(kForward);
  const std::vector<Sequence> batch = {{1, 2, 3}, {5}};
  const Device cuda{Device::Kind::cuda, 0};
  const auto wanted = load_model(folder_.string(), Device{})->attend(batch, -1);
  const auto left =
      load_model(folder_.string(), cuda)->attend_on_device(batch, -1, AttentionPart::outputs, cuda);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    EXPECT_TRUE(left[i].probabilities.empty() && left[i].outputs.empty());
    EXPECT_EQ(left[i].device_probabilities, nullptr);
    EXPECT_EQ(left[i].device, cuda);
    const at::Tensor values = at::from_blob(const_cast<float*>(left[i].device_outputs.get()),
                                            {static_cast<std::int64_t>(wanted[i].outputs.size())},
                                            at::TensorOptions(at::Device(at::kCUDA, 0)).dtype(at::kFloat));
    EXPECT_TRUE(values.cpu().allclose(torch::tensor(wanted[i].outputs), 1e-5, 1e-6)) << i;
  }
}

TEST_F(TorchModel, GradientsByAForeignSoftmaxAreThoseOfTheFormulas) {
  save(kForward);
  const auto model = load_model(folder_.string(), Device{});
  const Sequence ids = {1, 2, 3};
  ASSERT_TRUE(model->offers(Attribution::attention_gradient));
  const auto shares = model->attribute(ids, Attribution::attention_gradient, 4, 0);

  torch::manual_seed(3);  // as save does
  const at::Tensor table = torch::randn({6, 4});
  const at::Tensor x = table.narrow(0, 1, 3);
  const at::Tensor row = torch::softmax(x.matmul(x[2]), -1);
  for (int j = 0; j < 3; ++j)
    EXPECT_NEAR(shares[static_cast<std::size_t>(j)], (row[j] * x[j].dot(table[5] - table[1])).item<double>(),
                1e-5);
}

TEST_F(TorchModel, AForeignModuleOffersWhatItsMethodsAllow) {
  save(kForward);
  const auto model = load_model(folder_.string(), Device{});
  EXPECT_FALSE(model->offers_knock_out());
  EXPECT_THAT(
      [&] {
        model->knock_out({1, 2}, {});
      },
      ::testing::ThrowsMessage<UserError>(
          HasSubstr("offers no knock-out: its module has no method knock_out(ids, mask, keep)")));
  for (const auto method :
       {Attribution::logit_attribution, Attribution::value_norm, Attribution::gradient_input})
    EXPECT_FALSE(model->offers(method)) << name_of(method);
  EXPECT_THAT(
      [&] {
        model->attribute({1, 2}, Attribution::value_norm, 0, 1);
      },
      ::testing::ThrowsMessage<UserError>(HasSubstr(" offers no norm of attended values")));
  EXPECT_THAT(
      [&] {
        model->attribute({1, 2}, Attribution::attention_gradient, 0, 5);
      },
      ::testing::ThrowsMessage<UserError>(HasSubstr("score 5 was asked for, but ")));
}

TEST_F(TorchModel, ABundleOfAnEarlierVersionIsToBeImportedAgain) {
  info_.architecture = "bert4rec";
  info_.inner = 4;
  write_bundle(folder_, info_);
  save(kForward);
  const auto model = load_model(folder_.string(), Device{});
  EXPECT_EQ(model->predict(std::vector<Sequence>{{1, 2}}).rows, 1);
  for (const auto& ask :
       std::vector<std::function<void()>>{[&] {
                                            model->knock_out({1, 2}, {});
                                          },
                                          [&] {
                                            model->attribute({1, 2}, Attribution::logit_attribution, 0, 1);
                                          }})
    EXPECT_THAT(
        ask, ::testing::ThrowsMessage<UserError>(::testing::AllOf(
                 HasSubstr("was made by an earlier version and offers no "), HasSubstr("import it again"))));
}

TEST_F(TorchModel, AnswersOfAnotherShapeAreNamed) {
  save("\ndef forward(self, ids: Tensor, mask: Tensor) -> Tensor:\n    return self.scores(ids, mask).t()\n");
  EXPECT_THAT(load_error(), HasSubstr("must return scores [2, 5] for 2 sequences, but returned [5, 2]"));
  save(
      "\ndef forward(self, ids: Tensor, mask: Tensor) -> List[Tensor]:\n    return [self.scores(ids, "
      "mask)]\n");
  EXPECT_THAT(load_error(), HasSubstr("must return one tensor of scores, not GenericList"));
}

TEST_F(TorchModel, AForwardThatIsMissingOrFailsIsNamed) {
  save("");
  EXPECT_THAT(load_error(), HasSubstr("model.pt has no method forward(ids, mask)"));
  save("\ndef forward(self, ids: Tensor) -> Tensor:\n    return self.scores(ids, ids)\n");
  EXPECT_THAT(load_error(), HasSubstr("fails on a small input: "));
  save(
      "\ndef forward(self, ids: Tensor, mask: Tensor) -> Tensor:\n    return torch.embedding(self.table, ids "
      "+ 9)\n");
  EXPECT_THAT(load_error(), HasSubstr("fails on a small input: RuntimeError: index out of range in self"));
}

TEST_F(TorchModel, AModelWithoutAttentionIsRefused) {
  save(
      "\ndef forward(self, ids: Tensor, mask: Tensor) -> Tensor:\n"
      "    return torch.matmul(torch.embedding(self.table, ids).sum(1), self.table.narrow(0, 1, 5).t())\n");
  EXPECT_THAT(load_error(), HasSubstr("1"));
  EXPECT_THAT(load_error(), HasSubstr(folder_.string()));
}

}  // namespace
}  // namespace why
