#include "discovery/graph/markov_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/errors.h"
#include "discovery/graph/m_separation.h"
#include "discovery/graph/notation.h"
#include "tests/discovery/literature.h"

namespace why {
namespace {

std::string edges(const MixedGraph& graph) {
  std::vector<std::string> names;
  for (Node x = 0; x < graph.num_nodes(); ++x) names.emplace_back(1, static_cast<char>('a' + x));
  return to_edges(graph, names);
}

class KnownPags : public testing::TestWithParam<KnownPag> {};
INSTANTIATE_TEST_SUITE_P(Literature, KnownPags, testing::ValuesIn(known_pags()),
                         [](const auto& each) { return text("Case", each.index); });

TEST_P(KnownPags, AreTheTruePags) {
  const KnownPag& known = GetParam();
  const NamedDag truth = parse_dag(known.dag, known.source);
  if (observed_names(truth).size() > kMaxSmallNodes) GTEST_SKIP() << "too large: " << known.source;
  EXPECT_EQ(to_literal({observed_names(truth), true_pag(Separations(truth.dag))}),
            to_literal(parse_graph(known.pag)))
      << known.source;
}

TEST(TruePag, OfNoNode) { EXPECT_EQ(true_pag(Separations(Dag())), MixedGraph(0)); }

// No two of 8 nodes can be separated, so nothing is known.
TEST(TruePag, OfCompleteGraphsIsAllCircles) {
  for (int n = 0; n <= kMaxSmallNodes; ++n) {
    const Separations none(n, [](Node, Node, std::uint32_t) { return false; });
    EXPECT_EQ(true_pag(none), complete_graph(n)) << n;
  }
}

std::multiset<std::string> all_members(const MarkovClass& members) {
  std::multiset<std::string> out;
  members.for_each_member([&](const MixedGraph& member) { out.insert(edges(member)); });
  return out;
}

// The definition, word by word: every choice of marks on the skeleton is tried and asked with the general
// code.
std::multiset<std::string> all_members_by_definition(const MixedGraph& mag) {
  const MSeparation truth(mag);
  const int n = mag.num_nodes();
  const auto same_separations = [&](const MixedGraph& candidate) {
    const MSeparation answers(candidate);
    for (Node x = 0; x < n; ++x)
      for (std::uint32_t z = 0; z < 1u << n; ++z) {
        std::vector<Node> given;
        for (Node v = 0; v < n; ++v)
          if (z >> v & 1) given.push_back(v);
        if (!(z >> x & 1) && !(answers.connected(x, given) == truth.connected(x, given))) return false;
      }
    return true;
  };

  std::vector<std::pair<Node, Node>> pairs;
  for (Node x = 0; x < n; ++x)
    for (Node y = x + 1; y < n; ++y)
      if (mag.adjacent(x, y)) pairs.emplace_back(x, y);
  std::multiset<std::string> out;
  for (std::uint64_t choice = 0; choice < std::uint64_t{1} << (2 * pairs.size()); ++choice) {
    MixedGraph candidate(n);
    for (std::size_t i = 0; i < pairs.size(); ++i)
      candidate.connect(pairs[i].first, pairs[i].second, choice >> (2 * i) & 1 ? Mark::arrow : Mark::tail,
                        choice >> (2 * i + 1) & 1 ? Mark::arrow : Mark::tail);
    if (is_ancestral(candidate) && same_separations(candidate)) out.insert(edges(candidate));
  }
  return out;
}

TEST(MarkovClass, OfOneEdgeHasFourMembers) {
  const MarkovClass members(Separations(parse_graph("a --> b").graph));
  EXPECT_THAT(all_members(members), testing::ElementsAre("a --- b\n", "a --> b\n", "a <-- b\n", "a <-> b\n"));
}

TEST(MarkovClass, HasTheMembersOfTheDefinition) {
  Random random(21);
  RandomDagOptions options;
  for (int round = 0; round < 150; ++round) {
    options.observed = 2 + round % 4;
    options.latent = round % 3;
    options.selection = round / 3 % 3;
    options.edge_probability = options.observed == 5 ? 0.2 : 0.45;
    const MixedGraph mag = dag_to_mag(random_dag(options, random));
    if (mag.num_edges() > 6) continue;  // 4^7 choices take too long
    EXPECT_EQ(all_members(MarkovClass(Separations(mag))), all_members_by_definition(mag)) << edges(mag);
  }
}

void expect_marks_found(const MarkovClass& members, const MixedGraph& member) {
  for (Node x = 0; x < member.num_nodes(); ++x)
    for (Node y = 0; y < member.num_nodes(); ++y) {
      if (x == y) continue;
      ASSERT_EQ(members.adjacent(x, y), member.adjacent(x, y));
      const EndMarks marks = members.marks(x, y);
      EXPECT_TRUE(member.mark(x, y) != Mark::arrow || marks.arrow) << edges(member);
      EXPECT_TRUE(member.mark(x, y) != Mark::tail || marks.tail) << edges(member);
    }
}

// The MAG of a DAG is one of the class, and each of its marks was found.
TEST(MarkovClass, HoldsTheMagOfTheDag) {
  Random random(22);
  RandomDagOptions options;
  for (int round = 0; round < 600; ++round) {
    options.observed = 5 + round % 4;
    options.latent = round % 4;
    options.selection = round / 4 % 3;
    options.edge_probability = 0.1 + 0.05 * (round % 9);
    const Dag dag = random_dag(options, random);
    const MarkovClass members{Separations(dag)};
    EXPECT_TRUE(members.complete());
    expect_marks_found(members, dag_to_mag(dag));
  }
}

// Turning x --> y where y has no parents but x and those of x gives an equivalent DAG, and all of them are
// reached so (Chickering 1995). A random walk of such turns stays in the class.
TEST(MarkovClass, HoldsEveryEquivalentDag) {
  Random random(23);
  RandomDagOptions options;
  options.observed = 8;
  options.latent = 0;
  const auto covered = [](const MixedGraph& dag, Node x, Node y) {
    if (!dag.is_parent(x, y)) return false;
    for (Node w = 0; w < dag.num_nodes(); ++w)
      if (w != x && dag.is_parent(w, x) != dag.is_parent(w, y)) return false;
    return true;
  };
  int turns = 0;
  for (int round = 0; round < 200; ++round) {
    options.edge_probability = 0.2 + 0.05 * (round % 9);
    MixedGraph dag = dag_to_mag(random_dag(options, random));
    const MarkovClass members{Separations(dag)};
    for (int attempt = 0; attempt < 400; ++attempt) {
      const Node x = static_cast<Node>(random.below(8)), y = static_cast<Node>(random.below(8));
      if (x == y || !covered(dag, x, y)) continue;
      dag.connect(x, y, Mark::arrow, Mark::tail);
      expect_marks_found(members, dag);
      ++turns;
    }
  }
  EXPECT_GT(turns, 2000);
}

TEST(MarkovClass, OfImpossibleSeparationsIsAnError) {
  // a - c - b with a and b separated given nothing, so c is a collider, and given c, so it is none
  const auto both = [](Node x, Node y, std::uint32_t) { return x + y == 1; };
  EXPECT_THROW(MarkovClass(Separations(3, both)), UserError);
  // a - c - b with a and b separated by nothing but d, which is alone
  const auto remote = [](Node x, Node y, std::uint32_t z) { return y == 3 || (x + y == 1 && z == 0b1000); };
  EXPECT_THROW(MarkovClass(Separations(4, remote)), UserError);
}

TEST(MarkovClass, OutOfStepsSaysSo) {
  const Separations none(6, [](Node, Node, std::uint32_t) { return false; });
  ClassOptions options;
  options.max_steps = 0;
  const MarkovClass nothing_found(none, options);
  EXPECT_FALSE(nothing_found.complete());
  EXPECT_FALSE(nothing_found.marks(0, 1).arrow || nothing_found.marks(0, 1).tail);
  EXPECT_EQ(nothing_found.pag(), complete_graph(6));
  EXPECT_THROW(true_pag(none, options), UserError);
}

}  // namespace
}  // namespace why
