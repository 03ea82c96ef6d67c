#include "discovery/graph/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/errors.h"
#include "core/random.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// Everything that some format might trip over; control characters apart, which GraphML cannot hold.
const std::vector<std::string> kHardNames = {"",
                                             "Toy Story (1995)",
                                             "a\"b",
                                             "\"",
                                             "back\\slash",
                                             "#1",
                                             "x,y",
                                             ";",
                                             "line\nbreak",
                                             "tab\there",
                                             "\r",
                                             " lead and trail ",
                                             "nodes:",
                                             "Graph Nodes:",
                                             "o->",
                                             "1.",
                                             "0",
                                             "naïve 東京",
                                             "<a href='x'>&amp;</a>",
                                             "]]>",
                                             "a -> b [dir=both];",
                                             "(L)",
                                             "[S]",
                                             "\\N",
                                             "digraph",
                                             "edge",
                                             "--- o-> B",
                                             "\\\"",
                                             "A.b_c-d",
                                             "\xEF\xBB\xBFmark"};

MixedGraph random_graph(int n, double density, Random& random) {
  MixedGraph graph(n);
  for (Node x = 0; x < n; ++x)
    for (Node y = x + 1; y < n; ++y)
      if (random.uniform() < density)
        graph.connect(x, y, static_cast<Mark>(1 + random.below(3)), static_cast<Mark>(1 + random.below(3)));
  return graph;
}

class EveryFormat : public testing::TestWithParam<std::string> {};

TEST_P(EveryFormat, MayBeginWithAByteOrderMark) {
  const NamedGraph named = parse_graph("A --> B, B o-> C");
  const std::string written = write_graph(GetParam(), named.graph, named.names);
  EXPECT_EQ(to_literal(read_graph(GetParam(), "\xEF\xBB\xBF" + written, "g")), to_literal(named));
}

TEST_P(EveryFormat, ReadsBackRandomGraphsWithHardNames) {
  Random random(31);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> names = kHardNames;
    random.shuffle(std::span(names));
    names.resize(random.below(names.size() + 1));
    const MixedGraph graph = random_graph(static_cast<int>(names.size()), random.uniform(), random);
    const std::string written = write_graph(GetParam(), graph, names);
    const NamedGraph back = read_graph(GetParam(), written, "g");
    ASSERT_EQ(to_edges(back.graph, back.names), to_edges(graph, names)) << written;
    if (GetParam() == "edges") continue;  // which does not keep the order
    ASSERT_EQ(back.names, names) << written;
    ASSERT_EQ(back.graph, graph) << written;
  }
}

TEST_P(EveryFormat, ReadsLinesThatEndInCrLf) {
  const NamedGraph named = parse_graph("A o-> B, B --> C, A <-> D, C --o D");
  std::string windows;
  for (const char letter : write_graph(GetParam(), named.graph, named.names))
    windows += letter == '\n' ? std::string("\r\n") : std::string(1, letter);
  const NamedGraph back = read_graph(GetParam(), windows, "g");
  EXPECT_EQ(to_literal(back), to_literal(named)) << windows;
}

TEST_P(EveryFormat, AnswersACutOrSpoiltFileWithAUserErrorOrAGraph) {
  Random random(32);
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> names = kHardNames;
    random.shuffle(std::span(names));
    names.resize(random.below(6));
    std::string text =
        write_graph(GetParam(), random_graph(static_cast<int>(names.size()), 0.6, random), names);
    for (auto spoils = 1 + random.below(3); spoils > 0 && !text.empty(); --spoils) {
      const std::size_t at = random.below(text.size());
      if (random.below(3) == 0)
        text.resize(at);
      else if (random.below(2) == 0)
        text.erase(at, 1 + random.below(4));
      else
        text[at] = "\"<>&;,[]{}=o-#\n\xff"[random.below(16)];
    }
    try {
      const NamedGraph named = read_graph(GetParam(), text, "g");
      ASSERT_EQ(named.names.size(), static_cast<std::size_t>(named.graph.num_nodes()));
    } catch (const UserError& error) {
      ++refused;
      EXPECT_THAT(error.what(), testing::StartsWith("g:"));
    }
  }
  EXPECT_GT(refused, 300);
}

INSTANTIATE_TEST_SUITE_P(All, EveryFormat, testing::ValuesIn(kGraphTextFormats),
                         [](const auto& each) { return each.param; });

TEST(Formats, AnUnknownOneIsAnsweredWithTheKnown) {
  EXPECT_THAT([] { read_graph("tetrd", "", "g"); },
              ThrowsMessage<UserError>("unknown format \"tetrd\"; did you mean \"tetrad\"?; known: edges, "
                                       "dot, tetrad, graphml, pcalg"));
}

const NamedGraph kExample = parse_graph("nodes: B A \"C d\" E, A o-> B, B <-> \"C d\"");

template <class Reader>
auto reading(Reader reader, const std::string& text) {
  return [=] { reader(text, "g.txt"); };
}

// ---- Graphviz ----

TEST(Dot, DrawsAMarkAtEachEnd) {
  const NamedGraph named = parse_graph("a o-> \"b \\\"c\\\"\"");
  EXPECT_EQ(to_dot(named.graph, named.names),
            "digraph {\n"
            "  \"a\";\n"
            "  \"b \\\"c\\\"\";\n"
            "  \"a\" -> \"b \\\"c\\\"\" [dir=both, arrowtail=odot, arrowhead=normal];\n"
            "}\n");
}

TEST(Dot, LabelsWhatGraphvizWouldDrawOtherwise) {
  const std::vector<std::string> names = {"AT&amp;T\t\"x\""};
  EXPECT_THAT(to_dot(MixedGraph(1), names), HasSubstr(R"([label="AT&amp;amp;T \"x\""])"));
}

TEST(Dot, ReadsAsGraphvizDraws) {
  const auto literal = [](const std::string& body) {
    return to_literal(parse_dot("digraph g { " + body + " }", "g"));
  };
  EXPECT_EQ(literal("rankdir=LR; node [shape=box]; A -> B; C"), "nodes: A B C, A --> B");
  EXPECT_EQ(literal("A -> B [dir=back]"), "A <-- B");
  EXPECT_EQ(literal("A -> B [dir=none color=red]"), "A --- B");
  EXPECT_EQ(literal("A -> B [arrowtail=odot, arrowhead=odot]"), "A --o B");
  EXPECT_EQ(literal("edge [dir=both, arrowtail=odot]; A -> B; B -> C [arrowhead=none];"), "A o-> B, B o-- C");
}

TEST(Dot, NamesLineAndContentOfAMistake) {
  EXPECT_THAT(reading(parse_dot, "graph { A -- B }"),
              ThrowsMessage<UserError>("g.txt:1: no `digraph {` in `graph { A -- B }`"));
  EXPECT_THAT(reading(parse_dot, "digraph {\n  A -> B;\n  B -> A;\n}\n"),
              ThrowsMessage<UserError>(HasSubstr("a second edge between \"B\" and \"A\"")));
  EXPECT_THAT(reading(parse_dot, "digraph {\n  A -> B [dir=both, arrowhead=vee];\n}\n"),
              ThrowsMessage<UserError>(HasSubstr("unknown arrow \"vee\" (known: odot, normal, none)")));
  EXPECT_THAT(reading(parse_dot, "digraph { A -> A }"), ThrowsMessage<UserError>(HasSubstr("to itself")));
  EXPECT_THAT(reading(parse_dot, "digraph { A -> B;"), ThrowsMessage<UserError>(HasSubstr("is not closed")));
  EXPECT_THAT(reading(parse_dot, "digraph { subgraph { A } }"), ThrowsMessage<UserError>(HasSubstr("`")));
}

// ---- Tetrad ----

TEST(Tetrad, WritesNodesAndNumberedEdges) {
  EXPECT_EQ(to_tetrad(kExample.graph, kExample.names),
            "Graph Nodes:\nB;A;\"C d\";E\n\nGraph Edges:\n1. A o-> B\n2. B <-> \"C d\"\n");
}

TEST(Tetrad, ReadsWhatTetradAndCausalLearnSave) {
  const NamedGraph named = parse_tetrad(
      "Graph Nodes:\nX1,X2;X3;X4\n\nGraph Edges:\n1. X1 --> X2 dd nl\n2. X2 o-o X3 [X2 o-o X3]:0.9;[no "
      "edge]:0.1\n10. X4 o-> X1\n\nGraph Attributes:\nBIC: -17.5\n\nAmbiguous triples (i.e. list of triples "
      "for which there is ambiguous data about whether they are colliders or not):\n",
      "g");
  EXPECT_EQ(to_literal(named), "X1 --> X2, X1 <-o X4, X2 o-o X3");
  EXPECT_THAT(named.names, ElementsAre("X1", "X2", "X3", "X4"));
}

TEST(Tetrad, NamesLineAndContentOfAMistake) {
  const std::string head = "Graph Nodes:\nA;B\n\nGraph Edges:\n";
  EXPECT_THAT(reading(parse_tetrad, "A --> B\n"),
              ThrowsMessage<UserError>("g.txt: no line `Graph Nodes:`, which Tetrad's text has"));
  EXPECT_THAT(reading(parse_tetrad, "Graph Nodes:\nA\n"),
              ThrowsMessage<UserError>(HasSubstr("no line `Graph Edges:`")));
  EXPECT_THAT(
      reading(parse_tetrad, head + "1. A --> C\n"),
      ThrowsMessage<UserError>("g.txt:5: unknown node \"C\" (not among `Graph Nodes:`) in `1. A --> C`"));
  EXPECT_THAT(reading(parse_tetrad, head + "1. A -> B\n"),
              ThrowsMessage<UserError>("g.txt:5: no edge such as `1. A o-> B` in `1. A -> B`"));
  EXPECT_THAT(reading(parse_tetrad, head + "1. A --> B\n2. B o-> A\n"),
              ThrowsMessage<UserError>("g.txt:6: a second edge between the same nodes in `2. B o-> A`"));
  EXPECT_THAT(reading(parse_tetrad, "Graph Nodes:\nA;(L)\n\nGraph Edges:\n"),
              ThrowsMessage<UserError>(
                  "g.txt:2: \"(L)\" is a latent or a selection node, which no PAG has in `A;(L)`"));
  EXPECT_THAT(reading(parse_tetrad, "Graph Nodes:\nA;A\n\nGraph Edges:\n"),
              ThrowsMessage<UserError>(HasSubstr("the name \"A\" is given twice")));
  EXPECT_THAT(reading(parse_tetrad, "Graph Nodes:\nA b;C\n\nGraph Edges:\n"),
              ThrowsMessage<UserError>(HasSubstr("white space in the name \"A b\"")));
  EXPECT_THAT(reading(parse_tetrad, "Graph Nodes:\nA#1;C\n\nGraph Edges:\n"),
              ThrowsMessage<UserError>(HasSubstr("a `#` outside quotes")));
}

// ---- GraphML ----

TEST(Graphml, WritesNamesAsLabelsAndBothMarks) {
  const std::string written = to_graphml(kExample.graph, kExample.names);
  EXPECT_THAT(written, HasSubstr("<node id=\"n2\"><data key=\"label\">C d</data></node>"));
  EXPECT_THAT(written,
              HasSubstr("<edge source=\"n1\" target=\"n0\"><data key=\"mark_source\">circle</data><data "
                        "key=\"mark_target\">arrow</data></edge>"));
}

TEST(Graphml, ReadsTheXmlOfOthers) {
  const NamedGraph named = parse_graphml(
      "\xEF\xBB\xBF<?xml version='1.0'?><!-- <graph> --><g:graphml xmlns:g='http://x'>\n"
      "<g:key id='d0' for='node' attr.name='label'><default>?</default></g:key>\n"
      "<g:key id='d1' for='edge' attr.name='mark_source'/><g:key id='d2' for='edge' "
      "attr.name='mark_target'/>\n"
      "<g:graph id='G' edgedefault='directed'>\n"
      "<g:edge source='a' target='b'><g:data key='d2'>arrow</g:data><g:data key='d1'>tail</g:data></g:edge>\n"
      "<g:node id='a'><g:data key='d0'>x&#x20AC;&#38;<![CDATA[<&>]]></g:data><g:data "
      "key='d9'>7</g:data></g:node>\n"
      "<g:node id='b'/>\n</g:graph></g:graphml>\n",
      "g");
  EXPECT_THAT(named.names, ElementsAre("x€&<&>", "b"));
  EXPECT_TRUE(named.graph.is_parent(0, 1));
}

TEST(Graphml, RefusesNamesThatXmlCannotHold) {
  for (const char* name : {"bell\a", "\x01", "\xEF\xBF\xBF"}) {
    const std::vector<std::string> names = {name};
    EXPECT_THAT([&] { to_graphml(MixedGraph(1), names); },
                ThrowsMessage<UserError>(HasSubstr("XML has no such characters")));
  }
}

TEST(Graphml, SaysWhatIsWrong) {
  const auto graph = [](const std::string& body) { return "<graphml><graph>" + body + "</graph></graphml>"; };
  const std::string nodes = "<node id='a'/><node id='b'/>";
  const std::string marks = "<data key='mark_source'>tail</data><data key='mark_target'>arrow</data>";
  const auto edge = [&](const std::string& target, const std::string& data) {
    return "<edge source='a' target='" + target + "'>" + data + "</edge>";
  };
  const std::pair<std::string, std::string> mistakes[] = {
      {"<html/>", "no `<graphml>`"},
      {"<graphml></graphml>", "`<graph>` is missing or not closed"},
      {"<!DOCTYPE graphml><graphml/>", "a document type, which is not read"},
      {graph(nodes + edge("c", marks)), "an edge at the unknown node id \"c\""},
      {graph(nodes + edge("a", marks)), "an edge from \"a\" to itself"},
      {graph(nodes + edge("b", marks) + edge("b", marks)), "a second edge between \"a\" and \"b\""},
      {graph(nodes + edge("b", "")), "an edge without mark_source, which is circle, arrow or tail"},
      {graph(nodes + edge("b", "<data key='mark_source'>odot</data>")), "unknown mark_source \"odot\""},
      {graph("<node/>"), "`<node>` without id"},
      {graph("<node id='a'/><node id='a'/>"), "the node id \"a\" is given twice"},
      {graph("<node id='&copy;'/>"), "unknown entity \"&copy;\""},
      {graph("<node id=a/>"), "no quote behind `id=`"},
      {graph("<node id='a'>&#xD800;</node>"), "no UTF-8"},
      {graph("<graph></graph>"), "a graph inside a graph"},
      {"<graphml><graph><node id='a'", "a tag is not closed"},
  };
  for (const auto& [text, sentence] : mistakes)
    EXPECT_THAT(reading(parse_graphml, text), ThrowsMessage<UserError>(HasSubstr(sentence)));
}

// ---- pcalg ----

TEST(Pcalg, EntryIJIsTheMarkAtJ) {
  // A o-> B and B <-> "C d", in the order B A "C d" E
  EXPECT_EQ(to_pcalg(kExample.graph, kExample.names), "B,A,C d,E\n0,1,2,0\n2,0,0,0\n2,0,0,0\n0,0,0,0\n");
}

TEST(Pcalg, ReadsTheMagOfItsOwnTests) {  // tests/test_dsepAM.R: X1 --> X3 <-- X2, X3 --> X4
  const NamedGraph named = parse_pcalg("X1,X2,X3,X4\n0,0,2,0\n0,0,2,0\n3,3,0,2\n0,0,3,0\n", "g");
  EXPECT_EQ(to_literal(named), "X1 --> X3, X2 --> X3, X3 --> X4");
}

TEST(Pcalg, ReadsRowNamesOfWriteCsv) {
  EXPECT_EQ(to_literal(parse_pcalg("\"\",\"A\",\"B\"\n\"A\",0,2\n\"B\",1,0\n", "g")), "A o-> B");
  EXPECT_EQ(to_literal(parse_pcalg("\"\",\"A\",\"B\"\n\"1\",0,2\n\"2\",1,0\n", "g")), "A o-> B");
}

TEST(Pcalg, NamesLineAndContentOfAMistake) {
  EXPECT_THAT(
      reading(parse_pcalg, "A,B\n0,2\n4,0\n"),
      ThrowsMessage<UserError>("g.txt:3: \"4\" in column \"A\", where 0, 1, 2 or 3 was expected, in `4,0`"));
  EXPECT_THAT(reading(parse_pcalg, "A,B\n0,2\n1\n"),
              ThrowsMessage<UserError>("g.txt:3: 1 cells, where the header names 2 in `1`"));
  EXPECT_THAT(reading(parse_pcalg, "A,B\n0,2\n"),
              ThrowsMessage<UserError>("g.txt: a matrix of 2 nodes needs 2 rows; this one has 1"));
  EXPECT_THAT(reading(parse_pcalg, "A,A\n0,2\n1,0\n"),
              ThrowsMessage<UserError>("g.txt:1: the name \"A\" is given twice in `A,A`"));
  EXPECT_THAT(
      reading(parse_pcalg, "A,B\n0,1\n0,0\n"),
      ThrowsMessage<UserError>(HasSubstr("between \"A\" and \"B\" one entry is 0 and the other is not")));
  EXPECT_THAT(reading(parse_pcalg, "A,B\n1,0\n0,0\n"),
              ThrowsMessage<UserError>("g.txt: an edge from \"A\" to itself"));
  EXPECT_THAT(reading(parse_pcalg, "\"\",A,B\nA,0,2\nC,1,0\n"),
              ThrowsMessage<UserError>("g.txt:3: the row \"C\", where \"B\" was expected in `C,1,0`"));
}

}  // namespace
}  // namespace why
