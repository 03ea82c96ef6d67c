// `whyformer run`, `validate` and `verify`, as a user runs them.
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/file_lock.h"
#include "core/records.h"
#include "tests/experiments/small_recommender.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using RunCommand = SmallRecommender;

constexpr const char* kResults[] = {"config.yaml", "samples.jsonl", "metrics.csv", "summary.json"};

TEST_F(RunCommand, LeavesARunFolderThatVerifyConfirms) {
  const auto run = program({"run", "run.yaml", "--output", "whole"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("cleann"), HasSubstr("permuted"), HasSubstr("random"),
                             HasSubstr("exhaustive"), HasSubstr("whole/report.html")));
  EXPECT_EQ(whole_lines(root_ / "whole/samples.jsonl").size(), 40u);
  EXPECT_EQ(whole_lines(root_ / "whole/metrics.csv").size(), 1 + 4 * 40u);
  EXPECT_TRUE(fs::exists(root_ / "whole/report.html"));

  const auto summary = nlohmann::json::parse(contents("whole/summary.json"));
  EXPECT_EQ(summary["samples"], 40);
  const auto& methods = summary["methods"];
  EXPECT_GT(methods["cleann"]["explained"], 0);
  EXPECT_GE(methods["exhaustive"]["explained"], methods["cleann"]["explained"]);

  const auto verified = program({"verify", "whole"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, StartsWith("40 samples, "));
}

// By size all rankings find sets as small as the optimum: they ask all sets of a size.
TEST_F(RunCommand, EveryRankingExplainsARecommendation) {
  const std::vector<std::string> by_size = {
      "knockout", "attention-gradient", "logit-attribution",    "value-norm",    "attention",
      "rollout",  "gradient-input",     "integrated-gradients", "leave-one-out", "random-order"};
  std::string methods = "methods=[pure-attention, smart-attention, accent, knockout:any";
  for (const auto& method : by_size) methods += ", " + method;
  const auto run =
      program({"run", "run.yaml", methods + "]", "aopc=true", "--limit", "8", "--output", "ranked"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto summary = nlohmann::json::parse(contents("ranked/summary.json"));
  const auto& optimum = summary["methods"]["exhaustive"];
  ASSERT_GT(optimum["explained"], 0);
  for (const auto& method : by_size) {
    const auto& found = summary["methods"][method];
    EXPECT_EQ(found["beside_the_optimum"]["mean_excess"], 0.0) << method;
    EXPECT_LE(found["first_hit"]["calls"]["mean"], found["calls_a_sample"]["p95"]) << method;
  }
  EXPECT_EQ(summary["rankings"].size(), 9u);
  for (const auto& ranking : summary["rankings"]) {
    EXPECT_GT(ranking["samples"], 0);
    EXPECT_LE(ranking["comprehensiveness"]["mean"], 1);
  }
  EXPECT_EQ(summary["ranking_agreement"].size(), 36u);
  const std::size_t count = summary["methods"].size();
  EXPECT_EQ(summary["agreement"].size(), count * (count - 1) / 2);
  // with the first one named, each other method and the optimum by five measures
  EXPECT_EQ(summary["comparisons"].size(), (count - 1) * 5);
  for (const auto& comparison : summary["comparisons"]) EXPECT_EQ(comparison["against"], "pure-attention");
  const auto verified = program({"verify", "ranked"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
}

// What changes an answer does not depend on the batches, nor do a run's batches on where it was killed.
TEST_F(RunCommand, SetsOfABlockGoThroughTheModelTogether) {
  ASSERT_EQ(program({"run", "run.yaml", "--output", "apart"}).exit_code, 0);
  const auto journal = root_ / "together/samples.jsonl";
  const auto killed = program({"run", "run.yaml", "batches=block", "--output", "together"},
                              [&] { return fs::exists(journal) && fs::file_size(journal) > 0; });
  ASSERT_EQ(killed.exit_code, -1);
  const auto resumed = program({"run", "--resume", "together", "--ranks", "2"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(contents("together/samples.jsonl"), contents("apart/samples.jsonl"));
  EXPECT_THAT(contents("together/config.yaml"), HasSubstr("batches: \"block\""));
  const auto verified = program({"verify", "together"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(program({"run", "run.yaml", "batches=all"}).err, HasSubstr("batches"));
}

TEST_F(RunCommand, GraphsOfTheNextBlockAreLearnedAhead) {
  for (const std::string batches : {"batches=sample", "batches=block"}) {
    SCOPED_TRACE(batches);
    ASSERT_EQ(program({"run", "run.yaml", batches, "--output", "in_turn"}).exit_code, 0);
    const auto journal = root_ / "ahead/samples.jsonl";
    const auto killed = program({"run", "run.yaml", "ahead=true", batches, "--output", "ahead"},
                                [&] { return fs::exists(journal) && fs::file_size(journal) > 0; });
    ASSERT_EQ(killed.exit_code, -1);
    const auto resumed = program({"run", "--resume", "ahead"});
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(contents("ahead/samples.jsonl"), contents("in_turn/samples.jsonl"));
    fs::remove_all(root_ / "in_turn");
    fs::remove_all(root_ / "ahead");
  }
}

TEST_F(RunCommand, AKilledRunContinuesToTheSameBytes) {
  ASSERT_EQ(program({"run", "run.yaml", "--output", "unbroken"}).exit_code, 0);
  const auto journal = root_ / "killed/samples.jsonl";
  const auto killed = program({"run", "run.yaml", "--output", "killed"},
                              [&] { return fs::exists(journal) && fs::file_size(journal) > 0; });
  ASSERT_EQ(killed.exit_code, -1);
  ASSERT_FALSE(fs::exists(root_ / "killed/summary.json"));

  for (const char* command : {"report", "verify"}) {
    const auto told = program({command, "killed"});
    EXPECT_EQ(told.exit_code, 0) << told.err;
    EXPECT_THAT(told.err, AllOf(HasSubstr("warning: the run is not finished: it holds "),
                                HasSubstr(" of its 40 samples; `whyformer run --resume killed`")));
  }
  EXPECT_THAT(contents("killed/report.html"), HasSubstr("the run is not finished: it holds "));

  const auto resumed = program({"run", "--resume", "killed"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(program({"verify", "killed"}).err, "");
  for (const char* name : kResults)
    EXPECT_EQ(contents(text("killed/", name)), contents(text("unbroken/", name))) << name;
}

TEST_F(RunCommand, ARunCutAnywhereContinuesToTheSameBytes) {
  ASSERT_EQ(program({"run", "run.yaml", "--output", "one"}).exit_code, 0);
  const auto size = fs::file_size(root_ / "one/samples.jsonl");
  for (const std::uintmax_t kept : {std::uintmax_t{0}, size / 3, size - 1, size}) {
    fs::remove_all(root_ / "cut");
    fs::copy(root_ / "one", root_ / "cut", fs::copy_options::recursive);
    fs::resize_file(root_ / "cut/samples.jsonl", kept);
    for (const char* name : {"metrics.csv", "summary.json", "report.html"}) fs::remove(root_ / "cut" / name);
    const auto resumed = program({"run", "run.yaml", "--resume", "cut"});
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    for (const char* name : kResults)
      EXPECT_EQ(contents(text("cut/", name)), contents(text("one/", name))) << name << " cut to " << kept;
  }
}

// The same films as the official MovieLens folders give them.
TEST_F(RunCommand, DataMayBeInAnyOfItsFormats) {
  std::istringstream lines(contents("data/films.inter"));
  std::string line, ratings, tabs;
  std::getline(lines, line);  // the header
  for (std::string user, item, time; lines >> user >> item >> time;) {
    ratings += text(user, "::", item, "::5::", time, '\n');
    tabs += text(user, '\t', item, "\t5\t", time, '\n');
  }
  for (const char* folder : {"ml-1m", "ml-100k"}) fs::create_directories(root_ / folder);
  write_file(root_ / "ml-1m/ratings.dat", ratings);
  write_file(root_ / "ml-1m/movies.dat",
             "100::Mis\xe9rables, Les (1995)::Drama\n101::Film 1 (1981)::Drama\n");
  write_file(root_ / "ml-100k/u.data", tabs);
  ASSERT_EQ(program({"run", "run.yaml", "limit=8", "--output", "from-data"}).exit_code, 0);
  for (const std::string format : {"ml-1m", "ml-100k"}) {
    const auto run = program({"run", "run.yaml", "limit=8", "data=" + format, "--output", "from-" + format});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(contents("from-" + format + "/samples.jsonl"), contents("from-data/samples.jsonl"));
  }
  const auto explained = program({"explain", "--model", "model", "--data", "ml-1m", "--items",
                                  "Mis\u00e9rables, Les (1995); Film 1 (1981); 102; 103"});
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_THAT(mistake({"run", "run.yaml", "data=model"}),
              HasSubstr("model holds no interactions: wanted NAME.inter (RecBole), u.data (ml-100k) or "
                        "ratings.dat (ml-1m)"));
}

TEST_F(RunCommand, OptionsAreOverrides) {
  const auto printed =
      program({"run", "run.yaml", "sets.heads=1", "--limit", "3", "--threads", "2", "--print-config"});
  ASSERT_EQ(printed.exit_code, 0) << printed.err;
  EXPECT_THAT(printed.out,
              AllOf(HasSubstr("heads: \"1\"\n"), HasSubstr("limit: 3\n"), HasSubstr("threads: 2\n"),
                    HasSubstr("name: \"run\"\n"), HasSubstr("alpha: 0.2\n")));
  write_file(root_ / "printed.yaml", printed.out);
  EXPECT_EQ(program({"run", "printed.yaml", "--print-config"}).out, printed.out);
}

TEST_F(RunCommand, WithoutOutputTheFolderIsNamedAfterTheConfiguration) {
  const auto run = program({"run", "run.yaml", "--limit", "1"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nruns/run/2"));
}

TEST_F(RunCommand, ValidateReadsEverythingButTheWeights) {
  const auto good = program({"validate", "run.yaml", "limit=5", "split=validation"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out,
              HasSubstr("5 samples of validation users' data in data, explained on model (16 items"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "model=nowhere"}),
              HasSubstr("the model nowhere does not exist"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "history_limit=7"}),
              HasSubstr("history_limit is 7, and model sees 6 items at most"));
  EXPECT_EQ(program({"validate", "run.yaml", "history_limit=6"}).exit_code, 0);
  EXPECT_THAT(mistake({"validate", "run.yaml", "history_limit=1"}),
              HasSubstr("history_limit is 1, and without that item nothing is left"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "controls=[permuted, permuted]"}),
              HasSubstr("run.yaml: controls names \"permuted\" twice"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "graph.alpha=0"}),
              HasSubstr("run.yaml: alpha must lie between 0 and 1, not be 0"));
  EXPECT_THAT(mistake({"validate", "run.yaml", "sets.max_calls=0"}),
              HasSubstr("between 1 and 1000000, not 0"));
  write_file(root_ / "training.yaml", "architecture: bert4rec\ndata: data\n");
  EXPECT_THAT(mistake({"validate", "training.yaml"}), HasSubstr("training.yaml configures a training"));
}

TEST_F(RunCommand, MistakesInTheConfiguration) {
  EXPECT_THAT(mistake({"run"}), HasSubstr("run needs a configuration"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--threads", "100000"}),
              HasSubstr("must be a whole number from 1 to 1024, not 100000"));
  EXPECT_THAT(mistake({"run", "nowhere.yaml"}), HasSubstr("the configuration nowhere.yaml does not exist"));
  EXPECT_THAT(mistake({"run", "run.yaml", "graph.alhpa=0.1"}), HasSubstr("did you mean \"alpha\"?"));
  EXPECT_THAT(
      mistake({"run", "run.yaml", "graph.samples=many"}),
      HasSubstr("run.yaml: samples must be hidden, head_dim, or a number of at least 4, not \"many\""));
  EXPECT_THAT(mistake({"run", "run.yaml", "sets.heads=7"}), HasSubstr("there is no head 7"));
  EXPECT_THAT(mistake({"run", "run.yaml", "name=../x"}), HasSubstr("cannot be a folder's name"));
  write_file(root_ / "broken.yaml", "task: recommendation\nmodel: [\n");
  EXPECT_THAT(mistake({"run", "broken.yaml"}), HasSubstr("broken.yaml:"));
  write_file(root_ / "empty.yaml", "");
  EXPECT_THAT(mistake({"run", "empty.yaml"}), HasSubstr("key \"task\" is missing"));
}

TEST_F(RunCommand, MistakesInModelAndData) {
  EXPECT_THAT(mistake({"run", "run.yaml", "model=data"}), HasSubstr("bundle.yaml"));
  EXPECT_THAT(mistake({"run", "run.yaml", "data=nowhere"}), HasSubstr("the data nowhere does not exist"));
  EXPECT_THAT(mistake({"run", "run.yaml", "data=model"}), HasSubstr("model"));

  fs::create_directories(root_ / "bad_data");
  write_file(root_ / "bad_data/x.inter", "user_id:token\titem_id:token\ttimestamp:float\nu\t100\n");
  EXPECT_THAT(mistake({"run", "run.yaml", "data=bad_data"}), HasSubstr("x.inter:2"));
  write_file(root_ / "bad_data/x.inter",
             "user_id:token\titem_id:token\ttimestamp:float\nu\t100\t1\nu\t101\t2\nu\t999\t3\n");
  EXPECT_THAT(mistake({"run", "run.yaml", "data=bad_data"}), HasSubstr("999"));
  write_file(root_ / "bad_data/x.inter", "user_id:token\titem_id:token\ttimestamp:float\nu\t100\t1\n");
  EXPECT_THAT(mistake({"run", "run.yaml", "data=bad_data"}), HasSubstr("no user with three items or more"));

  for (const char* file : {"model.safetensors", "bundle.yaml", "items.txt"}) {
    const auto damaged = copy_of_model(text("damaged_", file));
    fs::resize_file(damaged / file, fs::file_size(damaged / file) / 2);
    EXPECT_NE(mistake({"run", "run.yaml", "model=" + damaged.string(), "--output", "unwritten"}), "") << file;
    EXPECT_FALSE(fs::exists(root_ / "unwritten"));
  }
  EXPECT_THAT(mistake({"run", "run.yaml", "graph.search=ordicd", "--output", "unwritten"}),
              HasSubstr("search \"ordicd\" needs causal attention"));
  EXPECT_FALSE(fs::exists(root_ / "unwritten"));
}

TEST_F(RunCommand, ADeviceThatIsNotThere) {
  const std::string error = mistake({"run", "run.yaml", "--device", "cuda:77"});
  EXPECT_THAT(error, HasSubstr("device \"cuda:77\" was asked for, but there"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--device", "tpu"}), HasSubstr("unknown device \"tpu\""));
}

TEST_F(RunCommand, NothingThatIsThereIsLost) {
  fs::create_directories(root_ / "taken");
  write_file(root_ / "taken/results.txt", "a week's work");
  EXPECT_THAT(mistake({"run", "run.yaml", "--output", "taken"}), HasSubstr("taken exists and is not empty"));
  EXPECT_EQ(contents("taken/results.txt"), "a week's work");
  EXPECT_THAT(mistake({"run", "run.yaml", "--output", "taken/results.txt"}), HasSubstr("it is a file"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--output", "/proc/nowhere"}),
              HasSubstr("cannot make the run folder /proc/nowhere"));
}

TEST_F(RunCommand, ASecondProcessInTheSameFolderIsRefused) {
  const auto journal = root_ / "one/samples.jsonl";
  ASSERT_EQ(program({"run", "run.yaml", "--output", "one"},
                    [&] { return fs::exists(journal) && fs::file_size(journal) > 0; })
                .exit_code,
            -1);
  const std::string samples = contents("one/samples.jsonl");
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--ranks", "2"}}) {
    const FileLock first(journal);  // as a process that runs in it holds it
    std::vector<std::string> arguments = {"run", "--resume", "one"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto second = program(arguments);
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_THAT(second.err,
                HasSubstr("another process is writing one/samples.jsonl; wait for its end, or stop it"));
    EXPECT_EQ(contents("one/samples.jsonl"), samples);
  }
  ASSERT_EQ(program({"run", "--resume", "one"}).exit_code, 0);
  ASSERT_EQ(program({"run", "run.yaml", "--output", "undisturbed"}).exit_code, 0);
  EXPECT_EQ(contents("one/samples.jsonl"), contents("undisturbed/samples.jsonl"));
}

TEST_F(RunCommand, ResumeRefusesAnotherRun) {
  ASSERT_EQ(program({"run", "run.yaml", "--output", "done", "--limit", "4"}).exit_code, 0);
  const std::string samples = contents("done/samples.jsonl");
  EXPECT_THAT(mistake({"run", "--resume", "nowhere"}), HasSubstr("there is no run folder nowhere"));
  EXPECT_THAT(mistake({"run", "--resume", "data"}), HasSubstr("data holds no run"));
  EXPECT_THAT(mistake({"run", "--resume", "done", "limit=2"}),
              HasSubstr("\"limit=2\" is an override, and overrides stand behind a configuration"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--resume", "done"}), HasSubstr("its limit is 4, not 0"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--resume", "done", "--print-config"}),
              HasSubstr("its limit is 4, not 0"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--resume", "nowhere", "--print-config"}),
              HasSubstr("there is no run folder nowhere"));
  EXPECT_THAT(program({"run", "--resume", "done", "--print-config"}).out, HasSubstr("limit: 4"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--resume", "done", "--output", "x"}),
              HasSubstr("--resume excludes --output"));
  EXPECT_THAT(mistake({"run", "run.yaml", "--limit", "4", "seed=9", "--resume", "done"}),
              HasSubstr("its seed is 1, not 9"));

  const std::string weights = contents("model/model.safetensors");
  auto other = weights;
  other.back() = static_cast<char>(other.back() ^ 1);
  write_file(root_ / "model/model.safetensors", other);
  EXPECT_THAT(
      mistake({"run", "--resume", "done"}),
      AllOf(HasSubstr("the model has changed since the run in done"), HasSubstr("model.safetensors")));
  EXPECT_THAT(mistake({"verify", "done"}), HasSubstr("the model has changed"));
  write_file(root_ / "model/model.safetensors", weights);

  const std::string titles = contents("data/films.item");
  write_file(root_ / "data/films.item", titles + "999\tNew\t2000\n");
  EXPECT_THAT(mistake({"run", "--resume", "done"}), HasSubstr("films.item is another"));
  write_file(root_ / "data/films.item", titles);
  EXPECT_EQ(contents("done/samples.jsonl"), samples);
  EXPECT_EQ(program({"run", "--resume", "done"}).exit_code, 0);
}

TEST_F(RunCommand, VerifyFindsASetThatDoesNothing) {
  ASSERT_EQ(program({"run", "run.yaml", "--output", "true", "--limit", "8"}).exit_code, 0);
  auto lines = whole_lines(root_ / "true/samples.jsonl");
  nlohmann::ordered_json first;  // with a set
  bool changed = false;
  for (auto& line : lines) {
    auto sample = nlohmann::ordered_json::parse(line);
    auto& sets = sample["methods"]["exhaustive"]["sets"];
    if (changed || sets.empty()) continue;
    first = sample;
    sets[0]["replacement"] = sample["recommended"];  // claims that nothing changes
    line = sample.dump();
    changed = true;
  }
  ASSERT_TRUE(changed);
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  write_file(root_ / "true/samples.jsonl", all);
  const auto verified = program({"verify", "true"});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_THAT(verified.err, HasSubstr("1 of "));

  auto& margin = first["methods"]["exhaustive"]["sets"][0]["margin"];
  margin = margin.get<double>() - 0.5;  // claims more than there is
  write_file(root_ / "true/samples.jsonl", first.dump() + "\n");
  const auto too_much = program({"verify", "true"});
  EXPECT_EQ(too_much.exit_code, 1);
  EXPECT_THAT(too_much.err, HasSubstr("1 of "));

  first["methods"] = nlohmann::ordered_json::object();
  write_file(root_ / "true/samples.jsonl", first.dump() + "\n");
  EXPECT_THAT(program({"verify", "true"}).err, HasSubstr("warning: the run reports no set"));

  write_file(root_ / "true/samples.jsonl", "not JSON\n" + all);
  EXPECT_THAT(mistake({"verify", "true"}), HasSubstr("samples.jsonl:1"));
  EXPECT_THAT(mistake({"verify", "nowhere"}), HasSubstr("there is no run folder nowhere"));
  write_file(root_ / "true/samples.jsonl", "");
  EXPECT_THAT(mistake({"verify", "true"}), HasSubstr("true holds no sample yet"));
}

}  // namespace
}  // namespace why
