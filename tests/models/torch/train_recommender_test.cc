// Small trainings from beginning to end, through the door that the program uses.
#include "models/torch/train_recommender.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "core/errors.h"
#include "core/files.h"
#include "core/random.h"
#include "core/records.h"
#include "models/formats/bundle.h"
#include "models/torch/torch_model.h"

namespace why {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class TrainRecommender : public ::testing::Test {
 protected:
  TrainRecommender() {
    folder_ =
        std::filesystem::temp_directory_path() /
        text("train_", ::getpid(), "_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    at::set_num_threads(1);
  }
  ~TrainRecommender() override { std::filesystem::remove_all(folder_); }

  // Small, for data where item i + 1 follows item i.
  RecommenderTraining options(const std::string& name) const {
    RecommenderTraining out;
    out.output = (folder_ / name).string();
    out.hidden = 16;
    out.inner = 32;
    out.max_history = 4;
    out.dropout = 0.05;
    out.windows = 8;
    out.batch_size = 32;
    out.learning_rate = 1e-2;
    out.warm_up_steps = 10;
    out.averaging = 0.9;
    out.max_epochs = 6;
    out.last_share = 0.8;
    out.recency = 0.2;
    return out;
  }

  TrainingResult train(const RecommenderTraining& training,
                       const std::function<void(const EpochReport&)>& report = {}) const {
    return train_recommender(training, data_, Device{}, report);
  }

  static InteractionSplit successions(std::int64_t items, int users) {
    InteractionSplit data;
    Random random(5);
    for (std::int64_t i = 1; i <= items; ++i) data.items.push_back(std::to_string(i * 10));
    for (int u = 0; u < users; ++u) {
      Sequence history;
      std::int64_t item = 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(items)));
      for (int i = 0; i < 12; ++i, item = item % items + 1) history.push_back(item);
      data.users.push_back(history);
    }
    return data;
  }

  std::filesystem::path folder_;
  InteractionSplit data_ = successions(20, 60);
};

class BothArchitectures : public TrainRecommender, public ::testing::WithParamInterface<std::string> {};
INSTANTIATE_TEST_SUITE_P(Learn, BothArchitectures, ::testing::Values("bert4rec", "sasrec"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(BothArchitectures, LearnThatItemIPlusOneFollowsItemI) {
  RecommenderTraining training = options("model");
  training.architecture = GetParam();
  training.max_epochs = 40;
  const auto result = train(training);
  EXPECT_GT(result.test.all.hit_rate[0], 0.95);
  EXPECT_LT(result.popularity_test.all.hit_rate[0], 0.5);

  const auto model = load_model(training.output, Device{});
  int first = 0;
  for (std::int64_t item = 1; item <= 20; ++item) {
    const Sequence history = {(item + 17) % 20 + 1, (item + 18) % 20 + 1, item};
    const Scores scores = model->predict(std::vector<Sequence>{prediction_input(model->info(), history)});
    const auto best = std::max_element(scores.values.begin(), scores.values.end()) - scores.values.begin();
    first += best == item % 20;  // score j belongs to item j + 1
  }
  EXPECT_GT(first, 18);  // of 20: HR@1 above 0.9
  EXPECT_EQ(model->info().items[2], "30");
  EXPECT_EQ(model->info().causal, GetParam() == "sasrec");
  EXPECT_EQ(model->info().max_history(), 4);
  const Sequence input = prediction_input(model->info(), {3, 4, 5});
  const std::vector<std::vector<int>> nothing = {{}};
  const Scores plain = model->predict({&input, 1}), again = model->knock_out(input, nothing);
  for (int i = 0; i < 20; ++i) EXPECT_NEAR(again.values[i], plain.values[i], 1e-5);
  EXPECT_TRUE(model->offers(Attribution::integrated_gradients));
}

TEST_F(TrainRecommender, ReportsEachEpochAndKeepsTheBest) {
  std::vector<EpochReport> reports;
  const auto result = train(options("model"), [&](const EpochReport& epoch) { reports.push_back(epoch); });
  ASSERT_EQ(reports.size(), 6u);
  double best = 0;
  for (const auto& epoch : reports) best = std::max(best, epoch.validation.ndcg[1]);
  EXPECT_EQ(result.best_epoch, reports.back().best_epoch);
  EXPECT_DOUBLE_EQ(result.validation.all.ndcg[1], best);
  EXPECT_LT(reports.back().loss, reports.front().loss);
}

TEST_F(TrainRecommender, StopsWhenValidationNoLongerImproves) {
  RecommenderTraining training = options("model");
  training.learning_rate = 0;  // nothing ever gets better
  training.max_epochs = 50;
  training.patience = 3;
  const auto result = train(training);
  EXPECT_EQ(result.best_epoch, 1);
  EXPECT_EQ(result.epochs, 4);
}

TEST_F(TrainRecommender, TheSameSeedGivesTheSameBytesAndAnotherDoesNot) {
  RecommenderTraining a = options("a"), b = options("b"), c = options("c");
  c.seed = 2;
  for (auto* training : {&a, &b, &c}) train(*training);
  const auto weights = [&](const char* name) { return sha256_file(folder_ / name / kWeightsFile); };
  EXPECT_EQ(weights("a"), weights("b"));
  EXPECT_NE(weights("a"), weights("c"));
}

TEST_F(TrainRecommender, AKilledTrainingResumesToTheSameBytes) {
  struct Killed {};
  for (const int stop : {1, 2, 5}) {
    const std::string name = text("killed_", stop);
    RecommenderTraining training = options(name);
    EXPECT_THROW(train(training,
                       [&](const EpochReport& e) {
                         if (e.epoch == stop) throw Killed();
                       }),
                 Killed);
    EXPECT_FALSE(std::filesystem::exists(folder_ / name / kBundleFile));

    // What a kill leaves behind: half a line of the log of an epoch that the state does not know of.
    write_file(folder_ / name / "training.jsonl",
               read_file(folder_ / name / "training.jsonl") + "{\"epoch\":9}\n{\"ep");
    training.resume = true;
    train(training);
    EXPECT_EQ(whole_lines(folder_ / name / "training.jsonl").size(), 6u);
  }
  train(options("whole"));
  for (const int stop : {1, 2, 5})
    for (const char* file : {kWeightsFile, kItemsFile})
      EXPECT_EQ(sha256_file(folder_ / text("killed_", stop) / file), sha256_file(folder_ / "whole" / file));
}

TEST_F(TrainRecommender, FoldersThatAreTakenAreNotTouched) {
  train(options("done"));
  EXPECT_THAT([&] { train(options("done")); }, ThrowsMessage<UserError>(HasSubstr("holds a model already")));

  struct Killed {};
  EXPECT_THROW(train(options("half"), [](const EpochReport&) { throw Killed(); }), Killed);
  EXPECT_THAT([&] { train(options("half")); },
              ThrowsMessage<UserError>(HasSubstr("continue it with --resume")));
  RecommenderTraining other = options("half");
  other.resume = true;
  other.dropout = 0.3;
  EXPECT_THAT([&] { train(other); }, ThrowsMessage<UserError>(HasSubstr("was begun with other options")));
  RecommenderTraining damaged = options("half");
  damaged.resume = true;
  write_file(folder_ / "half" / "training.state", "not a state");
  EXPECT_THAT([&] { train(damaged); }, ThrowsMessage<UserError>(HasSubstr("training.state")));

  RecommenderTraining nothing = options("nothing");
  nothing.resume = true;
  EXPECT_THAT([&] { train(nothing); },
              ThrowsMessage<UserError>(HasSubstr("no unfinished training to resume")));
  write_file(folder_ / "file", "x");
  EXPECT_THAT([&] { train(options("file")); }, ThrowsMessage<UserError>(HasSubstr("is not an empty folder")));
  EXPECT_THAT([&] { train(options("file/below")); }, ThrowsMessage<UserError>(HasSubstr("cannot create")));
}

TEST_F(TrainRecommender, OptionsThatCannotWorkAreNamed) {
  RecommenderTraining training = options("model");
  training.heads = 3;
  EXPECT_THAT([&] { train(training); },
              ThrowsMessage<UserError>(HasSubstr("hidden (16) is not a multiple of heads (3)")));
  training = options("model");
  training.learning_rate = 1e30;
  training.max_gradient = 1e30;
  training.warm_up_steps = 0;
  EXPECT_THAT([&] { train(training); }, ThrowsMessage<UserError>(HasSubstr("diverged in epoch 1")));
  data_.users = {{1, 2}};
  EXPECT_THAT([&] { train(options("other")); }, ThrowsMessage<UserError>(HasSubstr("three interactions")));
}

}  // namespace
}  // namespace why
