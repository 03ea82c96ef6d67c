// `whyformer simulate` end to end.
#include <nlohmann/json.hpp>

#include "tests/experiments/commands/program_test.h"

namespace why {
namespace {

using testing::HasSubstr;

class Simulate : public ProgramTest {};

const std::vector<std::string> kFiles = {"true.dag", "true.mag",        "true.pag",
                                         "data.csv", "simulation.yaml", "README.txt"};

TEST_F(Simulate, WritesWhatDiscoverAndCompareRead) {
  output_of({"simulate", "--nodes", "12", "--degree", "3", "--latent", "2", "--selection", "1", "--samples",
             "5000", "--seed", "4", "--output", "sim"});
  for (const auto& name : kFiles) EXPECT_NE(contents("sim/" + name), "") << name;
  EXPECT_THAT(contents("sim/simulation.yaml"), HasSubstr("nodes: 12"));
  EXPECT_THAT(contents("sim/simulation.yaml"), HasSubstr("seed: 4"));

  // with a perfect oracle, FCI finds exactly true.pag
  const std::string pag = contents("sim/true.pag");
  EXPECT_EQ(output_of({"discover", "sim/true.dag", "--oracle"}), pag);
  // and on the data something near it
  output_of({"discover", "sim/data.csv", "--output", "found.txt"});
  const auto json =
      nlohmann::json::parse(output_of({"compare", "sim/true.pag", "found.txt", "--json", "--legal"}));
  EXPECT_GT(json["adjacency"]["f1"], 0.7);
  EXPECT_EQ(json["legal"]["true"]["pag"], true);
}

TEST_F(Simulate, TheSameSeedGivesTheSameBytes) {
  const auto simulate = [&](const char* seed, const char* folder) {
    output_of({"simulate", "--data", "discrete", "--graph", "scale-free", "--nodes", "6", "--degree", "2",
               "--samples", "50", "--seed", seed, "--output", folder});
  };
  simulate("1", "a"), simulate("1", "b"), simulate("2", "c");
  for (const auto& name : kFiles) EXPECT_EQ(contents("a/" + name), contents("b/" + name)) << name;
  EXPECT_NE(contents("a/data.csv"), contents("c/data.csv"));
}

// The whole way from a known truth: exact attention, all that a search asks is answered as by the oracle.
TEST_F(Simulate, WritesAttentionInWhichDiscoverFindsTheTruth) {
  output_of({"simulate", "--data", "attention", "--nodes", "8", "--degree", "2.5", "--latent", "2", "--heads",
             "2", "--samples", "500", "--seed", "1", "--output", "sim"});
  EXPECT_EQ(contents("sim/tokens.txt"), "X1\nX2\nX3\nX4\nX5\nX6\nX7\nX8\n\n\n");
  EXPECT_THAT(contents("sim/simulation.yaml"), HasSubstr("heads: 2"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "sim/data.csv"));
  const std::string pag = contents("sim/true.pag");
  EXPECT_EQ(output_of({"discover", "sim/true.dag", "--oracle"}), pag);
  for (const char* search : {"icd", "rfci"})
    EXPECT_EQ(output_of({"discover", "sim/attention.npy", "--attention", "--tokens", "sim/tokens.txt",
                         "--head", "1", "--samples", "1000000000", "--algorithm", search}),
              pag)
        << search;
  // the outputs hold 500 samples of the same
  output_of({"discover", "sim/outputs.npy", "--attention", "--estimator", "outputs", "--tokens",
             "sim/tokens.txt", "--samples", "500", "--output", "found"});
  const auto json = nlohmann::json::parse(output_of({"compare", "sim/true.pag", "found", "--json"}));
  EXPECT_GT(json["adjacency"]["f1"], 0.6);
}

TEST_F(Simulate, DrawsFromAGivenDag) {
  const std::string dag =
      file("my.dag",
           "observed: \"a, b\" \"say \\\"hi\\\"\"\nlatent: L\nL --> \"a, b\"\nL --> \"say \\\"hi\\\"\"\n");
  output_of({"simulate", "--dag", dag, "--samples", "20", "--output", "sim"});
  EXPECT_EQ(contents("sim/true.dag"), contents("my.dag"));
  EXPECT_THAT(contents("sim/data.csv"), testing::StartsWith("\"a, b\",\"say \"\"hi\"\"\"\n"));
  EXPECT_THAT(contents("sim/simulation.yaml"), testing::Not(HasSubstr("nodes:")));
}

// A table that no memory would hold.
TEST_F(Simulate, LeavesNothingBehindAfterCtrlC) {
  const auto begun = [&] { return std::filesystem::exists(folder_ / "sim/data.csv.tmp"); };
  const ProgramRun done =
      run_program({"simulate", "--nodes", "100", "--samples", "2000000000", "--output", "sim"}, folder_,
                  begun, "/dev/null", SIGINT);
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_EQ(done.err, "interrupted; nothing was written\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "sim"));
}

TEST_F(Simulate, FewNodesHaveTheirOwnDefaultDegree) {
  for (const char* nodes : {"1", "3"}) {
    const std::string folder = std::string("few") + nodes;
    const auto run = run_program({"simulate", "--nodes", nodes, "--output", folder}, folder_);
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }
  EXPECT_THAT(contents("few3/simulation.yaml"), HasSubstr("degree: 2"));
  expect_refused({"simulate", "--nodes", "3", "--degree", "3", "--output", "s"},
                 "a degree of 3 cannot be among 3 nodes");
}

TEST_F(Simulate, RefusesAUsedFolderAndWhatCannotBe) {
  std::filesystem::create_directories(folder_ / "used");
  file("used/mine.txt", "x");
  file("plain", "x");
  expect_refused({"simulate", "--output", "used"}, "--output used exists and is not an empty folder");
  expect_refused({"simulate", "--output", "plain"}, "--output plain exists and is not an empty folder");
  EXPECT_EQ(contents("used/mine.txt"), "x");
  expect_refused({"simulate"}, "--output");
  expect_refused({"simulate", "--output", "s", "--degree", "40"}, "a degree of 40 cannot be among 20 nodes");
  expect_refused({"simulate", "--output", "s", "--data", "poisson"}, "unknown kind of data \"poisson\"");
  expect_refused({"simulate", "--output", "s", "--levels", "4"},
                 "--levels has no meaning with --data gaussian");
  expect_refused({"simulate", "--output", "s", "--heads", "2"},
                 "--heads has no meaning with --data gaussian");
  expect_refused({"simulate", "--output", "s", "--data", "attention", "--selection", "1"},
                 "--selection has no meaning with --data attention");
  expect_refused({"simulate", "--output", "s", "--data", "attention", "--negative", "lost"},
                 "unknown way with negative weights \"lost\"; known: none, clipped, magnitude");
  expect_refused({"simulate", "--output", "s", "--data", "attention", "--temperature", "0"},
                 "the temperature is a number from 1e-100 to 1e+100, not 0");
  expect_refused({"simulate", "--output", "s", "--nodes", "100000000"}, "--nodes is 100000000; at most 5000");
  expect_refused({"simulate", "--output", "s", "--latent", "5001"}, "--latent is 5001; at most 5000");
  expect_refused({"simulate", "--output", "s", "--most-weight", "1e200"}, "--most-weight is 1e+200");
  expect_refused({"simulate", "--output", "s", "--most-noise", "inf"}, "--most-noise is inf");
  expect_refused({"simulate", "--output", "s", "--selection-parents", "1"},
                 "--selection-parents has no meaning without --selection");
  expect_refused({"simulate", "--output", "s", "--seed", "-1"}, "--seed: must be a whole number, 0 or more");
  expect_refused({"simulate", "--output", "s", "--samples", "0"}, "at least 1 sample");
  expect_refused({"simulate", "--output", "s", "--dag", "none.dag"}, "none.dag");
  expect_refused({"simulate", "--output", "s", "--dag", file("l.dag", "latent: L\n")},
                 "names no observed node");
  const std::string never =
      "latent: L\nobserved: A\nselection: S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 S13 S14 "
      "S15 S16 S17 S18 S19 S20\n";
  expect_refused({"simulate", "--output", "s", "--data", "discrete", "--dag", file("never.dag", never)},
                 "the selection nodes let fewer than one row in 10000 through");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "s"));
}

}  // namespace
}  // namespace why
