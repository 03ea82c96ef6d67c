// Searches with knowledge against the oracle: what is known is in the graph, every mark is true, and fewer
// questions are asked.
#include "discovery/search/knowledge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <numeric>

#include "core/errors.h"
#include "discovery/graph/m_separation.h"
#include "discovery/graph/markov_class.h"
#include "discovery/graph/notation.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/m_separation_test.h"
#include "discovery/search/ordicd.h"
#include "discovery/search/pc.h"
#include "discovery/search/rfci.h"
#include "discovery/search/why_text.h"
#include "tests/discovery/search/ancestry.h"
#include "tests/discovery/search/made_up_answers.h"

namespace why {
namespace {

using testing::HasSubstr;

constexpr RuleChoice kNoSelection{.selection_bias = false};

// Graph i of a family: 4 to 8 observed nodes, without selection.
Dag graph_of(std::uint64_t seed, int i, int latent) {
  Random random = Random(seed).child("graph", static_cast<std::uint64_t>(i));
  return random_dag({.observed = 4 + i % 5,
                     .latent = latent,
                     .selection = 0,
                     .edge_probability = 0.15 + 0.05 * static_cast<double>(random.below(7))},
                    random);
}

// True statements about the observed nodes: one to four tiers, in which some nodes are left out, and some of
// the forbidden and of the required edges that the graph allows.
Knowledge true_knowledge(const Dag& dag, std::uint64_t seed, bool everybody_in_a_tier = false) {
  Random random(seed);
  const int n = static_cast<int>(dag.nodes_of(NodeKind::observed).size());
  std::vector<Node> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(std::span(order));
  std::ranges::stable_sort(order, {}, [&](Node x) { return NodeSet(dag.ancestors(x)).count(); });

  Knowledge out(n);
  const std::uint64_t tiers = 1 + random.below(4);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (everybody_in_a_tier || random.below(4) > 0)
      out.set_tier(order[i], static_cast<int>(i * tiers / order.size()));
  if (everybody_in_a_tier) return out;
  for (Node x = 0; x < n; ++x)
    for (Node y = 0; y < n; ++y) {
      if (x == y) continue;
      if (!dag.is_ancestor(x, y) && random.below(6) == 0) out.forbid(x, y);
      if (dag.has_edge(x, y) && random.below(4) == 0) out.require(x, y);
    }
  return out;
}

std::int64_t questions(const SearchResult& found) {
  return std::accumulate(found.tests.begin(), found.tests.end(), std::int64_t{0});
}

// What is known of an edge is in the graph, and has its reason.
void expect_known_marks(const SearchResult& found, const Knowledge& knowledge) {
  const MixedGraph& graph = found.graph;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (Node y = 0; y < graph.num_nodes(); ++y) {
      if (x == y) continue;
      if (knowledge.are_joined(x, y)) {
        ASSERT_TRUE(graph.adjacent(x, y));
      }
      if (!graph.adjacent(x, y) || knowledge.mark(x, y) == Mark::none) continue;
      ASSERT_EQ(graph.mark(x, y), knowledge.mark(x, y));
      ASSERT_STREQ(reason_of(found, x, y)->rule, knowledge.rule(x, y));
    }
}

// `graph` has every arrowhead and tail that `less` has; returns how many more.
int more_marks(const MixedGraph& graph, const MixedGraph& less) {
  int more = 0;
  for (Node x = 0; x < less.num_nodes(); ++x)
    for (const Node y : less.neighbors(x)) {
      if (!graph.adjacent(x, y)) continue;
      if (less.mark(x, y) == Mark::circle)
        more += graph.mark(x, y) != Mark::circle;
      else
        EXPECT_EQ(graph.mark(x, y), less.mark(x, y));
    }
  return more;
}

TEST(Knowledge, EveryMarkIsTrueAndNoEdgeIsLostOrLeftOver) {
  std::int64_t asked = 0, asked_without = 0;
  int more = 0;
  for (int i = 0; i < 500; ++i) {
    SCOPED_TRACE(i);
    const Dag dag = graph_of(91, i, i % 4);
    const MSeparationTest oracle(dag);
    const Knowledge knowledge = true_knowledge(dag, static_cast<std::uint64_t>(i));
    const MixedGraph mag = dag_to_mag(dag);
    const SearchResult plain[] = {fci(oracle, {.rules = kNoSelection}), icd(oracle, {.rules = kNoSelection}),
                                  rfci(oracle, {.rules = kNoSelection})};
    const SearchResult with[] = {fci(oracle, {.rules = kNoSelection, .knowledge = &knowledge}),
                                 icd(oracle, {.rules = kNoSelection, .knowledge = &knowledge}),
                                 rfci(oracle, {.rules = kNoSelection, .knowledge = &knowledge})};
    for (std::size_t search = 0; search < 3; ++search) {
      const SearchResult& found = with[search];
      ASSERT_EQ(compare_with_ancestry(found.graph, dag).wrong, 0) << search;
      ASSERT_EQ(found.conflicts, 0) << search;
      ASSERT_TRUE(has_all_edges_of(found.graph, mag)) << search;
      if (search < 2) {
        ASSERT_EQ(found.graph.num_edges(), mag.num_edges()) << search;
        more += more_marks(found.graph, plain[search].graph);
      }
      expect_known_marks(found, knowledge);
      asked += questions(found);
      asked_without += questions(plain[search]);
    }
    ASSERT_EQ(with[0].graph, with[1].graph);
  }
  std::cout << more << " more marks; " << asked << " questions instead of " << asked_without << "\n";
  EXPECT_GT(more, 1000);
  EXPECT_LT(asked, asked_without * 9 / 10);
}

// Every rule for colliders comes to the same under the oracle.
TEST(Knowledge, RulesForCollidersTakeItTheSameWay) {
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    const Dag dag = graph_of(92, i, i % 3);
    const MSeparationTest oracle(dag);
    const Knowledge knowledge = true_knowledge(dag, static_cast<std::uint64_t>(i));
    const MixedGraph by_sepset = fci(oracle, {.rules = kNoSelection, .knowledge = &knowledge}).graph;
    for (const ColliderRule rule : {ColliderRule::conservative, ColliderRule::majority, ColliderRule::max_p})
      ASSERT_EQ(fci(oracle, {.colliders = rule, .rules = kNoSelection, .knowledge = &knowledge}).graph,
                by_sepset);
  }
}

// Andrews, Spirtes, Cooper 2020: with everybody in a tier, the marks are exactly those that all graphs with
// the same separations and these tiers share.
TEST(Knowledge, WithTiersTheMarksAreComplete) {
  int compared = 0, circles = 0, by_tiers = 0;
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    Random random = Random(93).child("graph", static_cast<std::uint64_t>(i));
    const Dag dag = random_dag({.observed = 4 + i % 2,
                                .latent = i % 3,
                                .selection = 0,
                                .edge_probability = 0.2 + 0.3 * random.uniform()},
                               random);
    const Knowledge knowledge = true_knowledge(dag, static_cast<std::uint64_t>(i), true);
    const MSeparationTest oracle(dag);
    const MixedGraph found = fci(oracle, {.rules = kNoSelection, .knowledge = &knowledge}).graph;

    // the marks of the members that have no undirected edge and no cause from a later tier
    const int n = found.num_nodes();
    MixedGraph shared(n);
    bool first = true;
    MarkovClass(Separations(dag)).for_each_member([&](const MixedGraph& member) {
      for (Node x = 0; x < n; ++x)
        for (const Node y : member.neighbors(x))
          if (member.is_undirected(x, y) || (knowledge.comes_after(x, y) && member.is_parent(x, y))) return;
      for (Node x = 0; x < n; ++x)
        for (const Node y : member.neighbors(x)) {
          if (first)
            shared.connect(x, y, member.mark(y, x), member.mark(x, y));
          else if (shared.mark(x, y) != member.mark(x, y))
            shared.set_mark(x, y, Mark::circle);
        }
      first = false;
    });
    ASSERT_EQ(found, shared);
    ++compared;
    for (Node x = 0; x < n; ++x)
      for (const Node y : found.neighbors(x)) circles += found.mark(x, y) == Mark::circle;
    by_tiers += found != fci(oracle, {.rules = kNoSelection}).graph;
  }
  EXPECT_EQ(compared, 300);
  EXPECT_GT(circles, 300);
  EXPECT_GT(by_tiers, 100);
}

TEST(Knowledge, PcDirectsWhatIsKnown) {
  int more = 0;
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    const Dag dag = graph_of(94, i, 0);
    const MSeparationTest oracle(dag);
    const Knowledge knowledge = true_knowledge(dag, static_cast<std::uint64_t>(i));
    const SearchResult found = pc(oracle, {.knowledge = &knowledge}), plain = pc(oracle);
    const MixedGraph truth = dag_to_mag(dag);
    ASSERT_EQ(found.conflicts, 0);
    ASSERT_EQ(found.graph.num_edges(), truth.num_edges());
    for (Node x = 0; x < truth.num_nodes(); ++x)
      for (const Node y : truth.neighbors(x)) {
        ASSERT_TRUE(found.graph.adjacent(x, y));
        if (!found.graph.is_undirected(x, y)) {
          ASSERT_EQ(found.graph.mark(x, y), truth.mark(x, y));
          more += plain.graph.is_undirected(x, y);
        }
        if (knowledge.mark(x, y) == Mark::arrow) {
          ASSERT_TRUE(found.graph.is_parent(x, y));
        }
      }
  }
  EXPECT_GT(more, 300);
}

// b --- a, b --- c, b --- d, a --- d --- c with a --> d known: Meek's fourth rule alone can direct b --> c.
TEST(Knowledge, PcNeedsMeeksFourthRule) {
  const NamedDag truth = parse_dag("observed: a b c d\nb --> a\nb --> c\nb --> d\na --> d\nd --> c\n", "t");
  Knowledge knowledge(4);
  knowledge.require(0, 3);
  knowledge.require(3, 2);
  const SearchResult found = pc(MSeparationTest(truth.dag), {.knowledge = &knowledge});
  EXPECT_EQ(to_literal({truth.names, found.graph}),
            to_literal(parse_graph("a --- b, a --> d, b --- d, b --> c, d --> c")));
  EXPECT_STREQ(reason_of(found, 1, 2)->rule, "M4");
  EXPECT_THAT(why_text(found, truth.names, 1, 2), HasSubstr("a and c are not adjacent, a --> d --> c"));
}

TEST(Knowledge, OrdIcdTakesMoreThanTheOrder) {
  const NamedDag truth = parse_dag("observed: a b c\na --> b\nb --> c\n", "t");
  const MSeparationTest oracle(truth.dag);
  Knowledge knowledge = knowledge_of_order({0, 1, 2}, 3);
  knowledge.require(0, 1);
  const SearchResult found = ordicd(oracle, {.order = {0, 1, 2}, .knowledge = &knowledge});
  EXPECT_EQ(to_literal({truth.names, found.graph}), to_literal(parse_graph("a --> b, b --> c")));
  EXPECT_LT(questions(found), questions(ordicd(oracle, {.order = {0, 1, 2}})));
}

// No set holds a node that comes after both whom it separates.
void expect_no_later_members(const SearchResult& found, const Knowledge& knowledge) {
  for (Node x = 0; x < found.graph.num_nodes(); ++x)
    for (Node y = x + 1; y < found.graph.num_nodes(); ++y) {
      const auto sepset = found.sepsets.find(x, y);
      for (const Node z : sepset ? sepset->set : std::span<const Node>())
        ASSERT_TRUE(knowledge.may_separate(z, x, y));
    }
}

// Answers that fit no graph: required edges stay, known marks stay, and what contradicts them is counted.
TEST(Knowledge, SurvivesAnswersThatContradictIt) {
  int conflicts = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomAnswers test(8, 0.3, seed);
    Knowledge knowledge(8);
    for (Node x = 0; x < 8; ++x) knowledge.set_tier(x, x / 3);
    knowledge.require(0, 4);
    knowledge.require(1, 2);
    knowledge.forbid(6, 7);
    for (const int threads : {1, 3}) {
      test.threads = threads;
      const SearchResult by_fci = fci(test, {.rules = kNoSelection, .knowledge = &knowledge}),
                         by_icd = icd(test, {.rules = kNoSelection, .knowledge = &knowledge}),
                         by_rfci = rfci(test, {.rules = kNoSelection, .knowledge = &knowledge});
      for (const SearchResult* found : {&by_fci, &by_icd, &by_rfci}) {
        expect_known_marks(*found, knowledge);
        conflicts += found->conflicts;
      }
      expect_no_later_members(by_fci, knowledge);
      expect_no_later_members(by_icd, knowledge);
    }
  }
  EXPECT_GT(conflicts, 100);
}

// a collider at the cause of a required edge: the tail stays, and the contradiction is counted
TEST(Knowledge, CountsAColliderThatARequiredEdgeForbids) {
  const Table collider(3, {{0, 2, {}}});
  EXPECT_EQ(fci(collider).conflicts, 0);
  Knowledge knowledge(3);
  knowledge.require(1, 2);
  const SearchResult found = fci(collider, {.rules = kNoSelection, .knowledge = &knowledge});
  EXPECT_EQ(found.graph.mark(2, 1), Mark::tail);
  EXPECT_EQ(found.conflicts, 1);
}

TEST(Knowledge, SaysWhatItKnowsOfAnEnd) {
  Knowledge knowledge(4);
  EXPECT_TRUE(knowledge.empty());
  knowledge.set_tier(0, 0);
  knowledge.set_tier(1, 1);
  knowledge.forbid(2, 3);
  knowledge.require(3, 0);
  EXPECT_FALSE(knowledge.empty());
  EXPECT_EQ(knowledge.mark(0, 1), Mark::arrow);
  EXPECT_STREQ(knowledge.rule(0, 1), "tier");
  EXPECT_EQ(knowledge.mark(1, 0), Mark::none);
  EXPECT_EQ(knowledge.mark(3, 2), Mark::arrow);
  EXPECT_STREQ(knowledge.rule(3, 2), "forbidden");
  EXPECT_EQ(knowledge.mark(2, 3), Mark::none);
  EXPECT_EQ(knowledge.mark(3, 0), Mark::arrow);
  EXPECT_EQ(knowledge.mark(0, 3), Mark::tail);
  EXPECT_STREQ(knowledge.rule(0, 3), "required");
  EXPECT_FALSE(knowledge.comes_after(1, 2));  // 2 is in no tier
  EXPECT_TRUE(knowledge.may_separate(1, 0, 2));
  EXPECT_FALSE(knowledge.total_order());
  EXPECT_EQ(knowledge_of_order({2, 0, 1}, 3).total_order(), (std::vector<Node>{2, 0, 1}));
  EXPECT_THROW(knowledge_of_order({0, 1}, 3), UserError);
  EXPECT_THROW(knowledge_of_order({0, 1, 1}, 3), UserError);
}

}  // namespace
}  // namespace why
