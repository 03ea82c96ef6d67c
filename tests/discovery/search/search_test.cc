// The searches against the oracle, and their promises under answers that fit no graph.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/errors.h"
#include "discovery/graph/notation.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/m_separation_test.h"
#include "discovery/search/pc.h"
#include "discovery/search/skeleton.h"
#include "tests/discovery/literature.h"
#include "tests/discovery/search/made_up_answers.h"

namespace why {
namespace {

std::vector<std::string> letters(int n) {
  std::vector<std::string> out;
  for (int i = 0; i < n; ++i) out.push_back(text("x", i));
  return out;
}

std::string show(const SearchResult& found) {
  return to_literal({letters(found.graph.num_nodes()), found.graph});
}

// Everything of a result, as text.
std::string show_all(const SearchResult& found) {
  std::string out = show(found);
  for (Node x = 0; x < found.graph.num_nodes(); ++x)
    for (Node y = x + 1; y < found.graph.num_nodes(); ++y) {
      const auto sepset = found.sepsets.find(x, y);
      EXPECT_EQ(!sepset, found.graph.adjacent(x, y));
      if (!sepset) continue;
      out += text("\n", x, " ", y, " p ", sepset->p_value, " ", stage_name(sepset->stage), ":");
      for (const Node z : sepset->set) out += text(" ", z);
    }
  out += "\ntests";
  for (const auto count : found.tests) out += text(" ", count);
  out += text("; degenerate ", found.degenerate, ", conflicts ", found.conflicts, ", rounds ", found.rounds);
  for (const auto& bound : found.bounds_hit) out += ", bound " + bound;
  return out;
}

class Literature : public testing::TestWithParam<KnownPag> {};
INSTANTIATE_TEST_SUITE_P(Cases, Literature, testing::ValuesIn(known_pags()),
                         [](const auto& each) { return text("Case", each.index); });

TEST_P(Literature, FciIcdAndPcFindTheKnownGraph) {
  const KnownPag& known = GetParam();
  SCOPED_TRACE(known.source);
  const NamedDag truth = parse_dag(known.dag, known.source);
  const MSeparationTest oracle(truth.dag);
  const std::string pag = to_literal(parse_graph(known.pag));
  const auto names = observed_names(truth);
  EXPECT_EQ(to_literal({names, fci(oracle).graph}), pag);
  EXPECT_EQ(to_literal({names, icd(oracle).graph}), pag);
  EXPECT_EQ(to_literal({names, icd(MSeparationTest(dag_to_mag(truth.dag))).graph}), pag);
  if (!known.cpdag.empty()) {
    EXPECT_EQ(to_literal({names, pc(oracle).graph}), to_literal(parse_graph(known.cpdag)));
  }
}

// Same adjacencies as the MAG, and no mark that contradicts it.
void expect_sound(const MixedGraph& pag, const MixedGraph& mag) {
  for (Node x = 0; x < mag.num_nodes(); ++x)
    for (Node y = 0; y < mag.num_nodes(); ++y) {
      if (x == y) continue;
      ASSERT_EQ(pag.adjacent(x, y), mag.adjacent(x, y));
      if (pag.adjacent(x, y) && pag.mark(x, y) != Mark::circle) {
        ASSERT_EQ(pag.mark(x, y), mag.mark(x, y));
      }
    }
}

TEST(Search, FciAndIcdAgreeAndAreSoundOnRandomGraphs) {
  Random random(41);
  int circles = 0, undirected = 0;
  for (int round = 0; round < 400; ++round) {
    const RandomDagOptions options{.observed = 5 + round % 4,
                                   .latent = round % 4,
                                   .selection = round % 5 == 0 ? 2 : round % 3,
                                   .edge_probability = 0.2 + 0.05 * (round % 6)};
    const Dag dag = random_dag(options, random);
    SCOPED_TRACE(round);
    const MSeparationTest oracle(dag);
    const SearchResult by_fci = fci(oracle), by_icd = icd(oracle);
    ASSERT_EQ(show(by_fci), show(by_icd));
    ASSERT_EQ(by_fci.conflicts + by_icd.conflicts, 0);
    expect_sound(by_fci.graph, dag_to_mag(dag));
    for (Node x = 0; x < options.observed; ++x)
      for (Node y = 0; y < options.observed; ++y) {
        circles += by_fci.graph.mark(x, y) == Mark::circle;
        undirected += x < y && by_fci.graph.is_undirected(x, y);
      }
  }
  // the draw holds what it is meant to test
  EXPECT_GT(circles, 500);
  EXPECT_GT(undirected, 20);
}

// Random ancestral graphs in which every pair that is not adjacent can be separated.
MixedGraph random_mag(int n, Random& random) {
  for (;;) {
    MixedGraph mag(n);
    for (Node x = 0; x < n; ++x)
      for (Node y = x + 1; y < n; ++y)
        if (random.uniform() < 0.45)
          mag.connect(x, y, random.below(2) ? Mark::arrow : Mark::tail, Mark::arrow);
    if (!is_ancestral(mag)) continue;
    const MSeparation truth(mag);
    const auto separable = [&](Node x, Node y) {
      for (std::size_t subset = 0; subset < std::size_t{1} << n; ++subset) {
        std::vector<Node> z;
        for (Node node = 0; node < n; ++node)
          if (subset >> node & 1) z.push_back(node);
        if (!(subset >> x & 1) && !(subset >> y & 1) && truth.separated(x, y, z)) return true;
      }
      return false;
    };
    bool maximal = true;
    for (Node x = 0; x < n; ++x)
      for (Node y = x + 1; y < n; ++y) maximal = maximal && (mag.adjacent(x, y) || separable(x, y));
    if (maximal) return mag;
  }
}

TEST(Search, FciAndIcdAgreeAndAreSoundOnRandomMags) {
  Random random(45);
  for (int round = 0; round < 300; ++round) {
    const MixedGraph mag = random_mag(5 + round % 2, random);
    const MSeparationTest oracle(mag);
    const SearchResult by_fci = fci(oracle), by_icd = icd(oracle);
    ASSERT_EQ(show(by_fci), show(by_icd));
    expect_sound(by_fci.graph, mag);
  }
}

TEST(Search, FindsSetsThatNoAdjacencyHolds) {
  // x3 and x4 are separated by {x0, x1, x2} only, and x0 is adjacent to neither
  const NamedGraph mag = parse_graph("x0 --> x2, x0 <-> x1, x1 --> x3, x1 <-> x4, x2 --> x4, x2 <-> x3");
  const auto node = [&](const char* name) {
    return static_cast<Node>(std::find(mag.names.begin(), mag.names.end(), name) - mag.names.begin());
  };
  const MSeparationTest oracle(mag.graph);
  const std::string truth =
      to_literal(parse_graph("x0 o-> x1, x0 o-> x2, x1 --> x3, x1 <-> x4, x2 --> x4, x2 <-> x3"));
  const SearchResult by_fci = fci(oracle), by_icd = icd(oracle);
  EXPECT_EQ(to_literal({mag.names, by_fci.graph}), truth);
  EXPECT_EQ(to_literal({mag.names, by_icd.graph}), truth);
  const auto sepset = by_fci.sepsets.find(node("x3"), node("x4"));
  EXPECT_EQ(sepset->stage, Stage::possible_d_sep);
  EXPECT_THAT(sepset->set, testing::UnorderedElementsAre(node("x0"), node("x1"), node("x2")));
  FciOptions without_stage;
  without_stage.max_pds_order = 0;
  EXPECT_TRUE(fci(oracle, without_stage).graph.adjacent(node("x3"), node("x4")));
}

TEST(Search, SelectionRulesOffLeavesSoundMarks) {
  Random random(42);
  for (int round = 0; round < 100; ++round) {
    const Dag dag = random_dag({.observed = 6, .latent = 3, .selection = 0, .edge_probability = 0.3}, random);
    const MSeparationTest oracle(dag);
    FciOptions options;
    options.rules.selection_bias = false;
    const SearchResult found = fci(oracle, options);
    expect_sound(found.graph, dag_to_mag(dag));
    for (Node x = 0; x < 6; ++x)
      for (Node y = 0; y < 6; ++y) ASSERT_FALSE(found.graph.is_undirected(x, y));
  }
}

// The marks that all acyclic orientations of the DAG's skeleton with its unshielded colliders share.
MixedGraph cpdag_by_enumeration(const MixedGraph& dag) {
  const int n = dag.num_nodes();
  std::vector<std::pair<Node, Node>> edges;
  for (Node x = 0; x < n; ++x)
    for (const Node y : dag.neighbors(x))
      if (x < y) edges.emplace_back(x, y);
  const auto same_colliders = [&](const MixedGraph& other) {
    for (Node z = 0; z < n; ++z)
      for (const Node x : dag.neighbors(z))
        for (const Node y : dag.neighbors(z))
          if (x < y && !dag.adjacent(x, y) && dag.is_collider(x, z, y) != other.is_collider(x, z, y))
            return false;
    return true;
  };
  MixedGraph shared(n);
  bool first = true;
  for (std::size_t choice = 0; choice < std::size_t{1} << edges.size(); ++choice) {
    MixedGraph other(n);
    for (std::size_t e = 0; e < edges.size(); ++e) {
      const auto [x, y] = edges[e];
      const bool forward = choice >> e & 1;
      other.connect(x, y, forward ? Mark::tail : Mark::arrow, forward ? Mark::arrow : Mark::tail);
    }
    if (!is_ancestral(other) || !same_colliders(other)) continue;
    if (first) shared = other;
    first = false;
    for (const auto& [x, y] : edges)
      if (shared.mark(x, y) != other.mark(x, y)) shared.connect(x, y, Mark::tail, Mark::tail);
  }
  return shared;
}

TEST(Pc, FindsTheCpdagOfRandomDags) {
  Random random(43);
  for (int round = 0; round < 200; ++round) {
    const int n = 4 + round % 3;
    const Dag dag =
        random_dag({.observed = n, .latent = 0, .edge_probability = 0.3 + 0.1 * (round % 4)}, random);
    const MixedGraph truth = cpdag_by_enumeration(dag_to_mag(dag));
    const SearchResult found = pc(MSeparationTest(dag));
    ASSERT_EQ(show(found), to_literal({letters(n), truth}));
    ASSERT_EQ(found.conflicts, 0);
  }
}

TEST(Pc, MeekRulesAlone) {
  const auto meek = [](const std::string& literal) {
    const NamedGraph named = parse_graph(literal);
    return to_literal({named.names, apply_meek_rules(named.graph).graph});
  };
  const auto same = [](const std::string& literal) { return to_literal(parse_graph(literal)); };
  EXPECT_EQ(meek("a --> b, b --- c"), same("a --> b, b --> c"));
  EXPECT_EQ(meek("a --> b, b --- c, a --- c"), same("a --> b, b --- c, a --- c"));
  EXPECT_EQ(meek("b --> a, a --> c, b --- c"), same("b --> a, a --> c, b --> c"));
  EXPECT_EQ(meek("b --- a, a --> c, b --- d, d --> c, b --- c"),
            same("b --- a, a --> c, b --- d, d --> c, b --> c"));
  EXPECT_EQ(meek("b --- a, a --> c, b --- d, d --> c, b --- c, a --- d"),
            same("b --- a, a --> c, b --- d, d --> c, b --- c, a --- d"));
  EXPECT_EQ(meek("a <-> b, b --- c"), same("a <-> b, b --- c"));
}

TEST(Skeleton, AdjacenciesAreFrozenWithinASize) {
  // Given the third node each pair is independent. A search that removes at once would keep the last edge.
  const SearchResult found = pc_stable_skeleton(Table(3, {{0, 1, {2}}, {0, 2, {1}}, {1, 2, {0}}}));
  EXPECT_EQ(found.graph.num_edges(), 0);
  EXPECT_THAT(found.tests, testing::ElementsAre(3, 3));
}

TEST(Skeleton, CountsEachQuestionOnce) {
  // a --> b --> c: three marginal questions; then the pools of both ends are equal and asked once
  const NamedDag chain = parse_dag("observed: a b c\na --> b\nb --> c\n", "t");
  const SearchResult found = pc_stable_skeleton(MSeparationTest(chain.dag));
  EXPECT_EQ(show(found), "x0 o-o x1, x1 o-o x2");
  EXPECT_THAT(found.tests, testing::ElementsAre(3, 3));
  EXPECT_THAT(found.sepsets.find(0, 2)->set, testing::ElementsAre(1));
  EXPECT_THAT(found.sepsets.find(2, 0)->set, testing::ElementsAre(1));
  EXPECT_FALSE(found.sepsets.find(0, 1));
  EXPECT_THAT(found.bounds_hit, testing::IsEmpty());
}

TEST(Skeleton, TheFirstEndsPoolComesFirstThenLexicographicOrder) {
  // 0 - 4 are separated by {1, 3}, {2, 3} and {1, 2}: the smallest wins, over p-values or arrival
  const SearchResult found = pc_stable_skeleton(Table(5, {{0, 4, {2, 3}}, {0, 4, {1, 3}}, {0, 4, {1, 2}}}));
  EXPECT_THAT(found.sepsets.find(0, 4)->set, testing::ElementsAre(1, 2));
  // 1 - 2 is gone at size 0, so only 1's pool holds 0 … and only 0's other end offers {2}
  const SearchResult ends = pc_stable_skeleton(Table(4, {{0, 2, {}}, {0, 1, {2}}, {0, 1, {3}}}));
  EXPECT_THAT(ends.sepsets.find(0, 1)->set, testing::ElementsAre(3));  // 0's pool is {3}; {2} is only in 1's
}

// Answers by arithmetic, quickly.
class Arithmetic : public CiTest {
 public:
  int num_nodes() const override { return 200; }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override {
    const int pair = std::min(x, y) * 7 + std::max(x, y) * 13;
    return {z.empty() ? pair % 10 == 0 : (pair + z[0] * 29) % 311 == 0, false, 0.5};
  }
};

TEST(Skeleton, SeveralBatchesGiveWhatOneLoopGives) {
  // the pools of the about 17,900 edges left hold about 6 million nodes, more than one batch
  const Arithmetic test;
  const SearchResult found = pc_stable_skeleton(test, 1);
  MixedGraph frozen = complete_graph(200);
  for (Node x = 0; x < 200; ++x)
    for (Node y = x + 1; y < 200; ++y)
      if (test.ask(x, y, {}).independent) frozen.disconnect(x, y);
  const auto first_separating = [&](Node x, Node y) -> std::vector<Node> {
    for (const auto& [end, other] : {std::pair(x, y), std::pair(y, x)})
      for (const Node z : frozen.neighbors(end))
        if (z != other && test.ask(x, y, std::vector<Node>{z}).independent) return {z};
    return {};
  };
  for (Node x = 0; x < 200; ++x)
    for (Node y = x + 1; y < 200; ++y) {
      const std::vector<Node> wanted = frozen.adjacent(x, y) ? first_separating(x, y) : std::vector<Node>();
      ASSERT_EQ(found.graph.adjacent(x, y), frozen.adjacent(x, y) && wanted.empty());
      if (found.graph.adjacent(x, y)) continue;
      ASSERT_THAT(found.sepsets.find(x, y)->set, testing::ElementsAreArray(wanted));
    }
  EXPECT_GT(frozen.num_edges() - found.graph.num_edges(), 1000);
}

TEST(Skeleton, NamesTheBoundThatStopsIt) {
  const Table dense(5, {});
  EXPECT_THAT(pc_stable_skeleton(dense).bounds_hit, testing::IsEmpty());
  EXPECT_THAT(pc_stable_skeleton(dense, 1).bounds_hit, testing::ElementsAre("max-order 1"));
  EXPECT_THAT(pc_stable_skeleton(dense, 1).tests, testing::ElementsAre(10, 30));
  EXPECT_THAT(pc_stable_skeleton(dense, 3).bounds_hit, testing::IsEmpty());
  EXPECT_THAT(pc_stable_skeleton(Table(5, {}, 2)).bounds_hit, testing::ElementsAre("samples (order 2)"));
  FciOptions options;
  options.max_pds_order = 2;
  EXPECT_THAT(fci(dense, options).bounds_hit, testing::ElementsAre("max-pds-order 2"));
  options.max_order = 0;
  options.max_pds_order = 0;
  EXPECT_THAT(fci(dense, options).bounds_hit, testing::ElementsAre("max-order 0", "max-pds-order 0"));
  IcdOptions icd_options;
  icd_options.max_order = 2;
  EXPECT_THAT(icd(dense, icd_options).bounds_hit, testing::ElementsAre("max-order 2"));
  EXPECT_THAT(icd(dense).bounds_hit, testing::IsEmpty());
  EXPECT_THAT(icd(Table(5, {}, 1)).bounds_hit, testing::ElementsAre("samples (order 1)"));
  EXPECT_THAT(fci(Table(5, {}, 0)).bounds_hit, testing::ElementsAre("samples (order 0)"));
}

TEST(Icd, StopsBehindTheRoundWithTooManySets) {
  // a complete graph of 8 nodes: 6 sets an edge in round 1, 15 in round 2, 20 in round 3
  IcdOptions options;
  options.max_sets_per_edge = 14;
  const SearchResult stopped = icd(Table(8, {}), options);
  EXPECT_THAT(stopped.bounds_hit, testing::ElementsAre("max-sets-per-edge 14 (order 2)"));
  EXPECT_THAT(stopped.tests, testing::ElementsAre(28, 28 * 6));
  options.max_sets_per_edge = 15;
  EXPECT_THAT(icd(Table(8, {}), options).bounds_hit, testing::ElementsAre("max-sets-per-edge 15 (order 3)"));
  options.max_sets_per_edge = 20;
  EXPECT_THAT(icd(Table(8, {}), options).bounds_hit, testing::IsEmpty());
}

TEST(Icd, AsksEachSetOncePerEdge) {
  // nothing is independent: a complete graph of circles stays, every other pair of nodes is a set once
  const SearchResult found = icd(Table(5, {}));
  EXPECT_THAT(found.tests, testing::ElementsAre(10, 30, 30, 10));
  EXPECT_EQ(found.rounds, 4);
}

TEST(Icd, RoundOneAsksAboutColliders) {
  // 0 _||_ 2 and 3 _||_ 2 make 1 a collider of all three, no ancestor of 0 or 3 as far as round 0 knows; on
  // data such answers are often wrong, so {1} is asked for the edge 0 - 3 all the same.
  const SearchResult found = icd(Table(4, {{0, 2, {}}, {2, 3, {}}, {0, 3, {1}}}));
  EXPECT_FALSE(found.graph.adjacent(0, 3));
  EXPECT_THAT(found.sepsets.find(0, 3)->set, testing::ElementsAre(1));
}

TEST(Icd, AsksFewerQuestionsThanFci) {
  Random random(44);
  std::int64_t by_icd = 0, by_fci = 0;
  const auto total = [](const SearchResult& found) {
    return std::accumulate(found.tests.begin(), found.tests.end(), std::int64_t{0});
  };
  for (int round = 0; round < 30; ++round) {
    const Dag dag = random_dag({.observed = 8, .latent = 3, .edge_probability = 0.3}, random);
    by_icd += total(icd(MSeparationTest(dag)));
    by_fci += total(fci(MSeparationTest(dag)));
  }
  EXPECT_LT(2 * by_icd, by_fci);
}

TEST(Search, TwoNodesOneAndNone) {
  for (const int n : {0, 1, 2}) {
    const Table test(n, {});
    EXPECT_EQ(fci(test).graph, complete_graph(n));
    EXPECT_EQ(icd(test).graph, complete_graph(n));
    EXPECT_EQ(pc(test).graph.num_edges(), n == 2);
  }
}

class Promises : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Promises, testing::Range(0, 12));

TEST_P(Promises, ResultsDoNotDependOnThreads) {
  RandomAnswers test(9, 0.1 + 0.05 * (GetParam() % 4), static_cast<std::uint64_t>(GetParam()));
  const auto everything = [&](int threads) {
    test.threads = threads;
    return show_all(pc(test)) + show_all(fci(test)) + show_all(icd(test));
  };
  const std::string alone = everything(1);
  EXPECT_EQ(everything(2), alone);
  EXPECT_EQ(everything(7), alone);
}

TEST_P(Promises, AdjacenciesDoNotDependOnTheOrderOfNodes) {
  const RandomAnswers test(9, 0.15, static_cast<std::uint64_t>(GetParam()));
  std::vector<Node> old_name(9);
  std::iota(old_name.begin(), old_name.end(), 0);
  Random random(static_cast<std::uint64_t>(GetParam()));
  random.shuffle(std::span(old_name));
  const MixedGraph here = pc_stable_skeleton(test).graph,
                   there = pc_stable_skeleton(Renamed(test, old_name)).graph;
  for (Node x = 0; x < 9; ++x)
    for (Node y = 0; y < 9; ++y)
      EXPECT_EQ(there.adjacent(x, y),
                here.adjacent(old_name[static_cast<std::size_t>(x)], old_name[static_cast<std::size_t>(y)]));
}

TEST(Search, ConflictsAreCountedWhenAnswersFitNoGraph) {
  int by_fci = 0, by_pc = 0;
  FciOptions options;
  options.max_order = 1;
  options.max_pds_order = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const RandomAnswers test(9, 0.2, seed);
    by_fci += fci(test, options).conflicts;
    by_pc += pc(test).conflicts;
  }
  EXPECT_GT(by_fci, 0);
  EXPECT_GT(by_pc, 0);
}

TEST(SepSets, AreStoredOnceForBothOrders) {
  SepSets sepsets(4);
  sepsets.store(2, 1, std::vector<Node>{0, 3}, 0.25, Stage::icd_sep);
  EXPECT_THAT(sepsets.find(1, 2)->set, testing::ElementsAre(0, 3));
  EXPECT_EQ(sepsets.find(2, 1)->p_value, 0.25);
  EXPECT_EQ(stage_name(sepsets.find(2, 1)->stage), "icd-sep");
  EXPECT_FALSE(sepsets.find(0, 1));
  EXPECT_EQ(sepsets.count(), 1);
  EXPECT_THROW(sepsets.store(1, 2, {}, 0.5, Stage::adjacency), InternalError);
}

TEST(SepSets, OfOrderZeroAreStoredByRows) {
  SepSets sepsets(4);
  sepsets.store_empty(1, {0.5, SepSets::kNotSeparated}, 1, Stage::adjacency);
  sepsets.store(3, 1, std::vector<Node>{0}, 0.25, Stage::icd_sep);
  EXPECT_TRUE(sepsets.find(2, 1)->set.empty());
  EXPECT_EQ(sepsets.find(1, 2)->p_value, 0.5);
  EXPECT_EQ(sepsets.find(1, 2)->stage, Stage::adjacency);
  EXPECT_THAT(sepsets.find(1, 3)->set, testing::ElementsAre(0));
  for (const auto& [x, y] : {std::pair(0, 1), std::pair(0, 3), std::pair(2, 3), std::pair(1, 1)})
    EXPECT_FALSE(sepsets.find(x, y)) << x << " " << y;
  EXPECT_EQ(sepsets.count(), 2);
  EXPECT_THROW(sepsets.store(2, 1, {}, 0.5, Stage::adjacency), InternalError);
  EXPECT_THROW(sepsets.store_empty(1, {0.5, 0.5}, 2, Stage::adjacency), InternalError);
}

}  // namespace
}  // namespace why
