#include <gmock/gmock.h>
#include <unistd.h>

#include "core/errors.h"
#include "core/files.h"
#include "experiments/runner/run_list.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class RunConfigTest : public ::testing::Test {
 protected:
  ~RunConfigTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& yaml) const {
    fs::create_directories(folder_);
    write_file(folder_ / name, yaml);
    return (folder_ / name).string();
  }

  static std::string error(const std::function<void()>& call) {
    try {
      call();
    } catch (const UserError& problem) {
      return problem.what();
    }
    return "no error";
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / text("run_config_", ::getpid());
  const std::string films_ = file("films.yaml", "task: recommendation\nmodel: m\ndata: d\nthreads: 1\n");
  const std::string texts_ = file("verdicts.yaml", "task: sentiment\nmodel: m\nthreads: 1\n");
  const std::string words_ = file("words.yaml", "task: masked-word\nmodel: m\ntexts: [a b]\n");
};

TEST_F(RunConfigTest, EachTaskHasItsOwnRemovalAndKeys) {
  EXPECT_EQ(load_run_config(films_).explanation.sets.removal, "delete");
  EXPECT_EQ(load_run_config(texts_).explanation.sets.removal, "mask");
  EXPECT_EQ(load_run_config(words_).explanation.sets.removal, "pad");
  const std::vector<std::string> hide = {"sets.removal=attention-mask"};
  EXPECT_EQ(load_run_config(texts_, hide).explanation.sets.removal, "attention-mask");

  EXPECT_THAT(to_yaml(load_run_config(films_)), AllOf(HasSubstr("history_limit: 0"), Not(HasSubstr("unit"))));
  EXPECT_THAT(to_yaml(load_run_config(texts_)),
              AllOf(HasSubstr("unit: \"word\""), HasSubstr("removal: \"mask\""), Not(HasSubstr("history"))));
  const std::vector<std::string> foreign = {"unit=word"};
  EXPECT_THAT(error([&] { load_run_config(films_, foreign); }), HasSubstr("unknown key \"unit\""));
  const std::vector<std::string> other = {"history_limit=3"};
  EXPECT_THAT(error([&] { load_run_config(texts_, other); }), HasSubstr("unknown key \"history_limit\""));
}

TEST_F(RunConfigTest, MethodsAreKnownByName) {
  EXPECT_THAT(load_run_config(films_).methods, ElementsAre("cleann"));
  const auto methods_of = [&](const std::string& list) {
    const std::vector<std::string> overrides = {"methods=" + list};
    return load_run_config(films_, overrides).methods;
  };
  EXPECT_THAT(methods_of("[knockout, attention:pure, accent]"),
              ElementsAre("knockout", "attention:pure", "accent"));
  EXPECT_THAT(error([&] { methods_of("[cleanse]"); }),
              AllOf(HasSubstr("films.yaml: unknown method \"cleanse\""), HasSubstr("cleann, knockout, ")));
  EXPECT_THAT(error([&] { methods_of("[accent, accent]"); }), HasSubstr("methods names \"accent\" twice"));
  EXPECT_THAT(error([&] { methods_of("[]"); }), HasSubstr("methods is empty"));
}

TEST_F(RunConfigTest, TheResolvedFormReadsBackTheSame) {
  for (const auto& path : {films_, texts_, words_}) {
    const std::string resolved = to_yaml(load_run_config(path));
    EXPECT_EQ(to_yaml(load_run_config(file("again.yaml", resolved))), resolved);
  }
}

TEST_F(RunConfigTest, ValuesThatATaskDoesNotTake) {
  const std::vector<std::string> train = {"split=train"}, paragraphs = {"unit=paragraph"};
  EXPECT_EQ(load_run_config(texts_, train).split, "train");
  EXPECT_THAT(error([&] { load_run_config(films_, train); }), HasSubstr("known: test, validation"));
  EXPECT_THAT(error([&] { load_run_config(texts_, paragraphs); }), HasSubstr("known: word, piece, sentence"));
  EXPECT_THAT(error([&] { load_run_config(file("x.yaml", "task: masked-word\nmodel: m\n")); }),
              HasSubstr("key \"texts\" is missing"));
}

TEST_F(RunConfigTest, AListOfRunsGivesItsOverridesToEach) {
  const auto path = file("both.yaml", text("runs: [", films_, ", ", texts_, "]\noverrides: [seed=7]\n"));
  EXPECT_TRUE(is_run_list(path));
  EXPECT_FALSE(is_run_list(films_));
  const std::vector<std::string> overrides = {"limit=3"};
  const RunList list = load_run_list(path, overrides);
  EXPECT_EQ(list.name, "both");
  ASSERT_EQ(list.runs.size(), 2u);
  for (const auto& run : list.runs) {
    EXPECT_EQ(run.limit, 3);
    EXPECT_EQ(run.seed, 7u);
  }
  EXPECT_EQ(list.runs[1].name, "verdicts");
  const RunList again = load_run_list(file("runs.yaml", list.yaml));
  EXPECT_EQ(again.name, "both");
  EXPECT_EQ(again.runs[1].limit, 3);
}

TEST_F(RunConfigTest, ListsThatAreNone) {
  const auto list = [&](const std::string& yaml) {
    return error([&] { load_run_list(file("list.yaml", yaml)); });
  };
  EXPECT_THAT(list("runs: []\n"), HasSubstr("runs is empty"));
  EXPECT_THAT(list("runs: [nowhere.yaml]\n"), HasSubstr("the configuration nowhere.yaml does not exist"));
  EXPECT_THAT(list(text("runs: [", films_, ", ", films_, "]\n")), HasSubstr("two runs are called films"));
  EXPECT_THAT(list(text("runs: [", films_, "]\ntask: sentiment\n")), HasSubstr("unknown key \"task\""));
  const auto inner = file("inner.yaml", text("runs: [", films_, "]\n"));
  EXPECT_THAT(list(text("runs: [", inner, "]\n")), HasSubstr("is a list of runs itself"));
  EXPECT_THAT(list(text("runs: [", films_, "]\noverrides: [unit=word]\n")),
              HasSubstr("unknown key \"unit\""));
}

}  // namespace
}  // namespace why
