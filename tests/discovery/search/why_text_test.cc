// What is told of a pair must be what the search did.
#include "discovery/search/why_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/errors.h"
#include "discovery/graph/notation.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/m_separation_test.h"
#include "discovery/search/ordicd.h"
#include "discovery/search/pc.h"
#include "discovery/search/rfci.h"
#include "tests/discovery/literature.h"

namespace why {
namespace {

std::string tell(const NamedDag& truth, const SearchResult& found, const std::string& pair) {
  const auto names = observed_names(truth);
  const auto [x, y] = parse_pair(pair, names);
  return why_text(found, names, x, y);
}

NamedDag spirtes_1997() {
  return parse_dag(
      "observed: 3 4 5 6 7\nlatent: 1 2\n1 --> 5\n1 --> 6\n2 --> 4\n2 --> 7\n3 --> 4\n3 --> 6\n4 --> 5\n"
      "6 --> 7\n",
      "t");
}

TEST(WhyText, TellsWhichSetSeparates) {
  const NamedDag chain = parse_dag("observed: a b c\na --> b\nb --> c\n", "t");
  const SearchResult found = fci(MSeparationTest(chain.dag));
  EXPECT_EQ(tell(chain, found, "a,c"),
            "a and c are not adjacent.\nThey are independent given {b}: p = 1, order 1, stage adjacency.\n");
  EXPECT_EQ(tell(chain, found, "a,b"),
            "a o-o b\nNo set that was asked separates a and b.\n"
            "At a a circle: no rule decides between arrowhead and tail.\n"
            "At b a circle: no rule decides between arrowhead and tail.\n");
}

TEST(WhyText, TellsRulesWithTheirNodes) {
  const NamedDag truth = spirtes_1997();
  const SearchResult found = fci(MSeparationTest(truth.dag));
  EXPECT_EQ(tell(truth, found, "3,4"),
            "3 o-> 4\nNo set that was asked separates 3 and 4.\n"
            "At 3 a circle: no rule decides between arrowhead and tail.\n"
            "At 4 an arrowhead. R0: 3 and 7 are not adjacent, and {6} separates them without 4.\n");
  EXPECT_EQ(tell(truth, found, "4,5"),
            "4 --> 5\nNo set that was asked separates 4 and 5.\n"
            "At 4 a tail. R1: an arrowhead comes from 3 to 4, 3 and 5 are not adjacent, and 4 is no collider "
            "between them, so 4 --> 5.\n"
            "At 5 an arrowhead. R0: 4 and 6 are not adjacent, and {3} separates them without 5.\n");
}

TEST(WhyText, TellsOfPcAndOfAnOrder) {
  const NamedDag truth = parse_dag("observed: a b c d\na --> c\nb --> c\nc --> d\n", "t");
  const MSeparationTest oracle(truth.dag);
  EXPECT_THAT(
      tell(truth, pc(oracle), "c,d"),
      testing::HasSubstr("At c a tail, as the edge points away from it.\nAt d an arrowhead. M1: an arrowhead "
                         "comes from a to c, a and d are not adjacent"));
  EXPECT_THAT(tell(truth, ordicd(oracle, {.order = {0, 1, 2, 3}}), "a,c"),
              testing::HasSubstr("At c an arrowhead. order: c comes after a in the causal order."));
}

// Every arrowhead and tail of the literature's graphs has one reason, whose drawing holds in the result.
TEST(WhyText, EveryMarkOfTheLiteratureIsTold) {
  std::set<std::string> rules;
  for (const KnownPag& known : known_pags()) {
    const NamedDag truth = parse_dag(known.dag, known.source);
    const MSeparationTest oracle(truth.dag);
    for (const SearchResult& found : {fci(oracle), icd(oracle), rfci(oracle)}) {
      const MixedGraph& graph = found.graph;
      std::size_t marks = 0;
      for (Node x = 0; x < graph.num_nodes(); ++x)
        for (const Node y : graph.neighbors(x)) {
          const Because* because = reason_of(found, x, y);
          ASSERT_EQ(because != nullptr, graph.mark(x, y) != Mark::circle);
          EXPECT_FALSE(why_text(found, observed_names(truth), x, y).empty());
          if (!because) continue;
          ++marks;
          rules.insert(because->rule);
          for (std::size_t i = 0; i + 1 < because->path.size(); ++i)
            EXPECT_TRUE(graph.adjacent(because->path[i], because->path[i + 1]));
        }
      EXPECT_EQ(found.reasons.size(), marks);
    }
  }
  EXPECT_THAT(rules, testing::IsSupersetOf({"R0", "R1", "R2", "R3", "R4", "R5", "R7", "R8", "R9"}));
}

TEST(WhyText, ReadsPairs) {
  const std::vector<std::string> names = {"A", "B, C", "D"};
  EXPECT_EQ(parse_pair("A,D", names), std::pair(0, 2));
  EXPECT_EQ(parse_pair("D , A", names), std::pair(2, 0));
  EXPECT_EQ(parse_pair("B, C,D", names), std::pair(1, 2));
  EXPECT_EQ(parse_pair("\"B, C\", \"A\"", names), std::pair(1, 0));
  const auto expect_error = [&](const char* wrong, const char* message) {
    EXPECT_THAT([&] { parse_pair(wrong, names); }, testing::ThrowsMessage<UserError>(message)) << wrong;
  };
  expect_error("A", "\"A\" does not name two variables, as in \"A,B\"");
  expect_error("", "\"\" does not name two variables, as in \"A,B\"");
  expect_error("A,A", "\"A,A\" names one variable twice");
  expect_error("A,four", "unknown variable \"four\" in \"A,four\"");
  expect_error("A,D,B", "unknown variable \"D,B\" in \"A,D,B\"");
  const std::vector<std::string> long_names = {"smoking", "cancer"};
  EXPECT_THAT([&] { parse_pair("smoking,cancr", long_names); },
              testing::ThrowsMessage<UserError>(
                  "unknown variable \"cancr\" in \"smoking,cancr\" (did you mean \"cancer\"?)"));
}

}  // namespace
}  // namespace why
