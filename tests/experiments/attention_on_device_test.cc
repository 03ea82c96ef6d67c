// A model whose attention stays on the device is explained as one that hands it to the host. On a device with
// our kernels, and on the CPU where these are compiled against the stand-in.
#include <gmock/gmock.h>

#include <cmath>

#include "core/errors.h"
#include "core/random.h"
#include "experiments/attention_graphs.h"
#include "experiments/tasks/recommendation.h"
#include "experiments/tasks/shared_batches.h"
#include "tests/available_devices.h"
#include "tests/experiments/fake_model.h"
#include "tests/experiments/left_on_device.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

// Attention is random, and so are scores.
class RandomModel : public FakeModel {
 public:
  explicit RandomModel(Device device) : FakeModel(12, 50, scores), device_(device) {}

  std::vector<Attention> attend(std::span<const Sequence> batch, int) override {
    ++to_host;
    return made(batch);
  }
  std::vector<Attention> attend_on_device(std::span<const Sequence> batch, int layer, AttentionPart part,
                                          Device device) override {
    if (!device_.is_cuda() || device != device_) return attend(batch, layer);
    std::vector<Attention> out;
    for (Attention& each : made(batch)) out.push_back(left_on(device, std::move(each), part));
    for (const Attention& each : out) EXPECT_TRUE(each.probabilities.empty() && each.outputs.empty());
    left_there.push_back(part);
    return out;
  }

  int to_host = 0;
  std::vector<AttentionPart> left_there;
  float last = 0;  // of the attention's values, in the place of what is random

 private:
  static std::vector<float> scores(const Sequence& sequence) {
    Random random(7);
    std::vector<float> out(12);
    for (const auto id : sequence) {
      Random of_item = random.child(std::to_string(id));
      for (float& score : out) score += static_cast<float>(of_item.normal());
    }
    return out;
  }

  std::vector<Attention> made(std::span<const Sequence> batch) const {
    std::vector<Attention> out;
    for (const Sequence& sequence : batch) {
      const auto n = static_cast<int>(sequence.size());
      Random random(static_cast<std::uint64_t>(sequence.front()));
      Attention attention{info().heads, n, 4, {}, {}};
      for (int row = 0; row < info().heads * n; ++row) {
        float sum = 0;
        std::vector<float> weights(sequence.size());
        for (float& weight : weights) sum += weight = std::exp(2 * static_cast<float>(random.normal()));
        for (const float weight : weights) attention.probabilities.push_back(weight / sum);
        for (int i = 0; i < 4; ++i) attention.outputs.push_back(static_cast<float>(random.normal()));
      }
      if (last != 0) attention.probabilities.back() = last;
      out.push_back(std::move(attention));
    }
    return out;
  }

  Device device_;
};

class AttentionOnDevice : public testing::TestWithParam<Device> {
 protected:
  std::vector<Subject> subjects(Model& model) const {
    std::vector<Subject> out;
    std::int64_t number = 0;
    for (const Sequence& history :
         std::vector<Sequence>{{2, 1, 4}, {1, 2, 3, 5, 7, 9}, {3, 2, 6, 7}, {4, 1}, {2, 3, 4, 6, 7, 8, 9}}) {
      RecommendationQuery query;
      query.number = number++;
      query.history = history;
      out.push_back(recommendation_subject(model, query, options_));
    }
    return out;
  }
  std::vector<std::string> explained(Model& model) {
    return lines(explain(model, subjects(model), options_));
  }
  static std::vector<std::string> lines(const std::vector<Sample>& samples) {
    std::vector<std::string> out;
    for (const Sample& sample : samples) out.push_back(to_json_line(sample));
    return out;
  }
  void set(const std::string& search, const std::string& estimator) {
    options_.explanation.graph.search = search;
    options_.explanation.graph.estimator = estimator;
    options_.explanation.graph.alpha = .05;
  }

  Device device_ = GetParam();
  RecommendationOptions options_;
};

TEST_P(AttentionOnDevice, IsExplainedAsThatOfTheHost) {
  for (const char* search : {"icd", "fci", "rfci", "pc"})
    for (const char* estimator : {"attention", "centered", "outputs", "rollout"}) {
      SCOPED_TRACE(text(search, " ", estimator));
      set(search, estimator);
      RandomModel of_host({}), there(device_), shared_too(device_);
      options_.device = {};
      const std::vector<std::string> wanted = explained(of_host);
      options_.device = device_;
      EXPECT_EQ(explained(there), wanted);
      SharedBatches shared(shared_too);
      EXPECT_EQ(lines(explain_together(shared, learn(shared, subjects(shared), options_), options_)), wanted);
      EXPECT_EQ(explained(of_host), wanted);  // a model of the CPU, graphs on the device
      if (!device_.is_cuda() || std::string(estimator) == "rollout") continue;
      const auto part =
          std::string(estimator) == "outputs" ? AttentionPart::outputs : AttentionPart::probabilities;
      for (const RandomModel* model : {&there, &shared_too}) {
        EXPECT_EQ(model->to_host, 0);
        EXPECT_THAT(model->left_there, AllOf(SizeIs(5), Each(part)));
      }
    }
}

TEST_P(AttentionOnDevice, ThatIsNotANumberIsRefusedInTheSameWords) {
  RandomModel model(device_);
  options_.device = device_;
  model.last = NAN;
  EXPECT_THAT([&] { explained(model); },
              ThrowsMessage<UserError>(HasSubstr("the attention holds nan at row 3, column 3")));
}

TEST_P(AttentionOnDevice, MayBeThereForSomeInputsOnly) {
  RandomModel model({});
  const std::vector<Sequence> inputs{{1, 2, 3, 4, 5}, {2, 3, 4, 5, 6, 7}, {3, 4, 5}, {4, 5, 6, 7, 8, 9}};
  const std::vector<Attention> of_host = model.attend(inputs, -1);
  std::vector<Attention> mixed = of_host;
  for (const std::size_t i : {0, 3}) mixed[i] = left_on(device_, mixed[i], AttentionPart::outputs);
  const std::vector<std::vector<int>> none;
  std::vector<HeadOfInput> heads;
  for (const Attention& each : mixed)
    for (const int head : {0, 1}) heads.push_back({&each, head, &none});
  const GraphOptions options{.alpha = .05, .estimator = "outputs"};
  const std::vector<MixedGraph> found = learn_graphs(heads, options, 64, device_, 2);
  ASSERT_EQ(found.size(), heads.size());
  int edges = 0;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    edges += found[i].num_edges();
    EXPECT_EQ(found[i], learn_graph(of_host[i / 2], heads[i].head, options, 64));
    EXPECT_EQ(found[i], learn_graph(*heads[i].attention, heads[i].head, options, 64));
  }
  EXPECT_GT(edges, 20);
}

INSTANTIATE_TEST_SUITE_P(Devices, AttentionOnDevice, testing::ValuesIn(available_devices()), device_label);

}  // namespace
}  // namespace why
