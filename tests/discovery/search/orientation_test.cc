// Every rule alone: the drawing on which it fires, and the near misses on which it must not.
#include "discovery/search/orientation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/errors.h"
#include "core/random.h"
#include "discovery/graph/notation.h"

namespace why {
namespace {

struct Separated {
  std::string x, y;
  std::vector<std::string> set;
};

SepSets sepsets_of(const NamedGraph& named, const std::vector<Separated>& separated) {
  const auto node = [&](const std::string& name) {
    const auto at = std::find(named.names.begin(), named.names.end(), name);
    WHY_ASSERT(at != named.names.end());
    return static_cast<Node>(at - named.names.begin());
  };
  SepSets out(named.graph.num_nodes());
  for (const auto& [x, y, names] : separated) {
    std::vector<Node> set;
    for (const auto& name : names) set.push_back(node(name));
    std::sort(set.begin(), set.end());
    out.store(node(x), node(y), set, 1, Stage::adjacency);
  }
  return out;
}

// One pass of the rule over the graph.
std::string apply(const std::string& rule, const std::string& literal,
                  const std::vector<Separated>& separated = {}) {
  const NamedGraph named = parse_graph(literal);
  const SepSets sepsets = sepsets_of(named, separated);
  Sketch sketch(named.graph, sepsets);
  for (const OrientationRule& known : orientation_rules())
    if (known.name == rule) {
      const bool changed = known.apply(sketch);
      EXPECT_EQ(changed, sketch.graph() != named.graph);
      return to_literal({named.names, sketch.graph()});
    }
  throw InternalError("no rule " + rule);
}

std::string same(const std::string& literal) { return to_literal(parse_graph(literal)); }

#define EXPECT_FIRES(rule, before, after, ...) EXPECT_EQ(apply(rule, before, ##__VA_ARGS__), same(after))
#define EXPECT_SILENT(rule, before, ...) EXPECT_EQ(apply(rule, before, ##__VA_ARGS__), same(before))

TEST(Rule0, MakesUnshieldedColliders) {
  const NamedGraph named = parse_graph("a o-o b, b o-o c, c o-o d, d o-o a, b --- e");
  const auto colliders = [&](const std::vector<Separated>& separated) {
    return to_literal({named.names, orient_colliders(named.graph, sepsets_of(named, separated))});
  };
  // b and d are both between a and c; only b separates them
  EXPECT_EQ(colliders({{"a", "c", {"b"}}}), same("a o-o b, b o-o c, c o-> d, d <-o a, b o-o e"));
  EXPECT_EQ(colliders({{"a", "c", {}}}), same("a o-> b, b <-o c, c o-> d, d <-o a, b o-o e"));
  // every end that some triple wants an arrowhead at gets one, in whatever order the triples come
  EXPECT_EQ(colliders({{"a", "c", {}}, {"b", "d", {}}, {"a", "e", {"b"}}, {"c", "e", {"b"}}}),
            same("a <-> b, b <-> c, c <-> d, d <-> a, b o-o e"));
  EXPECT_EQ(colliders({}), same("a o-o b, b o-o c, c o-o d, d o-o a, b o-o e"));  // no set, no claim
}

TEST(Rule1, PointsAwayFromAnArrow) {
  EXPECT_FIRES("R1", "a o-> b, b o-o c", "a o-> b, b --> c");
  EXPECT_FIRES("R1", "a <-> b, b o-> c", "a <-> b, b --> c");
  EXPECT_FIRES("R1", "a --> b, b o-o c, b o-o d, c o-o d", "a --> b, b --> c, b --> d, c o-o d");
}
TEST(Rule1, NeedsAnUnshieldedArrowAndACircle) {
  EXPECT_SILENT("R1", "a o-> b, b o-o c, a o-o c");
  EXPECT_SILENT("R1", "a o-o b, b o-o c");
  EXPECT_SILENT("R1", "a o-> b, b <-o c");
  EXPECT_SILENT("R1", "a o-> b");
}

TEST(Rule2, CompletesATriangle) {
  EXPECT_FIRES("R2", "a --> b, b o-> c, a o-o c", "a --> b, b o-> c, a o-> c");
  EXPECT_FIRES("R2", "a --> b, b <-> c, a <-o c", "a --> b, b <-> c, a <-> c");
  EXPECT_FIRES("R2", "a o-> b, b --> c, a o-o c", "a o-> b, b --> c, a o-> c");
  EXPECT_FIRES("R2", "a <-> b, b --> c, a --o c", "a <-> b, b --> c, a --> c");
}
TEST(Rule2, NeedsOneDirectedEdge) {
  EXPECT_SILENT("R2", "a o-> b, b o-> c, a o-o c");
  EXPECT_SILENT("R2", "a --> b, b o-o c, a o-o c");
  EXPECT_SILENT("R2", "a <-> b, b <-> c, a o-o c");
  EXPECT_SILENT("R2", "a --> b, b --> c, a --- c");
}

TEST(Rule3, PointsAtADoubleCollider) {
  EXPECT_FIRES("R3", "a o-> b, c o-> b, a o-o d, c o-o d, d o-o b",
               "a o-> b, c o-> b, a o-o d, c o-o d, d o-> b");
  EXPECT_FIRES("R3", "a <-> b, c --> b, a <-o d, c --o d, d <-o b",
               "a <-> b, c --> b, a <-o d, c --o d, d <-> b");
}
TEST(Rule3, NeedsUnshieldedEndsAndCirclesAtTheFourth) {
  EXPECT_SILENT("R3", "a o-> b, c o-> b, a o-o d, c o-o d, d o-o b, a o-o c");
  EXPECT_SILENT("R3", "a o-> b, c o-> b, a o-o d, c o-> d, d o-o b");
  EXPECT_SILENT("R3", "a o-> b, c o-o b, a o-o d, c o-o d, d o-o b");
  EXPECT_SILENT("R3", "a o-> b, c o-> b, a o-o d, c o-o d, d o-- b");
}

//   d o-> a <-o b o-o c,  a --> c
constexpr const char* kDiscriminating = "d o-> a, a <-o b, b o-o c, a --> c";

TEST(Rule4, DirectsWhenTheNodeSeparates) {
  EXPECT_FIRES("R4", kDiscriminating, "d o-> a, a <-o b, b --> c, a --> c", {{"d", "c", {"a", "b"}}});
}
TEST(Rule4, MakesACollidersPathOtherwise) {
  EXPECT_FIRES("R4", kDiscriminating, "d o-> a, a <-> b, b <-> c, a --> c", {{"d", "c", {"a"}}});
}
TEST(Rule4, FollowsLongPaths) {
  //   d *-> q <-> p <-> a <-> b o-> c,  q, p, a --> c; a detour r that is no parent of c
  const std::string path =
      "d --> q, q <-> p, p <-> a, a <-> b, b o-> c, q --> c, p --> c, a --> c, a <-> r, r <-> d";
  EXPECT_FIRES("R4", path,
               "d --> q, q <-> p, p <-> a, a <-> b, b --> c, q --> c, p --> c, a --> c, a <-> r, r <-> d",
               {{"d", "c", {"a", "b", "p", "q"}}});
}
TEST(Rule4, NeedsADiscriminatingPath) {
  const std::vector<Separated> set = {{"d", "c", {"a", "b"}}};
  EXPECT_SILENT("R4", "d o-> a, a <-o b, b o-o c, a --> c, d o-o c");                // d, c adjacent
  EXPECT_SILENT("R4", "d o-> a, a <-o b, b o-o c, a o-> c", set);                    // a no parent of c
  EXPECT_SILENT("R4", "d o-o a, a <-o b, b o-o c, a --> c", set);                    // a no collider
  EXPECT_SILENT("R4", "d o-> a, a o-o b, b o-o c, a --> c", set);                    // the same, at b's side
  EXPECT_SILENT("R4", "d o-> a, a <-o b, b --> c, a --> c", set);                    // nothing to decide
  EXPECT_SILENT("R4", "d o-> q, q o-> a, a <-o b, b o-o c, a --> c, q --> c", set);  // q no collider
  EXPECT_SILENT("R4", "d o-> q, q <-> a, a <-o b, b o-o c, a --> c, q <-> c", set);  // q no parent of c
  EXPECT_SILENT("R4", kDiscriminating);                                              // no separating set
}

TEST(Rule5, ClosesAnUncoveredCircle) {
  // pywhy-graphs#93
  EXPECT_FIRES("R5", "a o-o b, b o-o c, c o-o d, d o-o a", "a --- b, b --- c, c --- d, d --- a");
  // causal-learn test_rule5: the circle 0-1-3-5 of four and 0-2-4-6 of four share node 0 and are not joined
  EXPECT_FIRES("R5", "0 o-o 1, 0 o-o 2, 0 o-o 5, 0 o-o 6, 1 o-o 3, 2 o-o 4, 3 o-o 5, 4 o-o 6",
               "0 --- 1, 0 --- 2, 0 --- 5, 0 --- 6, 1 --- 3, 2 --- 4, 3 --- 5, 4 --- 6");
}
TEST(Rule5, ChecksTheEndTriplesToo) {
  EXPECT_SILENT("R5", "a o-o b, b o-o c, c o-o a");
  EXPECT_SILENT("R5", "a o-o b, b o-o c, c o-o d, d o-o a, a o-o c");  // a chord
  // the path a, c, e, d, b is uncovered in its middle; <a, c, e> is not: a and e are joined
  EXPECT_SILENT("R5", "a o-o b, a o-o c, c o-o e, e o-o d, d o-o b, a o-o e, a o-o d");
  EXPECT_SILENT("R5", "a o-o b, b o-o c, c o-o d, d o-> a");  // one edge is no circle
  EXPECT_SILENT("R5", "a o-o b, b o-o c, c o-o d");
}
TEST(Rule5, FindsTheCircleBehindACoveredShortCut) {
  // <a, c, e, d, b> is uncovered; a search that marks nodes meets e first over the covered s - e
  EXPECT_FIRES("R5",
               "a o-o b, a o-o s, s o-o e, s o-o c, a o-o c, c o-o e, e o-o d, d o-o b, s o-o b, s o-o d",
               "a --- b, a o-o s, s o-o e, s o-o c, a --- c, c --- e, e --- d, d --- b, s o-o b, s o-o d");
}

TEST(Rule6, ATailFollowsAnUndirectedEdge) {
  EXPECT_FIRES("R6", "a --- b, b o-o c", "a --- b, b --o c");
  EXPECT_FIRES("R6", "a --- b, b o-> c, a o-o c", "a --- b, b --> c, a --o c");
  EXPECT_SILENT("R6", "a --o b, b o-o c");
  EXPECT_SILENT("R6", "a o-- b, b o-o c");
}

TEST(Rule7, ATailFollowsATail) {
  EXPECT_FIRES("R7", "a --o b, b o-o c", "a --o b, b --o c");
  EXPECT_FIRES("R7", "a --o b, b o-> c", "a --o b, b --> c");
  EXPECT_SILENT("R7", "a --o b, b o-o c, a o-o c");
  EXPECT_SILENT("R7", "a --o b");  // a itself is no c
  EXPECT_SILENT("R7", "a o-o b, b o-o c");
  EXPECT_SILENT("R7", "a --> b, b o-o c");
}

TEST(Rule8, ATailPassesAlongADirectedPath) {
  EXPECT_FIRES("R8", "a --> b, b --> c, a o-> c", "a --> b, b --> c, a --> c");
  EXPECT_FIRES("R8", "a --o b, b --> c, a o-> c", "a --o b, b --> c, a --> c");
  EXPECT_SILENT("R8", "a o-> b, b --> c, a o-> c");
  EXPECT_SILENT("R8", "a --> b, b o-> c, a o-> c");
  EXPECT_SILENT("R8", "a --- b, b --> c, a o-> c");
  EXPECT_SILENT("R8", "a --> b, b --> c, a o-o c");
  EXPECT_SILENT("R8", "a --> b, b --> c, a <-> c");
}

TEST(Rule9, AnUncoveredPathLeadsThere) {
  EXPECT_FIRES("R9", "a o-> c, a o-o b, b o-o d, d --> c", "a --> c, a o-o b, b o-o d, d --> c");
  // Tetrad testSearch1: X1 o-> X4 stands for X2 --> X4 there
  EXPECT_FIRES("R9", "x2 o-> x4, x2 o-o x1, x1 o-o x3, x3 o-> x4",
               "x2 --> x4, x2 o-o x1, x1 o-o x3, x3 --> x4");
}
TEST(Rule9, NeedsAPossiblyDirectedUncoveredPath) {
  EXPECT_SILENT("R9", "a o-> c, a o-o b, b o-o d, d o-> c, b o-o c");  // b and c adjacent
  EXPECT_SILENT("R9", "a o-> c, a o-o b, b o-o d, d o-> c, a o-o d, b o-o c");
  EXPECT_SILENT("R9", "a o-> c, a <-o b, b o-o d, d <-> c");           // not into a
  EXPECT_SILENT("R9", "a o-> c, a o-o b, b <-o d, d --> c");           // an arrowhead at b
  EXPECT_SILENT("R9", "a o-> c, a o-o b, b o-- d, d --> c");           // a tail at d: out of d
  EXPECT_SILENT("R9", "a o-> c, a o-o b, b o-o d, d <-> c, a o-o d");  // <a, b, d> is covered
  EXPECT_SILENT("R9", "a o-> c, a o-o b");                             // no way on
}
TEST(Rule9, FindsThePathBehindACoveredShortCut) {
  // <a, b, e, f, c> is uncovered; from the same b, <a, b, d, e> reaches e too but is covered at d
  EXPECT_FIRES("R9", "a o-> c, a o-o b, b o-o d, d o-o e, b o-o e, e o-o f, f --> c, d o-o f",
               "a --> c, a o-o b, b o-o d, d o-o e, b o-o e, e o-o f, f --> c, d o-o f");
}

TEST(Rule10, TwoParentsAreReachedByDifferentWays) {
  // one-edge paths <a, b> and <a, d>
  EXPECT_FIRES("R10", "a o-> c, b --> c, d --> c, a o-o b, a o-o d",
               "a --> c, b --> c, d --> c, a o-o b, a o-o d");
  EXPECT_FIRES("R10", "a o-> c, b --> c, d --> c, a o-o m, m o-o b, a o-o w, w o-> d",
               "a --> c, b --> c, d --> c, a o-o m, m o-o b, a o-o w, w o-> d");
  // one path of one edge, one longer
  EXPECT_FIRES("R10", "a o-> c, b --> c, d --> c, a o-> b, a o-o w, w o-o d",
               "a --> c, b --> c, d --> c, a o-> b, a o-o w, w o-o d");
}
TEST(Rule10, NeedsDifferentSeparateWays) {
  EXPECT_SILENT("R10", "a o-> c, b --> c, d --> c, a o-o b, a o-o d, b o-o d");  // b, d adjacent
  EXPECT_SILENT("R10", "a o-> c, b --> c, d --> c, a o-o m, m o-o b, m o-o d");  // one second node
  EXPECT_SILENT("R10", "a o-> c, b --> c, d o-> c, a o-o b, a o-o d");           // d no parent
  EXPECT_SILENT("R10", "a o-> c, b --> c, a o-o b");                             // one parent
}
TEST(Rule10, FollowsOnlyPossiblyDirectedUncoveredEdges) {
  // the reference fires on both of these: a way over m <-> b, and one over m <-- b
  EXPECT_SILENT("R10", "a o-> c, b --> c, d --> c, a o-o m, m <-> b, a o-o w, w o-o d");
  EXPECT_SILENT("R10", "a o-> c, b --> c, d --> c, a o-o m, m <-- b, a o-o w, w o-o d");
  EXPECT_SILENT("R10", "a o-> c, b --> c, d --> c, a o-o m, m o-- b, a o-o w, w o-o d");
  EXPECT_SILENT("R10", "a o-> c, b --> c, d --> c, a <-o m, m o-o b, a o-o w, w o-o d");
  // <a, m, b> is covered by a --- b
  EXPECT_SILENT("R10", "a o-> c, b --> c, d --> c, a o-o m, m o-o b, a <-> b, a o-o w, w o-o d");
}

TEST(Orient, RunsToAFixpointOfAllRules) {
  // x o-> z <-o y, then R1 along z o-o u o-o v
  const NamedGraph named = parse_graph("x o-o z, y o-o z, z o-o u, u o-o v");
  const SepSets sepsets = sepsets_of(named, {{"x", "y", {}},
                                             {"x", "u", {"z"}},
                                             {"y", "u", {"z"}},
                                             {"x", "v", {"z"}},
                                             {"y", "v", {"z"}},
                                             {"z", "v", {"u"}}});
  const Oriented oriented = orient(named.graph, sepsets, {});
  EXPECT_EQ(to_literal({named.names, oriented.graph}), same("x o-> z, y o-> z, z --> u, u --> v"));
  EXPECT_EQ(oriented.conflicts, 0);
}

TEST(Orient, SelectionRulesCanBeLeftOut) {
  const NamedGraph named = parse_graph("a o-o b, b o-o c, c o-o d, d o-o a");
  const SepSets sepsets = sepsets_of(named, {{"a", "c", {"b", "d"}}, {"b", "d", {"a", "c"}}});
  const auto oriented = [&](RuleChoice choice) {
    return to_literal({named.names, orient(named.graph, sepsets, choice).graph});
  };
  EXPECT_EQ(oriented({}), same("a --- b, b --- c, c --- d, d --- a"));
  EXPECT_EQ(oriented({.selection_bias = false}), same("a o-o b, b o-o c, c o-o d, d o-o a"));
}

TEST(Orient, TailRulesCanBeLeftOut) {
  //   X1 --> X2, X1 --> X3, X2 --> X4 <-- X3: the tails at X2 and X3 come from R9
  const NamedGraph named = parse_graph("x1 o-o x2, x1 o-o x3, x2 o-o x4, x3 o-o x4");
  const SepSets sepsets = sepsets_of(named, {{"x2", "x3", {"x1"}}, {"x1", "x4", {"x2", "x3"}}});
  const auto oriented = [&](RuleChoice choice) {
    return to_literal({named.names, orient(named.graph, sepsets, choice).graph});
  };
  EXPECT_EQ(oriented({}), same("x1 o-o x2, x1 o-o x3, x2 --> x4, x3 --> x4"));
  EXPECT_EQ(oriented({.tails = false}), same("x1 o-o x2, x1 o-o x3, x2 o-> x4, x3 o-> x4"));
  EXPECT_EQ(oriented(kRules1To4), same("x1 o-o x2, x1 o-o x3, x2 o-> x4, x3 o-> x4"));
}

// One pass of the rule when these triples may or may not be colliders.
std::string apply_unsure(const std::string& rule, const std::string& literal,
                         const std::vector<std::array<std::string, 3>>& unsure) {
  const NamedGraph named = parse_graph(literal);
  const auto node = [&](const std::string& name) {
    return static_cast<Node>(std::find(named.names.begin(), named.names.end(), name) - named.names.begin());
  };
  TripleRulings rulings(named.graph.num_nodes());
  for (const auto& [x, z, y] : unsure) rulings.add({node(x), node(z), node(y)}, Ruling::unsure);
  const SepSets none(named.graph.num_nodes());
  Evidence evidence = none;
  evidence.rulings = &rulings;
  Sketch sketch(named.graph, evidence);
  for (const OrientationRule& known : orientation_rules())
    if (known.name == rule) known.apply(sketch);
  return to_literal({named.names, sketch.graph()});
}

TEST(Orient, RulesThatNeedANoncolliderAreSilentWhereItIsUnsure) {
  const auto silent = [](const std::string& rule, const std::string& literal,
                         const std::array<std::string, 3>& unsure) {
    EXPECT_NE(apply_unsure(rule, literal, {}), same(literal)) << rule;
    EXPECT_EQ(apply_unsure(rule, literal, {unsure}), same(literal)) << rule;
  };
  silent("R1", "a o-> b, b o-o c", {"c", "b", "a"});
  silent("R3", "a o-> b, c o-> b, a o-o d, c o-o d, d o-o b", {"a", "d", "c"});
  for (const std::array<std::string, 3>& triple :
       {std::array<std::string, 3>{"a", "b", "c"}, {"b", "c", "d"}, {"c", "d", "a"}, {"d", "a", "b"}})
    silent("R5", "a o-o b, b o-o c, c o-o d, d o-o a", triple);
  silent("R7", "a --o b, b o-o c", {"a", "b", "c"});
  silent("R9", "a o-> c, a o-o b, b o-o d, d --> c", {"a", "b", "d"});
  silent("R9", "a o-> c, a o-o b, b o-o d, d --> c", {"b", "a", "c"});
  silent("R10", "a o-> c, b --> c, d --> c, a o-o b, a o-o d", {"b", "a", "d"});
}

// "R1 a b c": the reason of the mark at y.
std::string reason(const std::string& rule, const std::string& literal, const std::string& x,
                   const std::string& y, const std::vector<Separated>& separated = {}) {
  const NamedGraph named = parse_graph(literal);
  const SepSets sepsets = sepsets_of(named, separated);
  Sketch sketch(named.graph, sepsets);
  for (const OrientationRule& known : orientation_rules())
    if (known.name == rule) known.apply(sketch);
  const auto name = [&](Node node) { return named.names[static_cast<std::size_t>(node)]; };
  for (const auto& [from, at, mark, because] : sketch.reasons()) {
    if (name(from) != x || name(at) != y) continue;
    std::string out = because.rule;
    for (const Node node : because.path) out += " " + name(node);
    if (!because.second.empty()) out += ",";
    for (const Node node : because.second) out += " " + name(node);
    return out + " " + std::string(mark_name(mark));
  }
  return "none";
}

TEST(Orient, EveryMarkKnowsItsRuleAndPath) {
  EXPECT_EQ(reason("R1", "a o-> b, b o-o c", "b", "c"), "R1 a b c arrow");
  EXPECT_EQ(reason("R1", "a o-> b, b o-o c", "c", "b"), "R1 a b c tail");
  EXPECT_EQ(reason("R1", "a o-> b, b o-o c", "a", "b"), "none");
  EXPECT_EQ(reason("R2", "a --> b, b o-> c, a o-o c", "a", "c"), "R2 a b c arrow");
  EXPECT_EQ(reason("R3", "a o-> b, c o-> b, a o-o d, c o-o d, d o-o b", "d", "b"), "R3 a b c d arrow");
  EXPECT_EQ(reason("R4", "d --> q, q <-> p, p <-> a, a <-> b, b o-> c, q --> c, p --> c, a --> c", "c", "b",
                   {{"d", "c", {"a", "b", "p", "q"}}}),
            "R4 d q p a b c tail");
  EXPECT_EQ(reason("R5", "a o-o b, b o-o c, c o-o d, d o-o a", "c", "d"), "R5 a d c b tail");
  EXPECT_EQ(reason("R6", "a --- b, b o-> c", "c", "b"), "R6 a b c tail");
  EXPECT_EQ(reason("R7", "a --o b, b o-> c", "c", "b"), "R7 a b c tail");
  EXPECT_EQ(reason("R8", "a --> b, b --> c, a o-> c", "c", "a"), "R8 a b c tail");
  EXPECT_EQ(reason("R9", "a o-> c, a o-o b, b o-o d, d --> c", "c", "a"), "R9 a b d c tail");
  EXPECT_EQ(reason("R10", "a o-> c, b --> c, d --> c, a o-> b, a o-o w, w o-o d", "c", "a"),
            "R10 a b c, a w d c tail");
  // both second nodes reach b; only w reaches d
  EXPECT_EQ(reason("R10", "a o-> c, b --> c, d --> c, a o-o m, m o-o b, a o-o w, w o-o b, w o-o d", "c", "a"),
            "R10 a m b c, a w d c tail");
}

TEST(Orient, EveryArrowheadAndTailHasOneReason) {
  // x o-> z <-o y from R0, then R1 along z o-o u o-o v
  const NamedGraph named = parse_graph("x o-o z, y o-o z, z o-o u, u o-o v");
  const SepSets sepsets = sepsets_of(named, {{"x", "y", {}},
                                             {"x", "u", {"z"}},
                                             {"y", "u", {"z"}},
                                             {"x", "v", {"z"}},
                                             {"y", "v", {"z"}},
                                             {"z", "v", {"u"}}});
  const Oriented oriented = orient(named.graph, sepsets, {});
  std::vector<std::string> rules;
  for (const MarkReason& each : oriented.reasons) {
    EXPECT_EQ(oriented.graph.mark(each.x, each.y), each.mark);
    rules.push_back(each.because.rule);
  }
  EXPECT_THAT(rules, testing::ElementsAre("R0", "R0", "R1", "R1", "R1", "R1"));
}

TEST(Orient, AMarkOnceMadeStaysAndTheConflictIsCounted) {
  // R1 wants b --> c, but a tail is at c already
  const NamedGraph named = parse_graph("a o-> b, b o-- c");
  const SepSets none(3);
  Sketch sketch(named.graph, none);
  EXPECT_TRUE(orientation_rules()[0].apply(sketch));
  EXPECT_EQ(to_literal({named.names, sketch.graph()}), same("a o-> b, b --- c"));
  EXPECT_EQ(sketch.conflicts(), 1);
}

TEST(Orient, AColliderAgainstItsSeparatingSetIsAConflict) {
  // b separates a and c, yet R0 finds arrowheads at b on both edges, from d and from e
  const NamedGraph named =
      parse_graph("nodes: a b c d e, a o-o b, b o-o c, d o-o b, e o-o b, d o-o c, e o-o a, d o-o e");
  const SepSets sepsets = sepsets_of(named, {{"a", "c", {"b"}}, {"a", "d", {"e"}}, {"c", "e", {"d"}}});
  const Oriented oriented = orient(named.graph, sepsets, kRules1To4);
  EXPECT_TRUE(oriented.graph.is_collider(0, 1, 2));
  EXPECT_EQ(oriented.conflicts, 1);
}

// Small graphs are oriented in words between the rounds of a search, by rules written a second time.
TEST(Orient, InWordsGivesTheSameMarks) {
  Random random(7);
  std::array<int, 5> fired{};  // by R0 .. R4
  for (int round = 0; round < 3000; ++round) {
    const int n = 2 + static_cast<int>(random.below(round % 50 == 0 ? 63 : 12));
    const double density = .2 + .6 * random.uniform(), share = random.uniform();
    MixedGraph skeleton(n);
    SepSets sepsets(n);
    for (Node x = 0; x < n; ++x)
      for (Node y = x + 1; y < n; ++y) {
        if (random.uniform() < density) {
          skeleton.connect(x, y, Mark::circle, Mark::circle);
          continue;
        }
        std::vector<Node> set;
        for (Node z = 0; z < n; ++z)
          if (z != x && z != y && random.uniform() < share) set.push_back(z);
        sepsets.store(x, y, set, 1, Stage::adjacency);
      }
    const Oriented wanted = orient(skeleton, sepsets, kRules1To4);
    EXPECT_EQ(orient_marks(skeleton, sepsets, kRules1To4), wanted.graph);
    for (const MarkReason& reason : wanted.reasons)
      ++fired[static_cast<std::size_t>(reason.because.rule[1] - '0')];
  }
  for (const int count : fired) EXPECT_GT(count, 100);
}

}  // namespace
}  // namespace why
