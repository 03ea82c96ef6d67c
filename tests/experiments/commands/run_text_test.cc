// `whyformer run`, `validate`, `verify` and `report` on texts, as a user runs them.
#include <nlohmann/json.hpp>

#include "core/records.h"
#include "tests/experiments/small_text_models.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using RunText = SmallTextModels;

std::vector<nlohmann::json> samples(const fs::path& folder) {
  std::vector<nlohmann::json> out;
  for (const auto& line : whole_lines(folder / "samples.jsonl")) out.push_back(nlohmann::json::parse(line));
  return out;
}

TEST_F(RunText, LeavesARunFolderThatVerifyConfirms) {
  const auto run = program({"run", "run.yaml", "--output", "whole"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto all = samples(root_ / "whole");
  ASSERT_EQ(all.size(), 4u);  // one text has one word
  EXPECT_EQ(all[0]["source"], "test:1");
  EXPECT_EQ(all[0]["label"], "negative");
  EXPECT_EQ(all[2]["source"], "test:4");
  EXPECT_EQ(whole_lines(root_ / "whole/metrics.csv").size(), 1 + 4 * 4u);
  EXPECT_THAT(contents("whole/metrics.csv"), StartsWith("sample,source,length,answer,"));
  const auto summary = nlohmann::json::parse(contents("whole/summary.json"));
  EXPECT_EQ(summary["labelled"], 4);
  EXPECT_GT(summary["methods"]["exhaustive"]["explained"], 0);
  EXPECT_THAT(contents("whole/config.yaml"), HasSubstr("removal: \"mask\""));
  EXPECT_THAT(contents("whole/report.html"), HasSubstr("Why these answers?"));

  const auto verified = program({"verify", "whole"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, AllOf(StartsWith("4 samples, "), HasSubstr(" change the verdict, ")));

  const std::string page = contents("whole/report.html");
  EXPECT_EQ(program({"report", "whole"}).err, "");
  EXPECT_EQ(contents("whole/report.html"), page);
}

TEST_F(RunText, ACutRunContinuesToTheSameBytes) {
  ASSERT_EQ(program({"run", "run.yaml", "--output", "one"}).exit_code, 0);
  fs::copy(root_ / "one", root_ / "cut", fs::copy_options::recursive);
  fs::resize_file(root_ / "cut/samples.jsonl", 100);
  ASSERT_EQ(program({"run", "--resume", "cut"}).exit_code, 0);
  for (const char* name : {"samples.jsonl", "metrics.csv", "summary.json"})
    EXPECT_EQ(contents(text("cut/", name)), contents(text("one/", name))) << name;

  const std::string tsv = contents("data/test.tsv");
  write_file(root_ / "data/test.tsv", tsv + "good music\t1\n");
  EXPECT_THAT(mistake({"run", "--resume", "one"}),
              HasSubstr("the data has changed since the run in one: test"));
  write_file(root_ / "data/test.tsv", tsv);
}

TEST_F(RunText, AnyListOfMethodsLeavesAFolderThatVerifyConfirms) {
  const std::string methods =
      "methods=[leave-one-out, attention:predicted, rollout:any, pure-attention, smart-attention, accent, "
      "random-order, knockout, knockout:any, attention-gradient, integrated-gradients:smart]";
  const auto run = program({"run", "run.yaml", methods, "--output", "ranked"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("method                       samples"));  // as wide as the widest
  for (const auto& sample : samples(root_ / "ranked")) {
    EXPECT_EQ(sample["methods"].size(), 12u);  // the exhaustive search beside them, and no control
    EXPECT_TRUE(sample["graphs"].empty());
    const auto &optimum = sample["methods"]["exhaustive"], &left = sample["methods"]["leave-one-out"];
    if (left["status"] == "minimal") {
      EXPECT_EQ(left["sets"][0]["members"].size(), optimum["sets"][0]["members"].size());
    }
  }
  const auto summary = nlohmann::json::parse(contents("ranked/summary.json"));
  EXPECT_EQ(summary["methods"]["rollout:any"]["ranking_calls"], 2 * 4);  // two layers, four texts
  EXPECT_EQ(summary["methods"]["knockout"]["ranking_calls"], 4);
  EXPECT_EQ(whole_lines(root_ / "ranked/metrics.csv").size(), 1 + 12 * 4u);
  EXPECT_THAT(contents("ranked/report.html"), AllOf(HasSubstr("No graph is drawn: CLEANN was not run."),
                                                    HasSubstr("Attention rollout, any size")));
  EXPECT_EQ(program({"verify", "ranked"}).exit_code, 0);

  fs::copy(root_ / "ranked", root_ / "ranked_cut", fs::copy_options::recursive);
  fs::resize_file(root_ / "ranked_cut/samples.jsonl", 100);
  ASSERT_EQ(program({"run", "--resume", "ranked_cut"}).exit_code, 0);
  const auto shared = program({"run", "run.yaml", methods, "--ranks", "2", "--output", "ranked_shared"});
  ASSERT_EQ(shared.exit_code, 0) << shared.err;
  for (const char* name : {"samples.jsonl", "metrics.csv", "summary.json"}) {
    EXPECT_EQ(contents(text("ranked_cut/", name)), contents(text("ranked/", name))) << name;
    EXPECT_EQ(contents(text("ranked_shared/", name)), contents(text("ranked/", name))) << name;
  }
  EXPECT_THAT(mistake({"validate", "run.yaml", "methods=[attention:best]"}),
              HasSubstr("predicted, pure, smart, any"));
  EXPECT_THAT(mistake({"run", "run.yaml", "methods=[cleann:any]"}), HasSubstr("is no ranking"));
}

TEST_F(RunText, WhatIsTakenOfTheData) {
  const auto words = [&](const std::vector<std::string>& overrides) {
    std::vector<std::string> arguments = {"validate", "run.yaml"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    const auto run = program(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.out;
  };
  EXPECT_THAT(words({}),
              HasSubstr("4 texts of the test part of data, explained on classifier (3 labels, 2 layers, 4 "
                        "heads); 1 of fewer than two words left out"));
  EXPECT_THAT(words({"max_tokens=8"}), HasSubstr("2 texts"));
  EXPECT_THAT(words({"max_tokens=8"}), HasSubstr("; 2 of more than 8 tokens left out"));
  EXPECT_THAT(words({"limit=1"}), HasSubstr("1 text of"));
  // of 5, 7, 11 and 5 words
  EXPECT_THAT(
      words({"min_parts=6", "max_parts=7"}),
      AllOf(HasSubstr("1 text of"), HasSubstr("; 3 of another number of words than 6 to 7 left out")));
  EXPECT_THAT(words({"min_parts=7"}), HasSubstr("; 2 of another number of words than 7 or more left out"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "max_parts=4"}),
              HasSubstr("of two words or more, and within the bounds of min_parts and max_parts"));
  EXPECT_THAT(words({"texts=[a good film, not good]", "data=''"}), HasSubstr("2 texts of the configuration"));

  const auto order = [&](const std::string& output, const std::vector<std::string>& overrides) {
    std::vector<std::string> arguments = {"run",  "run.yaml",           "--output",
                                          output, "exhaustive_calls=0", "controls=[]"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    EXPECT_EQ(program(arguments).exit_code, 0);
    std::vector<std::string> out;
    for (const auto& sample : samples(root_ / output)) out.push_back(sample["source"]);
    return out;
  };
  EXPECT_THAT(order("plain", {"limit=2"}), ElementsAre("test:1", "test:2"));
  EXPECT_THAT(order("mixed", {"shuffle=true"}),
              ::testing::UnorderedElementsAre("test:1", "test:2", "test:4", "test:5"));
  EXPECT_EQ(order("mixed2", {"shuffle=true", "limit=3"}).size(), 3u);
  EXPECT_NE(order("mixed3", {"shuffle=true"}), order("mixed4", {"shuffle=true", "seed=3"}));
}

TEST_F(RunText, MistakesInModelAndData) {
  EXPECT_THAT(mistake({"validate", "run.yaml", "data=''"}),
              AllOf(HasSubstr("no data folder is named (data=DIR)"), HasSubstr("aclImdb")));
  EXPECT_THAT(mistake({"validate", "run.yaml", "data=nowhere"}),
              HasSubstr("the data nowhere does not exist"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "data=classifier"}), HasSubstr("holds no labelled texts"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "split=train"}),
              HasSubstr("no labelled texts in its train part"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "max_tokens=3"}), HasSubstr("and at most 3 tokens"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "texts=[a film]"}), HasSubstr("data or texts, not both"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "model=filler"}),
              HasSubstr("filler is a masked-lm, and the task sentiment needs a classifier"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "data=''", "texts=[a film, good]"}),
              HasSubstr("text 2: the text \"good\" holds one word"));
}

TEST_F(RunText, MaskedWordsOfTheConfiguration) {
  write_file(
      root_ / "masked.yaml",
      "task: masked-word\nmodel: filler\nthreads: 1\ntexts: ['the [MASK] was good', 'a very [MASK] story']\n"
      "graph: {alpha: 0.5, samples: \"1000\"}\nexhaustive_calls: 100\n");
  const auto run = program({"run", "masked.yaml", "--output", "masked"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto all = samples(root_ / "masked");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1]["parts"], nlohmann::json({"a", "very", "story"}));
  EXPECT_TRUE(fs::exists(root_ / "masked/report.html"));
  EXPECT_EQ(program({"verify", "masked"}).exit_code, 0);
}

TEST_F(RunText, AListOfRunsLeavesAFolderOfFolders) {
  write_file(root_ / "words.yaml",
             "task: masked-word\nmodel: filler\nthreads: 1\ntexts: ['the [MASK] was good']\n");
  write_file(root_ / "both.yaml", "runs: [run.yaml, words.yaml]\n");
  EXPECT_THAT(program({"validate", "both.yaml"}).out,
              AllOf(HasSubstr("both.yaml: run: 4 texts"), HasSubstr("words: 1 text")));
  const auto run = program({"run", "both.yaml", "--output", "both", "--limit", "2"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(StartsWith("run\nmethod"), HasSubstr("\nwords\nmethod"),
                             HasSubstr("both/run/report.html\nboth/words/report.html\n")));
  EXPECT_EQ(samples(root_ / "both/run").size(), 2u);
  EXPECT_EQ(samples(root_ / "both/words").size(), 1u);

  // killed in the first run: --resume goes on with it, and then with the second
  const std::string whole = contents("both/run/samples.jsonl"), second = contents("both/words/samples.jsonl");
  fs::resize_file(root_ / "both/run/samples.jsonl", 10);
  fs::remove_all(root_ / "both/words");
  EXPECT_THAT(
      program({"report", "both"}).err,
      AllOf(HasSubstr("warning: the run words has not begun; `whyformer run --resume both` begins it"),
            HasSubstr("the run is not finished: it holds 0 of its 2 samples")));
  const auto resumed = program({"run", "--resume", "both"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(contents("both/run/samples.jsonl"), whole);
  EXPECT_EQ(contents("both/words/samples.jsonl"), second);

  const auto verified = program({"verify", "both"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, AllOf(StartsWith("run: 2 samples, "), HasSubstr("\nwords: 1 sample, ")));
  EXPECT_EQ(program({"report", "both"}).out, "both/run/report.html\nboth/words/report.html\n");
  EXPECT_THAT(mistake({"verify"}), HasSubstr("RUN_DIR is required"));
  EXPECT_THAT(mistake({"run", "both.yaml", "--output", "both"}), HasSubstr("exists and is not empty"));
  EXPECT_THAT(mistake({"run", "both.yaml", "max_tokens=5"}), HasSubstr("unknown key \"max_tokens\""));
}

}  // namespace
}  // namespace why
