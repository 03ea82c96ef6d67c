// `whyformer discover` end to end: files in, files and exit codes out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "core/errors.h"
#include "core/files.h"
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
  EXPECT_EQ(json["edges"][0],
            nlohmann::json(
                {{"x", "X"}, {"y", "Y"}, {"mark_x", "circle"}, {"mark_y", "circle"}, {"edge", "X o-o Y"}}));
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
  for (const char* algorithm : {"pc", "fci", "icd"}) {
    const auto graph = [&](const std::string& file, const char* threads) {
      return discover({file, "--algorithm", algorithm, "--threads", threads}).out;
    };
    EXPECT_EQ(graph(one, "1"), graph(one, "4"));
    EXPECT_EQ(graph(one, "1"), graph(other, "1")) << algorithm;
  }
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
  refuse("a,b\n1,2\n3,nan\n", "t.csv:3: column \"b\" holds \"nan\"");
  refuse("a,b\n1,2\n,3\n", "t.csv:3: column \"a\" is empty");
  refuse("a,b\n1,2\nx,3\n", "t.csv:3: column \"a\" holds \"x\", which is not a number");
  refuse("a,b\n1,2\n3\n", "t.csv:3: 1 cell, but the header names 2 columns");
  refuse("a,a\n1,2\n3,4\n", "t.csv:1: the name \"a\" is given to two columns");
  refuse("a,b\n1,2\n", "at least 2 rows");
  refuse("a,b\n1,2\n1,3\n", "t.csv: variable \"a\" is constant");
  refuse("a,b\n1,2\n3,\"4\n5,6\n", "t.csv:3: a quote is opened and never closed: \"4\\n5,6\"");
  expect_refused({"no\nsuch.csv"}, "there is no file no\\nsuch.csv");
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
  expect_refused({t, "--correlation", "--samples", "0"}, "--samples must be 1 or more, not 0");
  expect_refused({t, "--correlation", "--oracle", "--samples", "9"}, "exclude each other");
  expect_refused({t, "--verify"}, "--verify needs --oracle");
  expect_refused({t, "--oracle", "--alpha", "0.05"}, "--alpha has no meaning with --oracle");
  expect_refused({t, "--oracle", "--verify", "--algorithm", "pc"}, "pc does not give a PAG");
  for (const char* alpha : {"0", "1", "nan", "-0.5", "1%"})
    expect_refused({t, "--alpha", alpha}, text("--alpha: must lie between 0 and 1, not be \"", alpha, "\""));
  expect_refused({t, "--alpha", ""}, "--alpha: must not be empty");
  expect_refused({t, "--output", ""}, "--output: must not be empty");
  expect_refused({t, "--algorithm", "fcii"}, "unknown algorithm \"fcii\"; did you mean \"fci\"?");
  expect_refused({t, "--test", "g2"}, "unknown test \"g2\"");
  expect_refused({t, "--format", "xml"}, "unknown format \"xml\"");
  expect_refused({t, "--algorithm", "pc", "--max-pds-order", "2"}, "--max-pds-order bounds a stage of fci");
  expect_refused({t, "--max-order", "1", "--max-pds-order", "2"}, "--max-pds-order 2 is above --max-order 1");
  expect_refused({t, "--max-order", "-2"}, "--max-order takes a number of variables");
  expect_refused({t, "--max-order", "two"}, "--max-order takes a number of variables");
  expect_refused({t, "--threads", "0"}, "--threads must be 1 or more");
  expect_refused({t, "--colour"}, "--colour");
  expect_refused({}, "INPUT");
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
  for (const char* option :
       {"--correlation", "--samples", "--oracle", "--algorithm", "--alpha", "--test", "--max-order",
        "--max-pds-order", "--threads", "--output", "--format", "--verify"})
    EXPECT_THAT(run.out, HasSubstr(option));
}

}  // namespace
}  // namespace why
