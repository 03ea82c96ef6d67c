#include "discovery/search/true_pag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/random.h"
#include "discovery/graph/m_separation.h"
#include "discovery/graph/markov_class.h"
#include "discovery/graph/notation.h"
#include "tests/discovery/literature.h"

namespace why {
namespace {

using testing::HasSubstr;

std::vector<std::string> numbered_names(int n) {
  std::vector<std::string> out;
  for (int x = 0; x < n; ++x) out.push_back(text("x", x));
  return out;
}

Dag random_graph(Random& random, int least, int most) {
  RandomDagOptions options;
  options.observed = least + static_cast<int>(random.below(static_cast<std::uint64_t>(most - least + 1)));
  options.latent = static_cast<int>(random.below(4));
  options.selection = random.below(2) == 0 ? 0 : static_cast<int>(1 + random.below(3));
  options.edge_probability = (1 + 2 * random.uniform()) / options.observed;
  return random_dag(options, random);
}

TEST(TruePag, IsTheOneOfTheLiterature) {
  for (const KnownPag& known : known_pags()) {
    const NamedDag truth = parse_dag(known.dag, "dag");
    const NamedGraph pag = parse_graph(known.pag);
    const std::vector<std::string> names = observed_names(truth);
    EXPECT_EQ(to_edges(dag_to_pag(truth.dag), names), to_edges(pag.graph, pag.names)) << known.source;
  }
}

TEST(TruePag, EqualsTheOneByBruteForce) {
  Random random(61);
  for (int round = 0; round < 400; ++round) {
    const Dag dag = random_graph(random, 3, 7);
    ASSERT_EQ(dag_to_pag(dag), true_pag(Separations(dag))) << "graph " << round;
  }
}

TEST(TruePag, EveryMemberOfAClassIsAMagWithTheSamePag) {
  Random random(62);
  int members = 0;
  for (int round = 0; round < 60; ++round) {
    const Dag dag = random_graph(random, 3, 5);
    const MixedGraph pag = dag_to_pag(dag);
    const auto names = numbered_names(pag.num_nodes());
    MarkovClass(Separations(dag)).for_each_member([&](const MixedGraph& mag) {
      ++members;
      ASSERT_EQ(is_mag(mag, names).why, "");
      ASSERT_EQ(mag_to_pag(mag), pag);
    });
  }
  EXPECT_GT(members, 500);
}

TEST(TruePag, LeadsToAMagAndBack) {
  Random random(63);
  for (int round = 0; round < 150; ++round) {
    const Dag dag = random_graph(random, 8, 25);
    const MixedGraph pag = dag_to_pag(dag);
    const auto names = numbered_names(pag.num_nodes());
    ASSERT_EQ(is_mag(dag_to_mag(dag), names).why, "");
    ASSERT_EQ(is_mag(pag_to_mag(pag), names).why, "");
    ASSERT_EQ(is_pag(pag, names).why, "");
  }
}

// A graph is a PAG iff it is the PAG of some class of its own separations: brute force over its filled-in
// MAG.
TEST(Legality, OfSpoiltPagsIsThatOfBruteForce) {
  Random random(64);
  int legal = 0, illegal = 0;
  for (int round = 0; round < 600; ++round) {
    MixedGraph graph = dag_to_pag(random_graph(random, 3, 6));
    const auto names = numbered_names(graph.num_nodes());
    for (Node x = 0; x < graph.num_nodes(); ++x)
      for (const Node y : graph.neighbors(x))
        if (random.below(12) == 0) graph.set_mark(x, y, static_cast<Mark>(1 + random.below(3)));

    // every way to fill in the circles, until one gives a MAG whose class has this PAG
    bool expected = false;
    std::vector<std::pair<Node, Node>> circles;
    for (Node x = 0; x < graph.num_nodes(); ++x)
      for (const Node y : graph.neighbors(x))
        if (graph.mark(x, y) == Mark::circle) circles.emplace_back(x, y);
    if (circles.size() > 10) continue;
    for (unsigned choice = 0; choice < 1u << circles.size() && !expected; ++choice) {
      MixedGraph mag = graph;
      for (std::size_t i = 0; i < circles.size(); ++i)
        mag.set_mark(circles[i].first, circles[i].second, choice >> i & 1 ? Mark::arrow : Mark::tail);
      if (!is_ancestral(mag)) continue;
      const Separations separations(mag);
      const MarkovClass members(separations);
      bool maximal = true;
      for (Node x = 0; x < mag.num_nodes(); ++x)
        for (Node y = x + 1; y < mag.num_nodes(); ++y)
          maximal &= mag.adjacent(x, y) == members.adjacent(x, y);
      expected = maximal && members.pag() == graph;
    }
    EXPECT_EQ(static_cast<bool>(is_pag(graph, names)), expected)
        << to_edges(graph, names) << is_pag(graph, names).why;
    ++(expected ? legal : illegal);
  }
  EXPECT_GT(legal, 100);
  EXPECT_GT(illegal, 100);
}

std::string why_no_mag(const char* literal) {
  const NamedGraph named = parse_graph(literal);
  return is_mag(named.graph, named.names).why;
}
std::string why_no_pag(const char* literal) {
  const NamedGraph named = parse_graph(literal);
  return is_pag(named.graph, named.names).why;
}

TEST(Legality, OfMagsNamesTheConditionThatFails) {
  EXPECT_EQ(why_no_mag("A --> B, B <-> C"), "");
  EXPECT_EQ(why_no_mag(""), "");
  EXPECT_EQ(why_no_mag("A o-> B"), "there is a circle in \"A\" o-> \"B\"");
  EXPECT_THAT(why_no_mag("A --> B, B --> C, A <-- C"), HasSubstr("is an ancestor of"));
  EXPECT_THAT(
      why_no_mag("A --> B, B --> C, A <-> C"),
      HasSubstr("there is an arrowhead at \"A\" in \"A\" <-> \"C\", though \"A\" is an ancestor of \"C\""));
  EXPECT_EQ(why_no_mag("A --> B, B --- C"),
            "an arrowhead and an undirected edge meet at \"B\": \"A\" --> \"B\" and \"B\" --- \"C\"");
  // Richardson & Spirtes 2002, figure 7: an inducing path without an edge
  EXPECT_EQ(why_no_mag("A <-> B, B <-> C, C <-> D, B --> D, C --> A"),
            "no set separates \"A\" and \"D\", which are not adjacent");
}

TEST(Legality, OfPagsNamesTheMarkThatIsWrong) {
  EXPECT_EQ(why_no_pag("A o-> B, C o-> B"), "");
  EXPECT_EQ(why_no_pag("A o-o B, B o-o C"), "");
  EXPECT_EQ(why_no_pag("A --> B"),
            "it has \"A\" --> \"B\" where the PAG of what it describes has \"A\" o-o \"B\"");
  EXPECT_THAT(why_no_pag("A o-> B, B o-o C"), HasSubstr("it has \"A\" o-> \"B\" where"));
  // a circle of four without chords cannot be filled in without a new collider: R5 makes it undirected
  EXPECT_THAT(why_no_pag("A o-o B, B o-o C, C o-o D, A o-o D"), HasSubstr("it has"));
  EXPECT_THAT(why_no_pag("A --> B, B --> C, A <-- C"), HasSubstr("with its circles filled in it is no MAG"));
}

}  // namespace
}  // namespace why
