// `whyformer discover` end to end: files in, files and exit codes out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "core/npy.h"
#include "discovery/graph/formats.h"
#include "discovery/graph/notation.h"
#include "tests/discovery/literature.h"
#include "tests/experiments/program.h"

namespace why {
namespace {

using testing::HasSubstr;

class Discover : public testing::Test {
 protected:
  Discover() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / text("discover_command_", ::getpid(), "_", test->name());
    std::filesystem::create_directories(folder_);
  }
  ~Discover() override { std::filesystem::remove_all(folder_); }

  // The name of a new file.
  std::string file(const std::string& name, const std::string& contents) const {
    write_file(folder_ / name, contents);
    return name;
  }
  std::string attention_file(const std::string& name, std::vector<std::int64_t> shape,
                             std::vector<float> values) const {
    write_npy(folder_ / name, {std::move(shape), std::move(values)});
    return name;
  }
  ProgramRun discover(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "discover");
    return run_program(arguments, folder_);
  }
  // One sentence on stderr, nothing on stdout, exit code 2.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& sentence) const {
    const ProgramRun run = discover(arguments);
    EXPECT_EQ(run.exit_code, 2) << sentence;
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr(sentence));
    EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
  }

  std::filesystem::path folder_;
};

TEST_F(Discover, FindsAndVerifiesThePagsOfTheLiterature) {
  int verified = 0;
  for (const KnownPag& known : known_pags()) {
    const std::string dag = file("dag.txt", known.dag);
    const NamedGraph pag = parse_graph(known.pag);
    for (const char* algorithm : {"fci", "icd"}) {
      std::vector<std::string> arguments = {dag, "--oracle", "--algorithm", algorithm};
      if (pag.names.size() <= 8) arguments.push_back("--verify");
      verified += pag.names.size() <= 8;
      const ProgramRun run = discover(arguments);
      EXPECT_EQ(run.exit_code, 0) << known.source << run.err;
      EXPECT_EQ(run.out, to_edges(pag.graph, pag.names)) << known.source << ", " << algorithm;
    }
  }
  EXPECT_GE(verified, 30);
}

TEST_F(Discover, WritesEdgesSortedWithTheSmallerNameFirst) {
  const std::string dag =
      file("dag.txt",
           "observed: 3 4 5 6 7 alone \"two words\"\nlatent: 1 2\n1 --> 5\n1 --> 6\n2 --> 4\n"
           "2 --> 7\n3 --> 4\n3 --> 6\n4 --> 5\n6 --> 7\n5 --> \"two words\"\n");
  EXPECT_EQ(discover({dag, "--oracle"}).out,
            "nodes: 3 4 5 6 7 alone \"two words\"\n3 o-> 4\n3 o-> 6\n4 --> 5\n4 <-> 7\n5 --> \"two words\"\n"
            "5 <-> 6\n6 --> 7\n");
}

// A chain with noise, X --> Y --> Z, and W on its own; `constant` cells to spoil it.
std::string table(int rows = 500) {
  std::mt19937 engine(1);
  const auto noise = [&] { return static_cast<double>(engine() % 2001) / 1000 - 1; };
  std::string out = "X,Y,Z,W\n";
  for (int row = 0; row < rows; ++row) {
    const double x = noise(), y = x + noise(), z = y + noise();
    out += std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + "," +
           std::to_string(noise()) + "\n";
  }
  return out;
}

// y follows x and z follows y, as words; w is on its own.
std::string categories(int rows = 600) {
  std::mt19937 engine(5);
  const char* const kWords[] = {"red", "green, dark", "blue"};
  std::string out = "x,y,z,w\n";
  for (int row = 0; row < rows; ++row) {
    const auto x = engine() % 3, y = engine() % 10 < 7 ? x : engine() % 3,
               z = engine() % 10 < 7 ? y : engine() % 3;
    out += text('"', kWords[x], "\",", y, ",\"", kWords[z], "\",", engine() % 2 ? "yes" : "no", "\n");
  }
  return out;
}

TEST_F(Discover, LearnsAChainFromATable) {
  const std::string csv = file("t.csv", table());
  const char* const kSkeleton = "nodes: W X Y Z\nX o-o Y\nY o-o Z\n";
  EXPECT_EQ(discover({csv}).out, kSkeleton);
  EXPECT_EQ(discover({csv, "--algorithm", "icd"}).out, kSkeleton);
  EXPECT_EQ(discover({csv, "--algorithm", "pc"}).out, "nodes: W X Y Z\nX --- Y\nY --- Z\n");
}

TEST_F(Discover, SaysThatPossibleDSepSetsAreBoundedOnData) {
  const std::string csv = file("t.csv", table());
  EXPECT_THAT(discover({csv}).err, HasSubstr("at most 3 variables"));
  EXPECT_EQ(discover({csv, "--max-pds-order", "none"}).err, "");
  EXPECT_EQ(discover({csv, "--algorithm", "icd"}).err, "");
}

TEST_F(Discover, LearnsTheSameFromTheCorrelationMatrix) {
  // X --> Y --> Z: .7, .7, .49
  const std::string csv = file("r.csv", "X,Y,Z\n1,.7,.49\n.7,1,.7\n.49,.7,1\n");
  const ProgramRun run = discover({csv, "--correlation", "--samples", "200"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "X o-o Y\nY o-o Z\n");
}

TEST_F(Discover, WritesJsonWithEverythingAsked) {
  const std::string csv = file("t.csv", table());
  const ProgramRun run = discover({csv, "--format", "json", "--alpha", "0.001"});
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_EQ(json["algorithm"], "fci");
  EXPECT_EQ(json["input"]["samples"], 500);
  EXPECT_EQ(json["options"]["alpha"], .001);
  EXPECT_EQ(json["options"]["max_order"], nullptr);
  EXPECT_EQ(json["options"]["max_pds_order"], 3);
  EXPECT_EQ(json["nodes"], nlohmann::json({"W", "X", "Y", "Z"}));
  ASSERT_EQ(json["edges"].size(), 2);
  EXPECT_EQ(json["edges"][0], nlohmann::json({{"x", "X"},
                                              {"y", "Y"},
                                              {"mark_x", "circle"},
                                              {"mark_y", "circle"},
                                              {"edge", "X o-o Y"},
                                              {"reason_x", nullptr},
                                              {"reason_y", nullptr}}));
  ASSERT_EQ(json["separating_sets"].size(), 4);  // W from all three, X from Z
  const auto& sepset = json["separating_sets"][3];
  EXPECT_EQ(sepset["x"], "X");
  EXPECT_EQ(sepset["y"], "Z");
  EXPECT_EQ(sepset["set"], nlohmann::json({"Y"}));
  EXPECT_EQ(sepset["order"], 1);
  EXPECT_EQ(sepset["stage"], "adjacency");
  EXPECT_GT(sepset["p_value"], .001);
  EXPECT_EQ(json["tests"]["by_order"][0], 6);
  EXPECT_EQ(json["tests"]["degenerate"], 0);
  EXPECT_GE(json["seconds"], 0);
  EXPECT_TRUE(json["warnings"].empty());
}

TEST_F(Discover, WritesDot) {
  const ProgramRun run = discover({file("t.csv", table()), "--format", "dot"});
  EXPECT_THAT(run.out, HasSubstr("digraph"));
  EXPECT_THAT(run.out, HasSubstr("\"W\""));
}

TEST_F(Discover, ReplacesTheOutputFile) {
  const std::string csv = file("t.csv", table()), out = file("g.txt", "old");
  const ProgramRun run = discover({csv, "--output", out});
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(read_file(folder_ / out), "nodes: W X Y Z\nX o-o Y\nY o-o Z\n");
}

TEST_F(Discover, DoesNotDependOnThreadsOrOnTheOrderOfColumns) {
  std::string forward = "a,b,c,d,e,f\n", backward = "f,e,d,c,b,a\n";
  std::mt19937 engine(3);
  for (int row = 0; row < 60; ++row) {
    std::vector<std::string> cells;
    double last = 0;
    for (int column = 0; column < 6; ++column) {
      last = last / 2 + static_cast<double>(engine() % 1000);
      cells.push_back(std::to_string(last));
    }
    for (std::size_t i = 0; i < 6; ++i) {
      forward += cells[i] + (i < 5 ? "," : "\n");
      backward += cells[5 - i] + (i < 5 ? "," : "\n");
    }
  }
  const std::string one = file("forward.csv", forward), other = file("backward.csv", backward);
  for (const std::vector<std::string>& search :
       std::vector<std::vector<std::string>>{{"pc"},
                                             {"pc", "--colliders", "majority"},
                                             {"fci"},
                                             {"fci", "--colliders", "conservative"},
                                             {"fci", "--colliders", "max-p"},
                                             {"icd"},
                                             {"rfci"},
                                             {"ordicd", "--order", "b a c d f e"}}) {
    const auto json = [&](const std::string& file, const char* threads) {
      std::vector<std::string> arguments = {file,    "--format", "json", "--threads",
                                            threads, "--alpha",  "0.2",  "--algorithm"};
      arguments.insert(arguments.end(), search.begin(), search.end());
      auto out = nlohmann::json::parse(discover(arguments).out);
      out["input"].erase("file");
      out["options"].erase("threads");
      out.erase("seconds");
      return out;
    };
    EXPECT_EQ(json(one, "1"), json(one, "4")) << search[0];
    EXPECT_EQ(json(one, "1"), json(other, "1")) << search[0];
  }
}

// A graph on which FCI, RFCI and the rules do different things.
constexpr char kSpirtes[] =
    "observed: 3 4 5 6 7\nlatent: 1 2\n1 --> 5\n1 --> 6\n2 --> 4\n2 --> 7\n3 --> 4\n3 --> 6\n4 --> 5\n"
    "6 --> 7\n";
constexpr char kSpirtesPag[] = "3 o-> 4\n3 o-> 6\n4 --> 5\n4 <-> 7\n5 <-> 6\n6 --> 7\n";

TEST_F(Discover, LeavesOutPossibleDSepOnRequest) {
  const std::string dag = file("dag.txt", kSpirtes);
  // 5 and 7 are separated by possible-d-sep nodes only
  const std::string one_more = "3 o-> 4\n3 o-> 6\n4 --> 5\n4 <-> 7\n5 <-> 6\n5 <-> 7\n6 --> 7\n";
  EXPECT_EQ(discover({dag, "--oracle"}).out, kSpirtesPag);
  EXPECT_EQ(discover({dag, "--oracle", "--no-pds"}).out, one_more);
  EXPECT_EQ(discover({dag, "--oracle", "--algorithm", "rfci"}).out, one_more);
  const std::string csv = file("t.csv", table());
  EXPECT_THAT(discover({csv, "--no-pds"}).err, HasSubstr("a bound was hit: max-pds-order 0"));
}

TEST_F(Discover, WritesTheRuleAndThePathOfEveryMark) {
  const auto json =
      nlohmann::json::parse(discover({file("dag.txt", kSpirtes), "--oracle", "--format", "json"}).out);
  int marks = 0;
  for (const auto& edge : json["edges"])
    for (const char* end : {"x", "y"}) {
      const bool circle = edge[text("mark_", end)] == "circle";
      EXPECT_EQ(edge[text("reason_", end)].is_null(), circle) << edge;
      marks += !circle;
    }
  EXPECT_EQ(marks, 10);
  EXPECT_EQ(json["edges"][2]["edge"], "4 --> 5");
  EXPECT_EQ(json["edges"][2]["reason_x"], nlohmann::json({{"rule", "R1"}, {"path", {"3", "4", "5"}}}));
  EXPECT_EQ(json["edges"][2]["reason_y"], nlohmann::json({{"rule", "R0"}, {"path", {"4", "5", "6"}}}));
}

TEST_F(Discover, TellsWhy) {
  const std::string dag = file("dag.txt", kSpirtes);
  EXPECT_EQ(discover({dag, "--oracle", "--why", "4,6"}).out,
            "4 and 6 are not adjacent.\nThey are independent given {3}: p = 1, order 1, stage adjacency.\n");
  const std::string joined = discover({dag, "--oracle", "--why", "4, 5", "--output", "why.txt"}).out;
  EXPECT_EQ(joined, "");
  EXPECT_THAT(read_file(folder_ / "why.txt"), HasSubstr("At 4 a tail. R1: an arrowhead comes from 3 to 4"));
}

TEST_F(Discover, TakesACausalOrder) {
  const std::string csv = file("t.csv", table());
  const char* const kOrdered = "nodes: W X Y Z\nX o-> Y\nY --> Z\n";
  for (const char* how : {"X Y Z W", "X, Y, Z, W"})
    EXPECT_EQ(discover({csv, "--algorithm", "ordicd", "--order", how}).out, kOrdered);
  EXPECT_EQ(discover({csv, "--algorithm", "ordicd", "--columns-in-order"}).out, kOrdered);
  EXPECT_EQ(discover({csv, "--algorithm", "ordicd", "--columns-in-order", "--node-by-node"}).out, kOrdered);
  EXPECT_EQ(discover({csv, "--algorithm", "ordicd", "--order", "Z Y X W"}).out,
            "nodes: W X Y Z\nX <-- Y\nY <-o Z\n");
}

TEST_F(Discover, TakesKnowledge) {
  const std::string csv = file("t.csv", table());
  const std::string ours =
      file("ours.txt", "tier: X W\ntier: Y Z\nrequired: W --> Z  # whatever the data say\n");
  const std::string tetrads =
      file("tetrads.txt", "/knowledge\naddtemporal\n1 X W\n2 Y Z\n\nforbiddirect\n\nrequiredirect\nW Z\n");
  for (const std::string& known : {ours, tetrads})
    for (const char* algorithm : {"fci", "icd", "rfci"})
      EXPECT_EQ(discover({csv, "--algorithm", algorithm, "--knowledge", known}).out,
                "W --> Z\nX o-> Y\nY --> Z\n")
          << algorithm;
  EXPECT_EQ(discover({csv, "--algorithm", "pc", "--knowledge", ours}).out, "W --> Z\nX --> Y\nY --> Z\n");
  EXPECT_THAT(discover({csv, "--knowledge", ours}).err, HasSubstr("knowledge excludes selection"));
  EXPECT_EQ(discover({csv, "--knowledge", ours, "--why", "W,Z"}).out,
            "W --> Z\nThe pair was not asked about.\n"
            "At W a tail. required: the knowledge requires this edge.\n"
            "At Z an arrowhead. required: the knowledge requires this edge.\n");
  const auto json = nlohmann::json::parse(discover({csv, "--knowledge", ours, "--format", "json"}).out);
  EXPECT_EQ(json["options"]["knowledge"], "ours.txt");
  EXPECT_EQ(json["options"]["selection_bias"], false);
  EXPECT_EQ(json["edges"][1]["reason_y"], nlohmann::json({{"rule", "tier"}, {"path", {"X", "Y"}}}));
}

TEST_F(Discover, RefusesKnowledgeThatStatesNothing) {
  const std::string csv = file("t.csv", table());
  for (const char* nothing : {"", "# later\n\n", "/knowledge\naddtemporal\n\n"})
    expect_refused({csv, "--knowledge", file("nothing.txt", nothing)}, "nothing.txt states nothing");
  expect_refused({csv, "--order", " "}, "--order");
}

// Correlations of .5 among 26 variables in so many rows that nothing is independent: a search of some 10^9
// sets.
std::string dense() {
  std::string out;
  for (int x = 0; x < 26; ++x) out += text(x ? "," : "", "x", 10 + x);
  for (int x = 0; x < 26; ++x)
    for (int y = 0; y < 26; ++y) out += text(y ? "," : "\n", x == y ? "1" : ".5");
  return out + "\n";
}

TEST_F(Discover, EndsAtTheTimeLimitWithASoundGraph) {
  const std::string csv = file("dense.csv", dense());
  for (const char* algorithm : {"icd", "fci", "rfci", "pc"}) {
    const ProgramRun run = discover({csv, "--correlation", "--samples", "1000000", "--algorithm", algorithm,
                                     "--time-limit", "0.3", "--format", "json"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, HasSubstr("warning: the time limit of 0.3 s was reached after "));
    const auto json = nlohmann::json::parse(run.out);
    EXPECT_EQ(json["stopped_by"], "time-limit");
    EXPECT_EQ(json["edges"].size(), 26 * 25 / 2);
  }
  EXPECT_EQ(
      nlohmann::json::parse(
          discover({file("t.csv", table()), "--time-limit", "3600", "--format", "json"}).out)["stopped_by"],
      nullptr);
}

TEST_F(Discover, EndsOnCtrlCWithASoundGraph) {
  const std::string csv = file("dense.csv", dense());
  const std::vector<std::string> arguments = {"discover", csv,        "--correlation", "--samples",
                                              "1000000",  "--output", "g.txt"};
  // told of just before the search
  const auto searching = [&] {
    const auto err = folder_ / "program.err";
    return std::filesystem::exists(err) && read_file(err).find("possible-d-sep") != std::string::npos;
  };
  const ProgramRun run = run_program(arguments, folder_, searching, "/dev/null", SIGINT);
  EXPECT_EQ(run.exit_code, 130) << run.err;
  EXPECT_THAT(run.err, HasSubstr("warning: interrupted after "));
  EXPECT_EQ(std::ranges::count(read_file(folder_ / "g.txt"), '\n'), 26 * 25 / 2);
}

TEST_F(Discover, SaysThatNothingWasResampledWhereTheSearchWasEnded) {
  const std::string csv = file("t.csv", table(150));
  const auto ended = [&](const char* format) {
    return discover({csv, "--bootstrap", "40", "--time-limit", "1e-9", "--format", format});
  };
  const ProgramRun json = ended("json");
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_THAT(json.err,
              HasSubstr("ended early (time-limit) before any of the 40 resampled tables was searched: "
                        "there are no frequencies"));
  const auto bootstrap = nlohmann::json::parse(json.out)["bootstrap"];
  EXPECT_EQ(bootstrap["samples"], 40);
  EXPECT_EQ(bootstrap["done"], 0);
  EXPECT_TRUE(bootstrap["pairs"].empty());
  EXPECT_THAT(ended("edges").out, testing::AllOf(HasSubstr("W o-o X\n"), testing::Not(HasSubstr("#"))));
  EXPECT_THAT(ended("graphml").out, testing::Not(HasSubstr("frequency")));
}

TEST_F(Discover, TellsHowOftenResampledTablesGiveAnEdge) {
  const std::string csv = file("t.csv", table(150)), words = file("c.csv", categories(300));
  for (std::vector<std::string> arguments :
       std::vector<std::vector<std::string>>{{csv},
                                             {csv, "--algorithm", "icd", "--test", "t"},
                                             {words, "--test", "g2", "--algorithm", "rfci"}}) {
    arguments.insert(arguments.end(), {"--bootstrap", "40", "--seed", "7"});
    const auto json = [&](const char* threads) {
      auto again = arguments;
      again.insert(again.end(), {"--format", "json", "--threads", threads});
      return nlohmann::json::parse(discover(again).out);
    };
    const auto found = json("1");
    EXPECT_EQ(found["bootstrap"], json("3")["bootstrap"]);
    EXPECT_EQ(found["bootstrap"]["done"], 40);
    std::map<std::string, double> edge;
    for (const auto& pair : found["bootstrap"]["pairs"]) {
      edge[pair["x"].get<std::string>() + pair["y"].get<std::string>()] = pair["edge"];
      for (const char* end : {"at_x", "at_y"})
        EXPECT_NEAR(pair[end]["circle"].get<double>() + pair[end]["arrow"].get<double>() +
                        pair[end]["tail"].get<double>(),
                    pair["edge"].get<double>(), 1e-12);
    }
    const bool numbers = arguments[0] == csv;
    EXPECT_EQ(edge[numbers ? "XY" : "xy"], 1);
    EXPECT_EQ(edge[numbers ? "YZ" : "yz"], 1);
    EXPECT_LT(edge[numbers ? "WX" : "wx"], .5);
    const std::string text = discover(arguments).out;
    EXPECT_THAT(text,
                testing::ContainsRegex(numbers ? "X o-o Y  # 1; X: circle" : "x o-o y  # 1; x: circle"));
    // read as what it is without the comments
    const NamedGraph read = parse_edges(text, "out");
    EXPECT_EQ(read.graph.num_edges(), found["edges"].size());
  }
  const std::string dot = discover({csv, "--bootstrap", "40", "--seed", "7", "--format", "dot"}).out;
  EXPECT_THAT(dot, testing::ContainsRegex(
                       "\"X\" -> \"Y\" .*arrowhead=odot, label=\"1\", taillabel=\"(1|0[.][0-9]+)\""));
  EXPECT_THAT(dot, testing::ContainsRegex("\"Y\" -> \"Z\" .*label=\"1\", taillabel="));
  const std::string graphml = discover({csv, "--bootstrap", "40", "--seed", "7", "--format", "graphml"}).out;
  EXPECT_THAT(graphml, testing::ContainsRegex(
                           "<data key=\"frequency\">1</data><data key=\"frequency_source\">[0-9.]+</data>"
                           "<data key=\"frequency_target\">[0-9.]+</data></edge>"));
  EXPECT_THAT(graphml, HasSubstr("<key id=\"frequency\" for=\"edge\""));
  EXPECT_EQ(to_edges(parse_graphml(graphml, "g").graph, parse_graphml(graphml, "g").names),
            to_edges(parse_dot(dot, "d").graph, parse_dot(dot, "d").names));
  const ProgramRun svg = discover({csv, "--bootstrap", "40", "--seed", "7", "--format", "svg"});
  if (svg.exit_code == 0) {
    EXPECT_THAT(svg.out, testing::ContainsRegex("<text [^>]*>1</text>"));
  }
  const auto pairs = [&](const char* seed) {
    return nlohmann::json::parse(
        discover({csv, "--bootstrap", "40", "--seed", seed, "--format", "json"}).out)["bootstrap"]["pairs"];
  };
  EXPECT_NE(pairs("1"), pairs("2"));
  const std::string rare = file("rare.csv", "a,b\n0,1\n0,2\n0,3\n1,2\n");
  EXPECT_THAT(discover({rare, "--bootstrap", "50"}).err, HasSubstr("resampled tables had a constant column"));
}

TEST_F(Discover, LeavesOutTheRulesOfSelectionOnRequest) {
  // the four-cycle that selection makes (pywhy-graphs, issue 93)
  const std::string dag =
      file("dag.txt",
           "observed: A B C D\nselection: S1 S2 S3 S4\nA --> S1\nB --> S1\nB --> S2\nC --> S2\nC --> S3\n"
           "D --> S3\nD --> S4\nA --> S4\n");
  for (const char* algorithm : {"fci", "icd", "rfci"}) {
    EXPECT_EQ(discover({dag, "--oracle", "--algorithm", algorithm}).out,
              "A --- B\nA --- D\nB --- C\nC --- D\n");
    EXPECT_EQ(discover({dag, "--oracle", "--algorithm", algorithm, "--no-selection-bias"}).out,
              "A o-o B\nA o-o D\nB o-o C\nC o-o D\n");
  }
}

TEST_F(Discover, LetsARuleDecideOnColliders) {
  const std::string csv = file("t.csv", table(40));
  for (const char* rule : {"sepset", "conservative", "majority", "max-p"})
    for (const char* algorithm : {"pc", "fci"}) {
      const ProgramRun run =
          discover({csv, "--algorithm", algorithm, "--colliders", rule, "--format", "json"});
      EXPECT_EQ(nlohmann::json::parse(run.out)["options"]["colliders"], rule) << run.err;
    }
  // {} and {y} both separate x and z at this alpha, so nobody can tell whether y is a collider
  const std::string unsure = file("r.csv", "x,y,z\n1,.4,.12\n.4,1,.4\n.12,.4,1\n");
  const ProgramRun run = discover({unsure, "--correlation", "--samples", "200", "--colliders", "conservative",
                                   "--algorithm", "pc", "--format", "json"});
  EXPECT_EQ(nlohmann::json::parse(run.out)["unsure_triples"], nlohmann::json({{"x", "y", "z"}}));
  EXPECT_THAT(run.err, HasSubstr("collider rule cannot decide: 1"));
}

TEST_F(Discover, RepeatsTheReferencesChoicesOnRequest) {
  // its R10 follows paths that are not possibly directed: e --> f, where e o-> f is all that can be told
  const std::string dag = file(
      "dag.txt",
      "observed: a b c d e f g h\na --> e\na --> f\na --> h\nb --> a\nb --> c\nd --> b\nd --> f\ne --> c\n"
      "e --> f\nf --> c\nf --> h\n");
  EXPECT_EQ(discover({dag, "--oracle", "--algorithm", "icd", "--verify"}).exit_code, 0);
  const ProgramRun run =
      discover({dag, "--oracle", "--algorithm", "icd", "--compat", "reference", "--verify"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("In e --> f the tail at e is unsound"));
  // negative correlation is independence to the test of 2023
  const std::string csv = file("r.csv", "a,b\n1,-.9\n-.9,1\n");
  const auto edges = [&](const char* compat) {
    return discover({csv, "--correlation", "--samples", "100", "--algorithm", "icd", "--compat", compat}).out;
  };
  EXPECT_EQ(edges("reference"), "a o-o b\n");
  EXPECT_EQ(edges("reference-2023"), "nodes: a b\n");
}

TEST_F(Discover, WritesTheGraphOfEveryRoundOfIcd) {
  const ProgramRun run = discover(
      {file("dag.txt", kSpirtes), "--oracle", "--algorithm", "icd", "--snapshots", "--format", "json"});
  const auto rounds = nlohmann::json::parse(run.out)["rounds"];
  ASSERT_GE(rounds.size(), 3);
  EXPECT_EQ(rounds[0]["order"], 0);
  EXPECT_GT(rounds[0]["edges"].size(), rounds[2]["edges"].size());
  EXPECT_EQ(rounds.back()["edges"].size(), 6);
}

TEST_F(Discover, KeepsTheEdgesOfEqualColumnsAndSaysSo) {
  // b is a copy of a; c and d depend on both
  std::string csv = "a,b,c,d\n";
  std::mt19937 engine(2);
  for (int row = 0; row < 100; ++row) {
    const auto a = engine() % 1000, c = a + engine() % 1000, d = c + engine() % 1000;
    csv += std::to_string(a) + "," + std::to_string(a) + "," + std::to_string(c) + "," + std::to_string(d) +
           "\n";
  }
  for (const char* algorithm : {"pc", "fci", "icd"}) {
    const ProgramRun run = discover({file("t.csv", csv), "--algorithm", algorithm});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, HasSubstr("warning: perfectly correlated: \"a\" and \"b\""));
    EXPECT_THAT(run.err, HasSubstr("tests were degenerate"));
    EXPECT_THAT(run.out, HasSubstr("a "));
    EXPECT_THAT(run.out, testing::ContainsRegex("a .*b\n")) << algorithm;
  }
}

TEST_F(Discover, SaysWhichBoundWasHit) {
  const std::string csv = file("t.csv", table());
  const ProgramRun run = discover({csv, "--max-order", "0", "--algorithm", "icd"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("warning: a bound was hit: max-order 0"));
  EXPECT_THAT(run.out, HasSubstr("X o-o Z"));  // Y would have separated them
}

TEST_F(Discover, WarnsAboutTooFewSamplesAndIndefiniteMatrices) {
  const std::string few = file("few.csv", "a,b\n1,2\n2,1\n3,5\n");
  const std::string warnings = discover({few}).err;
  EXPECT_THAT(warnings, HasSubstr("warning: 3 samples answer no test"));
  EXPECT_EQ(warnings.find("samples (order 0)"), warnings.rfind("samples (order 0)"));  // once
  const std::string bad = file("bad.csv", "a,b,c\n1,.9,-.9\n.9,1,.9\n-.9,.9,1\n");
  EXPECT_THAT(discover({bad, "--correlation", "--samples", "99"}).err,
              HasSubstr("warning: the matrix is indefinite"));
}

// --verify finds what is wrong: without sets, A and C stay adjacent.
TEST_F(Discover, ExitsWithOneWhenAMarkIsWrong) {
  const std::string dag = file("dag.txt", "observed: A B C\nA --> B\nB --> C\n");
  const ProgramRun run = discover({dag, "--oracle", "--max-order", "0", "--verify"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "A o-o B\nA o-o C\nB o-o C\n");
  EXPECT_THAT(run.err, HasSubstr("A"));
}

TEST_F(Discover, RefusesBadTables) {
  const auto refuse = [&](const std::string& contents, const std::string& sentence) {
    expect_refused({file("t.csv", contents)}, sentence);
  };
  expect_refused({"none.csv"}, "there is no file none.csv");
  expect_refused({"."}, "is a folder");
  refuse("", "t.csv is empty");
  refuse("a,b\n1,2\n3,nan\nNA,5\n", "t.csv: all rows but one have a missing value; --missing testwise");
  refuse("a,b\n1,NA\n,3\n2,\n?,4\n", "t.csv: every row has a missing value");
  refuse("a,b\n1,2\n3,-inf\n", "t.csv:3: column \"b\" holds \"-inf\"");
  refuse("a,b\n1,2\nx,3\n", "t.csv:3: column \"a\" holds \"x\", which is not a number");
  refuse("a,b\n1,2\n3\n", "t.csv:3: 1 cell, but the header names 2 columns");
  refuse("a,a\n1,2\n3,4\n", "t.csv:1: the name \"a\" is given to two columns");
  refuse("a,b\n1,2\n", "at least 2 rows");
  refuse("a,b\n1,2\n1,3\n", "t.csv: variable \"a\" is constant");
  refuse("a,b\n1,2\n3,\"4\n5,6\n", "t.csv:3: a quote is opened and never closed: \"4\\n5,6\"");
  expect_refused({"no\nsuch.csv"}, "there is no file no\\nsuch.csv");
}

TEST_F(Discover, ReadsTablesWithGaps) {
  // every fifth row lacks Z, and every seventh W
  std::string with_gaps = "X,Y,Z,W\n", complete = with_gaps;
  std::istringstream rows(table(200));
  std::string row;
  std::getline(rows, row);
  for (int i = 0; std::getline(rows, row); ++i) {
    std::string cells[4];
    std::istringstream in(row);
    for (auto& cell : cells) std::getline(in, cell, ',');
    if (i % 5 == 0) cells[2] = i % 2 ? "NA" : "";
    if (i % 7 == 0) cells[3] = "?";
    with_gaps += text(cells[0], ",", cells[1], ",", cells[2], ",", cells[3], "\n");
    if (i % 5 && i % 7) complete += row + "\n";
  }
  const std::string gaps = file("gaps.csv", with_gaps), whole = file("complete.csv", complete);
  const auto json = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--format", "json"});
    return nlohmann::json::parse(discover(arguments).out);
  };
  const auto listwise = json({gaps}), reduced = json({whole});
  EXPECT_EQ(listwise["separating_sets"], reduced["separating_sets"]);
  EXPECT_EQ(listwise["edges"], reduced["edges"]);
  EXPECT_EQ(listwise["input"]["samples"], 137);
  EXPECT_EQ(listwise["input"]["rows_left_out"], 63);
  EXPECT_THAT(discover({gaps, "--no-pds"}).err,
              HasSubstr("warning: 63 of 200 rows have a missing value and were"));

  const auto testwise = json({gaps, "--missing", "testwise", "--test", "t"});
  EXPECT_EQ(testwise["options"]["test"], "t");
  EXPECT_EQ(testwise["options"]["missing"], "testwise");
  EXPECT_EQ(testwise["input"]["samples"], 200);
  std::map<std::string, int> samples;
  for (const auto& set : testwise["separating_sets"])
    samples[set["x"].get<std::string>() + set["y"].get<std::string>() +
            (set["set"].empty() ? "" : set["set"][0].get<std::string>())] = set["samples"];
  EXPECT_EQ(samples["WX"], 171);
  EXPECT_EQ(samples["WZ"], 137);
  EXPECT_EQ(samples["XZY"], 160);
}

// Advice is given only where it helps.
TEST_F(Discover, AdvisesTestwiseWhereItAnswers) {
  const std::string never = file("never.csv", "a,b,c\n1,NaN,3\n2,NaN,1\n4,NaN,7\n");
  const std::string always = file("always.csv", "a,b,c\n1,?,3\n?,2,1\n4,2,?\n5,2,?\n");
  const std::string later = file("later.csv", "a,b\n1,5\n2,5\n3,?\n?,4\n");
  for (const std::string test : {"fisher-z", "g2"}) {
    for (const char* rule : {"listwise", "testwise"}) {
      expect_refused({never, "--test", test, "--missing", rule}, "variable \"b\" has no value in any row");
      expect_refused({always, "--test", test, "--missing", rule},
                     "variable \"b\" is constant: every row is ");
    }
    expect_refused({later, "--test", test}, "\"b\" is constant in the rows without a missing value");
    const ProgramRun testwise = discover({later, "--test", test, "--missing", "testwise"});
    EXPECT_EQ(testwise.exit_code, 0) << testwise.err;
  }
}

TEST_F(Discover, TestsCategories) {
  const std::string csv = file("c.csv", categories());
  for (const char* test : {"g2", "chi2"})
    for (const char* algorithm : {"fci", "icd", "rfci"})
      EXPECT_EQ(discover({csv, "--test", test, "--algorithm", algorithm}).out,
                "nodes: w x y z\nx o-o y\ny o-o z\n");
  // 27 cells, 600 rows
  const ProgramRun sparse = discover({csv, "--test", "g2", "--rows-per-cell", "30"});
  EXPECT_EQ(sparse.out, "nodes: w x y z\nx o-o y\nx o-o z\ny o-o z\n");
  EXPECT_THAT(sparse.err, HasSubstr("tests were degenerate"));
  EXPECT_THAT(discover({file("t.csv", table(50)), "--test", "g2"}).err,
              HasSubstr("variable \"W\" has 50 categories in 50 rows: too few for any test"));
  expect_refused({file("one.csv", "a,b\nx,1\nx,2\n"), "--test", "g2"},
                 "one.csv: variable \"a\" is constant: every row is \"x\"");
  expect_refused({file("none.csv", "a,b\n?,1\n,2\n"), "--test", "g2", "--missing", "testwise"},
                 "none.csv: variable \"a\" has no value in any row");
  expect_refused({csv}, "column \"x\" holds");  // words are no numbers
}

TEST_F(Discover, TestsWithStudentsTWhereFishersZHasTooFewSamples) {
  const std::string csv = file("r.csv", "a,b,c\n1,.1,.2\n.1,1,.3\n.2,.3,1\n");
  const auto run = [&](const char* test) {
    return discover({csv, "--correlation", "--samples", "3", "--test", test, "--algorithm", "icd"});
  };
  EXPECT_EQ(run("t").out, "nodes: a b c\n");
  EXPECT_EQ(run("t").err, "");
  EXPECT_EQ(run("fisher-z").out, "a o-o b\na o-o c\nb o-o c\n");
  EXPECT_THAT(run("fisher-z").err, HasSubstr("3 samples answer no test of independence (4 is the least)"));
}

// Two heads: all tokens read themselves alone, then also the first, A A' = [1 .5 .5; .5 .5 .25; .5 .25 .5].
TEST_F(Discover, LearnsFromAHeadOfAttention) {
  const std::string npy =
      attention_file("a.npy", {2, 3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, .5F, .5F, 0, .5F, 0, .5F});
  const std::string names = file("names.txt", "X\nY\nZ\n"), hidden = file("hidden.txt", "\nY\nZ\n");
  const auto head = [&](const char* number, const std::string& tokens) {
    return discover({npy, "--attention", "--samples", "200", "--head", number, "--tokens", tokens}).out;
  };
  EXPECT_EQ(head("0", names), "nodes: X Y Z\n");
  EXPECT_EQ(head("1", names), "X o-o Y\nX o-o Z\n");
  EXPECT_EQ(head("1", hidden), "Y o-o Z\n");  // X is latent then
  EXPECT_EQ(discover({npy, "--attention", "--samples", "200", "--head", "1"}).out, "1 o-o 2\n1 o-o 3\n");
}

TEST_F(Discover, RefusesWhatIsNoAttention) {
  const auto refuse = [&](const std::vector<std::string>& arguments, const std::string& sentence) {
    std::vector<std::string> all{"--attention", "--samples", "100"};
    all.insert(all.begin(), arguments.begin(), arguments.end());
    expect_refused(all, sentence);
  };
  const std::string npy = attention_file("a.npy", {1, 2, 2}, {.5, .5, .25, .75});
  refuse({attention_file("headless.npy", {0, 2, 2}, {})}, "headless.npy holds no head");
  const auto logits = attention_file("logits.npy", {1, 2, 2}, {.5, .5, 1.5, 1.75});
  EXPECT_THAT(discover({logits, "--attention", "--samples", "100"}).err,
              HasSubstr("logits.npy is no attention: row 2 sums to 3.25, not to 1"));
  const auto below = attention_file("below.npy", {1, 2, 2}, {1.5, -.5, .25, .75});
  EXPECT_THAT(discover({below, "--attention", "--samples", "100"}).err,
              HasSubstr("row 1 sums to 1, but has weights below 0"));
  refuse({attention_file("flat.npy", {2, 2}, {1, 0, 0, 1})}, "flat.npy has 2 axes; attention has heads");
  refuse({attention_file("o.npy", {1, 2, 3}, {1, 0, 0, 1, 0, 0})}, "o.npy holds 2 tokens that attend to 3");
  refuse({attention_file("none.npy", {1, 0, 0}, {})}, "none.npy holds no tokens");
  refuse({attention_file("nan.npy", {1, 2, 2}, {.5, NAN, .5, .5})},
         "nan.npy: head 0: the attention holds nan");
  refuse({attention_file("zero.npy", {1, 2, 2}, {1, 0, 0, 0})}, "zero.npy: head 0: variable number 1");
  refuse({npy, "--head", "1"}, "a.npy holds heads 0 to 0, not 1");
  refuse({npy, "--estimator", "mean"}, "unknown estimator \"mean\"");
  refuse({npy, "--tokens", file("one.txt", "X\n")}, "one.txt has 1 lines for 2 tokens");
  refuse({npy, "--tokens", file("twice.txt", "X\nX\n")}, "twice.txt: line 2 names \"X\" a second time");
  refuse({npy, "--tokens", file("no.txt", "\n\n")}, "no.txt names no token");
  refuse({npy, "--test", "g2"}, "with attention use fisher-z or t");
  refuse({npy, "--missing", "testwise"}, "attention has none");
  refuse({npy, "--bootstrap", "9"}, "attention has none");
  refuse({npy, "--correlation"}, "--oracle, --correlation and --attention exclude each other");
  expect_refused({npy, "--attention"}, "--attention needs --samples N");
  expect_refused({npy, "--head", "1"}, "--head goes with --attention");
}

TEST_F(Discover, RefusesBadCorrelationMatrices) {
  const auto refuse = [&](const std::string& contents, const std::string& sentence) {
    expect_refused({file("r.csv", contents), "--correlation", "--samples", "100"}, sentence);
  };
  refuse("a,b\n1,nan\nnan,1\n", "r.csv:2: column \"b\" holds \"nan\"");
  refuse("a,b\n1,.5\n.4,1\n", "not symmetric: between \"a\" and \"b\"");
  refuse("a,b\n1,1.5\n1.5,1\n", "the correlation of \"a\" and \"b\" is 1.5");
  refuse("a,b\n2,.5\n.5,1\n", "the correlation of \"a\" with itself is 2, not 1");
  refuse("a,b\n1,.5\n", "needs 2 rows; this one has 1");
}

TEST_F(Discover, KeepsTheEdgesOfCollinearColumnsAndSaysSo) {
  // c = a + b: given c, a and b determine each other, and so on around
  std::string csv = "a,b,c,d\n";
  std::mt19937 engine(4);
  for (int row = 0; row < 100; ++row) {
    const auto a = engine() % 1000, b = engine() % 1000;
    csv += text(a, ",", b, ",", a + b, ",", a + b + engine() % 1000, "\n");
  }
  for (const char* algorithm : {"pc", "fci", "icd", "rfci"}) {
    const ProgramRun run = discover({file("t.csv", csv), "--algorithm", algorithm});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, HasSubstr("tests were degenerate"));
    EXPECT_THAT(run.out, testing::ContainsRegex("a .* c\n"));
    EXPECT_THAT(run.out, testing::ContainsRegex("b .* c\n"));
  }
}

TEST_F(Discover, TellsWhenRowsAreFewerThanColumnsAllow) {
  // 6 rows answer sets of up to two variables; at this alpha nearly everything is dependent
  std::string csv;
  for (int x = 0; x < 9; ++x) csv += text(x ? "," : "", "x", x);
  std::mt19937 engine(6);
  for (int row = 0; row < 6; ++row)
    for (int x = 0; x < 9; ++x) csv += text(x ? "," : "\n", engine() % 1000);
  for (const char* algorithm : {"pc", "fci", "icd", "rfci"}) {
    const ProgramRun run = discover(
        {file("t.csv", csv + "\n"), "--algorithm", algorithm, "--alpha", "0.999", "--max-order", "5"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, HasSubstr("a bound was hit: samples (order 2)")) << algorithm;
  }
}

TEST_F(Discover, TakesOneAndTwoVariables) {
  const std::string one = file("one.csv", "a\n1\n2\n4\n"),
                    two = file("two.csv", "a,b\n1,2\n2,1\n4,7\n5,5\n9,9\n");
  for (const char* algorithm : {"pc", "fci", "icd", "rfci", "ordicd"}) {
    EXPECT_EQ(discover({one, "--algorithm", algorithm, "--columns-in-order"}).out, "nodes: a\n") << algorithm;
    const ProgramRun run = discover({two, "--algorithm", algorithm, "--columns-in-order", "--alpha", "0.2"});
    EXPECT_EQ(run.out, std::string(algorithm) == "pc" ? "a --> b\n" : "a o-> b\n") << run.err;
  }
  EXPECT_EQ(discover({two, "--missing", "testwise", "--bootstrap", "3"}).exit_code, 0);
}

TEST_F(Discover, TakesFiveThousandColumns) {
  std::string csv;
  for (int x = 0; x < 5000; ++x) csv += text(x ? "," : "", "x", x);
  std::mt19937 engine(8);
  for (int row = 0; row < 12; ++row)
    for (int x = 0; x < 5000; ++x) csv += text(x ? "," : "\n", engine() % 10'000);
  const ProgramRun run =
      discover({file("wide.csv", csv + "\n"), "--algorithm", "pc", "--alpha", "1e-7", "--max-order", "0"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(run.out.starts_with("nodes: x0 x1 x10 "));
  EXPECT_LT(std::ranges::count(run.out, '\n'), 100);
}

TEST_F(Discover, RefusesMoreColumnsThanCanBeHeld) {
  std::string names, first, second;
  for (int x = 0; x <= 20'000; ++x) {
    names += text(x ? "," : "", "x", x);
    first += x ? ",1" : "1";
    second += x ? ",2" : "2";
  }
  expect_refused({file("wide.csv", text(names, "\n", first, "\n", second, "\n"))},
                 "has 20001 variables; at most 20000 can be held");
}

TEST_F(Discover, RefusesBadDags) {
  const std::string cycle = file("dag.txt", "observed: A B\nA --> B\nB --> A\n");
  expect_refused({cycle, "--oracle"}, "dag.txt:3:");
  for (const char* edge : {"o->", "<->", "---"})
    expect_refused({file("mixed.txt", text("observed: A B\nA ", edge, " B\n")), "--oracle"},
                   text("mixed.txt:2: \"", edge, "\" is no edge of a DAG (known: --> <--; a common cause"));
  expect_refused({file("empty.txt", ""), "--oracle"}, "empty.txt names no observed node");
  expect_refused({file("latent.txt", "latent: L\n"), "--oracle"}, "latent.txt names no observed node");
  const std::string large = file("large.txt", "observed: A B C D E F G H I\nA --> B\n");
  expect_refused({large, "--oracle", "--verify"}, "--verify goes up to 8 observed nodes");
}

TEST_F(Discover, RefusesOptionsThatContradict) {
  const std::string t = file("t.csv", table(20));
  expect_refused({t, "--samples", "10"}, "--samples goes with --correlation");
  expect_refused({t, "--correlation"}, "--correlation needs --samples N");
  expect_refused({t, "--correlation", "--samples", "99999999999"},
                 "--samples = 99999999999 is no number, or one that is too large; see --help");
  expect_refused({t, "--correlation", "--samples", "0"}, "--samples must be 1 or more, not 0");
  expect_refused({t, "--correlation", "--oracle", "--samples", "9"}, "exclude each other");
  expect_refused({t, "--verify"}, "--verify needs --oracle");
  expect_refused({t, "--oracle", "--alpha", "0.05"}, "--alpha has no meaning with --oracle");
  for (const char* algorithm : {"pc", "rfci"})
    expect_refused({t, "--oracle", "--verify", "--algorithm", algorithm},
                   text(algorithm, " does not give a PAG"));
  for (const char* alpha : {"0", "1", "nan", "-0.5", "1%"})
    expect_refused({t, "--alpha", alpha}, text("--alpha: must lie between 0 and 1, not be \"", alpha, "\""));
  expect_refused({t, "--alpha", ""}, "--alpha: must not be empty");
  expect_refused({t, "--output", ""}, "--output: must not be empty");
  expect_refused({t, "--algorithm", "fcii"}, "unknown algorithm \"fcii\"; did you mean \"fci\"?");
  expect_refused({t, "--test", "g3"}, "unknown test \"g3\"; did you mean \"g2\"?");
  expect_refused({t, "--correlation", "--samples", "9", "--test", "chi2"},
                 "--test chi2 counts the rows of a table");
  expect_refused({t, "--correlation", "--samples", "9", "--missing", "testwise"},
                 "a correlation matrix has none");
  expect_refused({t, "--missing", "pairwise"}, "unknown rule for missing values \"pairwise\"");
  expect_refused({t, "--rows-per-cell", "3"},
                 "--rows-per-cell goes with --test g2 or chi2, not with fisher-z");
  expect_refused({t, "--test", "g2", "--rows-per-cell", "-1"}, "--rows-per-cell must be 0 or more, not -1");
  expect_refused({t, "--algorithm", "icd", "--compat", "reference-2023", "--test", "t"},
                 "no meaning with --test t");
  expect_refused({t, "--format", "xml"}, "unknown format \"xml\"");
  expect_refused({t, "--algorithm", "pc", "--max-pds-order", "2"},
                 "--max-pds-order goes with --algorithm fci, not with pc");
  expect_refused({t, "--algorithm", "icd", "--no-pds"}, "--no-pds goes with --algorithm fci, not with icd");
  expect_refused({t, "--no-pds", "--max-pds-order", "2"}, "exclude each other");
  expect_refused({t, "--algorithm", "rfci", "--colliders", "max-p"},
                 "--colliders goes with --algorithm fci or pc");
  expect_refused({t, "--colliders", "maxp"}, "unknown collider rule \"maxp\"; did you mean \"max-p\"?");
  expect_refused({t, "--algorithm", "pc", "--no-selection-bias"}, "fci or icd or rfci, not with pc");
  expect_refused({t, "--snapshots"}, "--snapshots goes with --algorithm icd");
  expect_refused({t, "--algorithm", "icd", "--snapshots"}, "--snapshots needs --format json");
  expect_refused({t, "--compat", "reference"}, "--compat goes with --algorithm icd, not with fci");
  expect_refused({t, "--algorithm", "icd", "--compat", "2023"}, "unknown compat \"2023\"");
  expect_refused({t, "--algorithm", "icd", "--compat", "reference", "--why", "X,Y"}, "keeps no reasons");
  expect_refused({t, "--algorithm", "icd", "--oracle", "--compat", "reference-2023"},
                 "changes a test of data");
  expect_refused({t, "--why", "X,Q"}, "unknown variable \"Q\" in \"X,Q\"");
  expect_refused({t, "--why", "X,Y", "--format", "dot"}, "--why writes words");
  expect_refused({t, "--algorithm", "ordicd"}, "ordicd needs a causal order of all variables");
  expect_refused({t, "--algorithm", "ordicd", "--order", "X Y Z"},
                 "--order does not put all variables in an order");
  expect_refused({t, "--order", "X Y Z V"}, "--order:1: unknown variable \"V\"");
  const std::string tiers = file("tiers.txt", "tier: X\ntier: Y Z W\n");
  expect_refused({t, "--algorithm", "ordicd", "--knowledge", tiers},
                 "tiers.txt does not put all variables in an order");
  expect_refused({t, "--knowledge", tiers, "--order", "X Y"},
                 "--knowledge, --order and --columns-in-order exclude");
  expect_refused({t, "--knowledge", "none.txt"}, "there is no file none.txt");
  expect_refused({t, "--algorithm", "icd", "--compat", "reference", "--knowledge", tiers},
                 "takes no knowledge");
  expect_refused({t, "--oracle", "--verify", "--knowledge", tiers}, "knowledge gives more");
  expect_refused({file("s.dag", "observed: A B\nselection: S\nA --> S\n"), "--oracle", "--order", "A B"},
                 "knowledge excludes selection, but s.dag has selection nodes");
  expect_refused({t, "--knowledge", file("k.txt", "tier: X\ntier: V\n")}, "k.txt:2: unknown variable \"V\"");
  expect_refused({t, "--knowledge", file("k.txt", "required: X --> Y\nforbidden: X --> Y\n")},
                 "k.txt:2: `forbidden: X --> Y` contradicts k.txt:1: `required: X --> Y`");
  expect_refused({t, "--algorithm", "icd", "--node-by-node"}, "--node-by-node goes with --algorithm ordicd");
  expect_refused({t, "--max-order", "1", "--max-pds-order", "2"}, "--max-pds-order 2 is above --max-order 1");
  expect_refused({t, "--max-order", "-2"}, "--max-order takes a number of variables");
  expect_refused({t, "--max-order", "two"}, "--max-order takes a number of variables");
  expect_refused({t, "--bootstrap", "0"}, "--bootstrap must be 1 or more, not 0");
  expect_refused({t, "--seed", "2"}, "--seed goes with --bootstrap");
  expect_refused({t, "--bootstrap", "9", "--why", "X,Y"}, "exclude each other");
  expect_refused({t, "--bootstrap", "9", "--correlation", "--samples", "9"},
                 "--bootstrap draws rows of a table");
  for (const char* limit : {"0", "-1", "inf"})
    expect_refused({t, "--time-limit", limit}, "--time-limit must be a number of seconds above 0");
  expect_refused({t, "--threads", "0"}, "--threads must be 1 or more");
  expect_refused({t, "--threads", "100000"}, "--threads must be 1024 at most, not 100000");
  expect_refused({t, "--colour"}, "--colour");
  expect_refused({}, "INPUT");
}

TEST_F(Discover, RefusesEmptyNamesOfFilesAndSeedsThatAreNone) {
  const std::string csv = file("t.csv", table(50));
  expect_refused({""}, "INPUT: must not be empty");
  expect_refused({csv, "--output", ""}, "--output: must not be empty");
  for (const char* seed : {"-1", "1.5", "+1", "18446744073709551616"})
    expect_refused({csv, "--bootstrap", "2", "--seed", seed},
                   "--seed: must be a whole number, 0 or more, not");
}

TEST_F(Discover, SaysThatStdoutCannotBeWritten) {
  const std::string csv = file("t.csv", table(50));
  const char* build = std::getenv("WHYFORMER_BUILD");
  const auto program = std::filesystem::absolute(build ? build : "build") / "whyformer";
  const int status = std::system(text("cd '", folder_.string(), "' && '", program.string(), "' discover ",
                                      csv, " --no-pds > /dev/full 2> err.txt")
                                     .c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_THAT(read_file(folder_ / "err.txt"),
              HasSubstr("whyformer: cannot write the result to stdout: No space left on device\n"));
}

TEST_F(Discover, RefusesAnOutputThatCannotBeWritten) {
  const std::string t = file("t.csv", table(20));
  expect_refused({t, "--output", "."}, "is a folder, not a file");
  expect_refused({t, "--output", "none/g.txt"}, "there is no folder");
}

TEST_F(Discover, AnUnknownCommandIsNamed) {
  const ProgramRun run = run_program({"discovr", "t.csv"}, folder_);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err,
              HasSubstr("unknown command \"discovr\"; did you mean \"discover\"?; known: discover, "));
  EXPECT_EQ(run_program({}, folder_).exit_code, 2);
  EXPECT_THAT(run_program({"--alpha", "0.1", "discover"}, folder_).err,
              HasSubstr("unknown option \"--alpha\""));
  EXPECT_EQ(run_program({"--version"}, folder_).exit_code, 0);
}

TEST_F(Discover, HelpNamesTheOptions) {
  const ProgramRun run = discover({"--help"});
  EXPECT_EQ(run.exit_code, 0);
  for (const char* option : {"--correlation",
                             "--samples",
                             "--oracle",
                             "--algorithm",
                             "--alpha",
                             "--test",
                             "--max-order",
                             "--max-pds-order",
                             "--threads",
                             "--output",
                             "--format",
                             "--verify",
                             "--no-pds",
                             "--colliders",
                             "--no-selection-bias",
                             "--order",
                             "--columns-in-order",
                             "--node-by-node",
                             "--compat",
                             "--why",
                             "--snapshots",
                             "--missing",
                             "--rows-per-cell",
                             "--knowledge",
                             "--time-limit",
                             "--bootstrap",
                             "--seed"})
    EXPECT_THAT(run.out, HasSubstr(option));
}

}  // namespace
}  // namespace why
