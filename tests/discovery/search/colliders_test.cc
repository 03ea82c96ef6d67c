// Which unshielded triples become colliders, by each rule.
#include "discovery/search/colliders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/errors.h"
#include "discovery/graph/notation.h"
#include "discovery/search/fci.h"
#include "discovery/search/m_separation_test.h"
#include "discovery/search/pc.h"
#include "tests/discovery/literature.h"
#include "tests/discovery/search/made_up_answers.h"

namespace why {
namespace {

using testing::ElementsAre;

constexpr ColliderRule kAskingRules[] = {ColliderRule::conservative, ColliderRule::majority,
                                         ColliderRule::max_p};

std::string show(const SearchResult& found) {
  std::vector<std::string> names;
  for (Node x = 0; x < found.graph.num_nodes(); ++x) names.push_back(text("x", x));
  return to_literal({names, found.graph});
}

// 0 and 1 are each adjacent to 2 and 3; given as `separating`, some sets separate 0 and 1, the last of them
// with the largest p-value.
class TwoMiddles : public CiTest {
 public:
  explicit TwoMiddles(std::vector<std::vector<Node>> separating) : separating_(std::move(separating)) {}
  int num_nodes() const override { return 4; }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override {
    if (x + y != 1) return {};
    for (std::size_t i = 0; i < separating_.size(); ++i)
      if (std::ranges::equal(separating_[i], z)) return {true, false, 0.1 + 0.1 * static_cast<double>(i)};
    return {};
  }

 private:
  std::vector<std::vector<Node>> separating_;
};

std::string colliders_of_pc(ColliderRule rule, const std::vector<std::vector<Node>>& separating) {
  const SearchResult found = pc(TwoMiddles(separating), {.colliders = rule});
  std::string out;
  for (const Node z : {2, 3}) {
    const bool unsure = std::ranges::find(found.unsure, Triple{0, z, 1}) != found.unsure.end();
    const bool collider = std::ranges::any_of(found.reasons, [z](const MarkReason& reason) {
      return reason.y == z && std::string(reason.because.rule) == "R0";
    });
    out += unsure ? '?' : collider ? 'c' : '-';
  }
  return out;
}

TEST(Colliders, OneSeparatingSetDecidesAlike) {
  for (const ColliderRule rule : kAskingRules) {
    EXPECT_EQ(colliders_of_pc(rule, {{}}), "cc");
    EXPECT_EQ(colliders_of_pc(rule, {{2}}), "-c");
    EXPECT_EQ(colliders_of_pc(rule, {{2, 3}}), "--");
  }
}

TEST(Colliders, SetsThatDisagree) {
  // 2 is in both sets, 3 in one of two
  EXPECT_EQ(colliders_of_pc(ColliderRule::conservative, {{2}, {2, 3}}), "-?");
  EXPECT_EQ(colliders_of_pc(ColliderRule::majority, {{2}, {2, 3}}), "-?");
  EXPECT_EQ(colliders_of_pc(ColliderRule::max_p, {{2}, {2, 3}}), "--");
  EXPECT_EQ(colliders_of_pc(ColliderRule::max_p, {{2, 3}, {2}}), "-c");
  EXPECT_EQ(colliders_of_pc(ColliderRule::sepset, {{2}, {2, 3}}), "-c");  // the first found
  // 2 is in two of three, 3 in one of three
  EXPECT_EQ(colliders_of_pc(ColliderRule::conservative, {{2}, {}, {2, 3}}), "??");
  EXPECT_EQ(colliders_of_pc(ColliderRule::majority, {{2}, {}, {2, 3}}), "-c");
}

TEST(Colliders, EverySetOfBothEndsIsAskedOnce) {
  const std::vector<std::vector<Node>> only_two = {{2}};
  // the pools of 0 and of 1 are both {2, 3}: four sets, beside the skeleton's questions
  SearchResult found = pc_stable_skeleton(TwoMiddles(only_two));
  const auto before = found.tests;
  const Pools pools = neighbor_pools(found.graph);
  const SetSource sources[] = {{pools}, {pools}};
  const TwoMiddles test(only_two);
  rule_on_triples(found, test, ColliderRule::majority, sources);
  EXPECT_EQ(found.tests[0] - before[0], 1);
  EXPECT_EQ(found.tests[1] - before[1], 2);
  EXPECT_EQ(found.tests[2] - before[2], 1);
  // a bound of the source
  SearchResult bounded = pc_stable_skeleton(test);
  const SetSource source{pools, 0};
  const TripleRulings rulings = rule_on_triples(bounded, test, ColliderRule::majority, {&source, 1});
  EXPECT_THAT(rulings.unsure(), ElementsAre(Triple{0, 2, 1}, Triple{0, 3, 1}));  // no set left separates
}

TEST(Colliders, AllRulesFindTheKnownGraphs) {
  for (const KnownPag& known : known_pags()) {
    SCOPED_TRACE(known.source);
    const NamedDag truth = parse_dag(known.dag, known.source);
    const MSeparationTest oracle(truth.dag);
    for (const ColliderRule rule : kAskingRules) {
      const SearchResult found = fci(oracle, {.colliders = rule, .rules = {}});
      EXPECT_EQ(to_literal({observed_names(truth), found.graph}), to_literal(parse_graph(known.pag)));
      EXPECT_THAT(found.unsure, ElementsAre());
      if (known.cpdag.empty()) continue;
      EXPECT_EQ(to_literal({observed_names(truth), pc(oracle, {.colliders = rule}).graph}),
                to_literal(parse_graph(known.cpdag)));
    }
  }
}

TEST(Colliders, AllRulesAgreeUnderTheOracle) {
  Random random(71);
  for (int round = 0; round < 150; ++round) {
    const Dag dag = random_dag({.observed = 5 + round % 3,
                                .latent = round % 4,
                                .selection = round % 3 == 0 ? 2 : 0,
                                .edge_probability = 0.2 + 0.05 * (round % 6)},
                               random);
    const MSeparationTest oracle(dag);
    const std::string by_sepset = show(fci(oracle));
    for (const ColliderRule rule : kAskingRules)
      ASSERT_EQ(show(fci(oracle, {.colliders = rule, .rules = {}})), by_sepset)
          << collider_rule_name(rule) << ", round " << round;
  }
}

class Orders : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Orders, testing::Range(0, 30));

// Marks and unsure triples of PC are the same however the nodes are ordered.
TEST_P(Orders, DoNotShowInPcWithARuleThatAsks) {
  const auto seed = static_cast<std::uint64_t>(GetParam());
  const RandomAnswers test(8, 0.12, seed);
  std::vector<Node> old_name(8);
  std::iota(old_name.begin(), old_name.end(), 0);
  Random random(seed);
  random.shuffle(std::span(old_name));
  const auto old = [&](Node x) { return old_name[static_cast<std::size_t>(x)]; };
  for (const ColliderRule rule : kAskingRules) {
    const SearchResult here = pc(test, {.colliders = rule}),
                       there = pc(Renamed(test, old_name), {.colliders = rule});
    for (Node x = 0; x < 8; ++x)
      for (Node y = 0; y < 8; ++y) ASSERT_EQ(there.graph.mark(x, y), here.graph.mark(old(x), old(y)));
    std::vector<Triple> unsure;
    for (const auto& [x, z, y] : there.unsure)
      unsure.push_back({std::min(old(x), old(y)), old(z), std::max(old(x), old(y))});
    EXPECT_THAT(unsure, testing::UnorderedElementsAreArray(here.unsure));
    EXPECT_EQ(there.conflicts, here.conflicts);
  }
}

TEST(Orders, TheDrawHoldsUnsureTriplesAndConflicts) {
  int unsure = 0, conflicts = 0, arrowheads = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const SearchResult found = pc(RandomAnswers(8, 0.12, seed), {.colliders = ColliderRule::majority});
    unsure += static_cast<int>(found.unsure.size());
    conflicts += found.conflicts;
    arrowheads += static_cast<int>(found.reasons.size());
  }
  EXPECT_GT(unsure, 10);
  EXPECT_GT(conflicts, 10);
  EXPECT_GT(arrowheads, 100);
}

TEST(Orders, ThreadsDoNotShowEither) {
  RandomAnswers test(8, 0.12, 5);
  for (const ColliderRule rule : kAskingRules) {
    test.threads = 1;
    const SearchResult alone = fci(test, {.max_pds_order = 2, .colliders = rule, .rules = {}});
    test.threads = 3;
    const SearchResult together = fci(test, {.max_pds_order = 2, .colliders = rule, .rules = {}});
    EXPECT_EQ(alone.graph, together.graph);
    EXPECT_EQ(alone.unsure, together.unsure);
    EXPECT_EQ(alone.tests, together.tests);
  }
}

}  // namespace
}  // namespace why
