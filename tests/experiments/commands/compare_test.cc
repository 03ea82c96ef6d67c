// `whyformer compare`, and the formats of `discover`, end to end.
#include <nlohmann/json.hpp>

#include "discovery/graph/notation.h"
#include "tests/experiments/commands/program_test.h"

namespace why {
namespace {

using testing::HasSubstr;
using testing::Not;

class Compare : public ProgramTest {};

constexpr const char* kDag =
    "observed: A \"B \\\"b\\\"\" \"<C&D>\" \"#1\" ä lone\nlatent: L\nA --> \"<C&D>\"\n\"B \\\"b\\\"\" --> "
    "\"<C&D>\"\n\"<C&D>\" --> ä\nL --> ä\nL --> \"#1\"\n";

TEST_F(Compare, EveryFormatOfDiscoverReadsBackAsTheTruth) {
  const std::string dag = file("true.dag", kDag);
  const std::string edges = output_of({"discover", dag, "--oracle"});
  for (const std::string format : {"edges", "json", "dot", "tetrad", "graphml", "pcalg"}) {
    SCOPED_TRACE(format);
    output_of({"discover", dag, "--oracle", "--format", format, "--output", "found." + format});
    // the DAG stands for its PAG; the format is found out or given
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--format", format}}) {
      std::vector<std::string> arguments = {"compare", more.empty() ? dag : "found." + format,
                                            "found." + format, "--json", "--legal"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const auto json = nlohmann::json::parse(output_of(arguments));
      EXPECT_EQ(json["nodes"], 6);
      EXPECT_EQ(json["adjacency"]["right"], 4);
      EXPECT_EQ(json["structural_hamming_distance"], 0);
      EXPECT_EQ(json["legal"]["found"]["pag"], true);
    }
  }
}

TEST_F(Compare, SvgShowsEveryNameAndAMarkAtEachEnd) {
  if (run({"discover", file("a.dag", "observed: A\n"), "--oracle", "--format", "svg"}).exit_code != 0)
    GTEST_SKIP() << "Graphviz is not installed";
  const std::string svg = output_of({"discover", file("true.dag", kDag), "--oracle", "--format", "svg"});
  EXPECT_THAT(svg, HasSubstr("<svg"));
  for (const char* name : {"B &quot;b&quot;", "&lt;C&amp;D&gt;", "#1", "ä", "lone"})
    EXPECT_THAT(svg, HasSubstr(name));
  const auto count = [&](const std::string& what) {
    int found = 0;
    for (auto at = svg.find(what); at != svg.npos; at = svg.find(what, at + 1)) ++found;
    return found;
  };
  // A o-> C, B o-> C, C --> ä, ä <-o 1: four arrowheads, three circles
  EXPECT_EQ(count("<ellipse"), 3);
  EXPECT_EQ(count("<polygon"), 4 + 1);  // and the background
}

TEST_F(Compare, TableStatesRatiosCountsAndDistances) {
  file("true.txt", "nodes: A B C D\nA o-> B\nB --> C\nC <-> D\n");
  file("found.txt", "nodes: A B C D\nA o-> B\nB o-> C\nA o-o D\n");
  EXPECT_EQ(
      output_of({"compare", "true.txt", "found.txt", "--differences", "--legal"}),
      "              precision   recall       F1    right    extra  missing\n"
      "adjacency         0.667    0.667    0.667        2        1        1\n"
      "marks\n"
      "  arrowhead       1.000    0.500    0.667        2        0        2\n"
      "  tail                -    0.000    0.000        0        0        1\n"
      "  circle          0.250    1.000    0.400        1        3        0\n"
      "marks on common edges\n"
      "  arrowhead       1.000    1.000    1.000        2        0        0\n"
      "  tail                -    0.000    0.000        0        0        1\n"
      "  circle          0.500    1.000    0.667        1        1        0\n"
      "\n"
      "structural Hamming distance 3 (edges that differ), 5 (marks that differ)\n"
      "\n"
      "true      found\n"
      "no edge   A o-o D\n"
      "B --> C   B o-> C\n"
      "C <-> D   no edge\n"
      "\n"
      "true.txt is no PAG: it has \"A\" o-> \"B\" where the PAG of what it describes has \"A\" o-o \"B\"\n"
      "found.txt is no PAG: it has \"A\" o-> \"B\" where the PAG of what it describes has \"A\" o-o \"B\"\n");
}

TEST_F(Compare, FilesInDifferentFormatsAndOrdersCompare) {
  file("true.csv", "B,A\n0,1\n2,0\n");  // A o-> B
  file("found.txt", "Graph Nodes:\nA;B\n\nGraph Edges:\n1. A o-> B\n");
  EXPECT_THAT(output_of({"compare", "true.csv", "found.txt"}), HasSubstr("structural Hamming distance 0 "));
}

TEST_F(Compare, BadInputIsOneSentence) {
  file("a.txt", "A o-> B\n");
  file("b.txt", "A o-> C\n");
  file("bad.json", "{\"nodes\": [\"A\"], \"edges\": [{\"x\": \"A\"}]}");
  file("cut.json", "{\"nodes\": [");
  file("large.json", "{\"nodes\": 1e999}");
  file("half.csv", "A,B\n0,1\n0,0\n");
  expect_refused({"compare", "a.txt", "b.txt"},
                 "b.txt and a.txt have different nodes: \"C\" only in b.txt, \"B\" only in a.txt");
  expect_refused({"compare", "a.txt", "none.txt"}, "none.txt");
  expect_refused({"compare", "a.txt", "bad.json"}, "bad.json: edges[0]: no \"y\"");
  expect_refused({"compare", "a.txt", "cut.json"}, "cut.json: no JSON: parse error at line 1, column 12: ");
  expect_refused({"compare", "a.txt", "large.json"}, "large.json: no JSON: number overflow parsing '1e999'");
  expect_refused({"compare", "a.txt", "half.csv"}, "half.csv: between \"A\" and \"B\" one entry is 0");
  expect_refused({"compare", "a.txt", "a.txt", "--format", "xml"}, "unknown format \"xml\"");
  expect_refused({"compare", "a.txt", "a.txt", "--format", "tetrad"}, "a.txt: no line `Graph Nodes:`");
  expect_refused({"compare", "a.txt"}, "FOUND");
  expect_refused({"compare", "", "a.txt"}, "TRUE: must not be empty");
  expect_refused({"compare", "a.txt", ""}, "FOUND: must not be empty");
  for (const char* nothing : {"", "\n# nothing\n", "{\"nodes\": [], \"edges\": []}"})
    expect_refused({"compare", file("nothing.txt", nothing), "a.txt"},
                   "nothing.txt holds no graph: it names no node");
  for (const char* start : {"", "<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"x\" \"y\">\n"})
    expect_refused({"compare", "a.txt", file("a.svg", text(start, "<svg width=\"1\"></svg>\n"))},
                   "a.svg is a picture, which is not read");
}

TEST_F(Compare, GraphmlRefusesAnImpossibleNameBeforeTheSearch) {
  const std::string dag = file("true.dag", "observed: \"bell\a\" B\n");
  expect_refused({"discover", dag, "--oracle", "--format", "graphml"},
                 "GraphML cannot hold the name \"bell\\x07\"");
}

}  // namespace
}  // namespace why
