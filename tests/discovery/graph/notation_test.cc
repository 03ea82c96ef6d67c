#include "discovery/graph/notation.h"

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

TEST(GraphLiteral, HoldsEveryKindOfEdge) {
  const std::string all = "a --- b, a --> c, a --o j, a <-- d, a <-> e, a <-o g, a o-- i, a o-> f, a o-o h";
  const NamedGraph named = parse_graph(all);
  EXPECT_EQ(named.graph.num_edges(), 9);
  EXPECT_TRUE(named.graph.is_parent(0, 2));
  const auto at = [&](const char* name) {
    return static_cast<Node>(std::find(named.names.begin(), named.names.end(), name) - named.names.begin());
  };
  EXPECT_TRUE(named.graph.is_parent(at("d"), at("a")));
  EXPECT_EQ(named.graph.mark(at("a"), at("f")), Mark::arrow);
  EXPECT_EQ(named.graph.mark(at("f"), at("a")), Mark::circle);
  EXPECT_EQ(named.graph.mark(at("a"), at("j")), Mark::circle);
  EXPECT_EQ(named.graph.mark(at("j"), at("a")), Mark::tail);
  EXPECT_EQ(to_literal(named), all);
}

TEST(GraphLiteral, NumbersNodesAsTheyAppear) {
  EXPECT_THAT(parse_graph("c o-> a, a o-o b").names, ElementsAre("c", "a", "b"));
  EXPECT_THAT(parse_graph("nodes: a b c, c o-> a").names, ElementsAre("a", "b", "c"));
  EXPECT_EQ(to_literal(parse_graph("nodes: a b c, c o-> a")), "nodes: a b c, a <-o c");
  EXPECT_EQ(parse_graph("").graph.num_nodes(), 0);
}

TEST(EdgesFormat, PutsTheSmallerNameFirstAndSortsLines) {
  // "Z" < "a" byte-wise, and 0xc3 of "ä" comes behind "z"
  const NamedGraph named = parse_graph("a o-> Z, z --> ä, b o-o a");
  EXPECT_EQ(to_edges(named.graph, named.names), "Z <-o a\na o-o b\nz --> ä\n");
}

TEST(EdgesFormat, NamesAllNodesOnlyWhenOneIsAlone) {
  const NamedGraph named = parse_edges("nodes: C, B A\nA o-> B\n", "g");
  EXPECT_EQ(to_edges(named.graph, named.names), "nodes: A B C\nA o-> B\n");
  EXPECT_EQ(to_edges(MixedGraph(0), {}), "");
}

TEST(EdgesFormat, QuotesNastyNamesAndReadsThemBack) {
  const std::vector<std::string> names = {
      "",      "Toy Story (1995)", "a\"b",  "back\\slash", "#1",     "x,y",
      ",",     "line\nbreak",      "tab\t", "nodes:",      "o->",    "ä ö",
      "q\\\"", "latent:",          "\r",    "'single'",    "A.b_c-d"};
  MixedGraph graph(static_cast<int>(names.size()));
  for (Node x = 0; x + 1 < graph.num_nodes(); x += 2) graph.connect(x, x + 1, Mark::circle, Mark::arrow);
  const std::string written = to_edges(graph, names);
  EXPECT_THAT(written, HasSubstr("\"Toy Story (1995)\""));
  EXPECT_THAT(written, HasSubstr("\"a\\\"b\" o-> back\\slash"));
  const NamedGraph back = parse_edges(written, "g");
  EXPECT_EQ(to_edges(back.graph, back.names), written);
  EXPECT_THAT(back.names, testing::UnorderedElementsAreArray(names));
}

TEST(EdgesFormat, RandomGraphsWithRandomNamesReadBack) {
  Random random(11);
  const std::string letters = "ab \"\\#,\n\tn:-o>";
  for (int round = 0; round < 300; ++round) {
    const int n = static_cast<int>(random.below(7));
    std::vector<std::string> names;
    while (static_cast<int>(names.size()) < n) {
      std::string name;
      for (auto length = random.below(5); length > 0; --length) name += letters[random.below(letters.size())];
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    MixedGraph graph(n);
    for (Node x = 0; x < n; ++x)
      for (Node y = x + 1; y < n; ++y)
        if (random.below(2) == 0)
          graph.connect(x, y, static_cast<Mark>(1 + random.below(3)), static_cast<Mark>(1 + random.below(3)));
    const std::string written = to_edges(graph, names);
    const NamedGraph back = parse_edges(written, "g");
    ASSERT_EQ(to_edges(back.graph, back.names), written);
    ASSERT_EQ(back.graph.num_nodes(), n);
  }
}

TEST(EdgesFormat, SkipsCommentsBlankLinesAndCarriageReturns) {
  const NamedGraph named = parse_edges("# a graph\r\n\r\n  A o-> B  # first\r\n\t\nB o-o C", "g");
  EXPECT_EQ(to_edges(named.graph, named.names), "A o-> B\nB o-o C\n");
}

TEST(EdgesFormat, NamesLineAndContentOfAMistake) {
  const auto reading = [](const std::string& text) { return [text] { parse_edges(text, "g.txt"); }; };
  EXPECT_THAT(reading("A o-> B\nA => C\n"),
              ThrowsMessage<UserError>("g.txt:2: unknown edge \"=>\" (known: --> <-- <-> o-> <-o o-o --- o-- "
                                       "--o) in `A => C`"));
  EXPECT_THAT(reading("A o-> B\n\nB <-o A\n"),
              ThrowsMessage<UserError>("g.txt:3: a second edge between the same nodes in `B <-o A`"));
  EXPECT_THAT(reading("A o-> A"),
              ThrowsMessage<UserError>("g.txt:1: an edge from a node to itself in `A o-> A`"));
  EXPECT_THAT(reading("A o->"), ThrowsMessage<UserError>("g.txt:1: no edge such as `A o-> B` in `A o->`"));
  EXPECT_THAT(reading("A \"o->\" B"), ThrowsMessage<UserError>(HasSubstr("no edge such as")));
  EXPECT_THAT(reading("\"A o-> B"), ThrowsMessage<UserError>(HasSubstr("a quote is not closed")));
  EXPECT_THAT(reading("\"A\\x\" o-> B"), ThrowsMessage<UserError>(HasSubstr("unknown escape \\x")));
  EXPECT_THAT(reading("\"A\"B o-> C"),
              ThrowsMessage<UserError>(HasSubstr("no space behind a closing quote")));
  EXPECT_THAT(reading("A\"B o-> C"), ThrowsMessage<UserError>(HasSubstr("a quote inside a name")));
}

TEST(DagFormat, ReadsKindsEdgesQuotesAndComments) {
  const NamedDag named = parse_dag(
      "# truth\nobserved: A, B \"C d\"\nlatent: L\nselection: S\nA --> B\nB <-- L  # hidden\n\"C d\" --> S\n",
      "t.dag");
  EXPECT_THAT(named.names, ElementsAre("A", "B", "C d", "L", "S"));
  EXPECT_THAT(observed_names(named), ElementsAre("A", "B", "C d"));
  EXPECT_TRUE(named.dag.has_edge(0, 1));
  EXPECT_TRUE(named.dag.has_edge(3, 1));
  EXPECT_TRUE(named.dag.has_edge(2, 4));
  EXPECT_EQ(named.dag.kind(4), NodeKind::selection);
  const NamedDag back = parse_dag("\xEF\xBB\xBF" + to_text(named), "again");
  EXPECT_EQ(back.names, named.names);
  EXPECT_EQ(back.dag, named.dag);
}

TEST(DagFormat, NamesLineAndContentOfAMistake) {
  const auto reading = [](const std::string& text) {
    return [text] { parse_dag("observed: A B C\n" + text, "t.dag"); };
  };
  EXPECT_THAT(reading("A --> B\nB --> C\nC --> A\n"),
              ThrowsMessage<UserError>("t.dag:4: an edge that closes a directed cycle in `C --> A`"));
  EXPECT_THAT(
      reading("A --> X\n"),
      ThrowsMessage<UserError>("t.dag:2: unknown node \"X\" (not among observed:, latent:, selection:) "
                               "in `A --> X`"));
  EXPECT_THAT(reading("latent: L B\n"),
              ThrowsMessage<UserError>("t.dag:2: the name \"B\" is given twice in `latent: L B`"));
  EXPECT_THAT(reading("A --> A\n"),
              ThrowsMessage<UserError>("t.dag:2: an edge from a node to itself in `A --> A`"));
  EXPECT_THAT(reading("A --> B\nB <-- A\n"),
              ThrowsMessage<UserError>("t.dag:3: an edge given twice in `B <-- A`"));
  EXPECT_THAT(
      reading("A <-> B\n"),
      ThrowsMessage<UserError>("t.dag:2: \"<->\" is no edge of a DAG (known: --> <--; a common cause that is "
                               "not observed is a node of the line latent:) in `A <-> B`"));
  EXPECT_THAT(reading("A B\n"), ThrowsMessage<UserError>("t.dag:2: no edge such as `A --> B` in `A B`"));
  EXPECT_THAT(reading("A => B\n"),
              ThrowsMessage<UserError>("t.dag:2: unknown edge \"=>\" (known: --> <--) in `A => B`"));
  EXPECT_THAT(reading("latnt: L\n"), ThrowsMessage<UserError>("t.dag:2: unknown list \"latnt:\" (did you "
                                                              "mean \"latent:\"?) in `latnt: L`"));
  EXPECT_THAT(reading("observd: L M\n"), ThrowsMessage<UserError>(HasSubstr("did you mean \"observed:\"?")));
  EXPECT_THAT(reading("nodes: L\n"), ThrowsMessage<UserError>(HasSubstr("no edge such as `A --> B`")));
  EXPECT_THAT(reading("caf\xe9 --> B\n"),
              ThrowsMessage<UserError>("t.dag:2: bytes that are no UTF-8 in `caf\\xe9 --> B`"));
  EXPECT_THAT(reading(std::string(1000, 'x')), ThrowsMessage<UserError>(testing::SizeIs(testing::Lt(200))));
}

TEST(Parsers, AnswerGarbageWithAUserErrorOrAGraph) {
  Random random(12);
  const std::string letters = "AB -<>o\"\\#,\n:nodes\xff\x01";
  for (int round = 0; round < 5000; ++round) {
    std::string garbage;
    for (auto length = random.below(30); length > 0; --length)
      garbage += letters[random.below(letters.size())];
    try {
      const NamedGraph named = parse_edges(garbage, "g");
      ASSERT_EQ(named.names.size(), static_cast<std::size_t>(named.graph.num_nodes()));
    } catch (const UserError&) {
    }
    try {
      parse_dag("observed: A B o\n" + garbage, "g");
    } catch (const UserError&) {
    }
    try {
      parse_graph(garbage);
    } catch (const UserError&) {
    }
  }
}

}  // namespace
}  // namespace why
