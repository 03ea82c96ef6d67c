#include "discovery/graph/verify_pag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "discovery/graph/notation.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// a --> c <-- b, c --> d: the true PAG is a o-> c, b o-> c, c --> d.
Separations collider_with_child() {
  return Separations(parse_graph("nodes: a b c d, a --> c, b --> c, c --> d").graph);
}

PagVerdict judge(const std::string& literal) {
  return verify_pag(parse_graph("nodes: a b c d, " + literal).graph, collider_with_child());
}

const std::vector<std::string> kNames = {"a", "b", "c", "d"};

TEST(VerifyPag, FindsTheTruePagRight) {
  const PagVerdict verdict = judge("a o-> c, b o-> c, c --> d");
  EXPECT_TRUE(verdict.right());
  EXPECT_EQ(verdict.count(Verdict::right), 6);
  EXPECT_THAT(to_text(verdict, kNames), HasSubstr("This is the true PAG: of 6 marks 6 are right"));
}

TEST(VerifyPag, CallsATailThatSomeMembersLackUnsound) {
  const PagVerdict verdict = judge("a --> c, b o-> c, c --> d");
  EXPECT_FALSE(verdict.right());
  EXPECT_EQ(verdict.count(Verdict::unsound), 1);
  EXPECT_THAT(to_text(verdict, kNames),
              HasSubstr("In a --> c the tail at a is unsound: members have either."));
}

TEST(VerifyPag, CallsACircleThatAllMembersDecideIncomplete) {
  const PagVerdict verdict = judge("a o-> c, b o-> c, c o-> d");
  EXPECT_FALSE(verdict.right());
  EXPECT_EQ(verdict.count(Verdict::incomplete), 1);
  EXPECT_THAT(to_text(verdict, kNames),
              HasSubstr("In c o-> d the circle at c is incomplete: all members have a tail."));
}

TEST(VerifyPag, NamesWrongAdjacencies) {
  const PagVerdict verdict = judge("a o-> c, b o-> c, a o-o d");
  EXPECT_FALSE(verdict.right());
  EXPECT_THAT(verdict.missing, ElementsAre(Pair(2, 3)));
  EXPECT_THAT(verdict.extra, ElementsAre(Pair(0, 3)));
  EXPECT_EQ(verdict.marks.size(), 4u);
  EXPECT_THAT(to_text(verdict, kNames), HasSubstr("An edge between c and d is missing."));
  EXPECT_THAT(to_text(verdict, kNames), HasSubstr("No edge belongs between a and d."));
}

// Every single mark of the true PAG changed to each of the two others, every edge taken away and every other
// one added: exactly that mistake is found.
TEST(VerifyPag, DetectsEverySingleMistake) {
  Random random(31);
  RandomDagOptions options;
  int mistakes = 0;
  for (int round = 0; round < 36; ++round) {
    options.observed = 3 + round % 5;
    options.latent = round % 3;
    options.selection = round % 2;
    options.edge_probability = 0.2 + 0.1 * (round % 4);
    const Separations truth(random_dag(options, random));
    const MixedGraph pag = true_pag(truth);
    ASSERT_TRUE(verify_pag(pag, truth).right());
    for (Node x = 0; x < pag.num_nodes(); ++x)
      for (Node y = 0; y < pag.num_nodes(); ++y) {
        if (x == y) continue;
        if (!pag.adjacent(x, y)) {
          MixedGraph wrong = pag;
          wrong.connect(x, y, Mark::circle, Mark::circle);
          EXPECT_THAT(verify_pag(wrong, truth).extra, ElementsAre(std::minmax(x, y)));
          ++mistakes;
          continue;
        }
        MixedGraph without = pag;
        without.disconnect(x, y);
        EXPECT_THAT(verify_pag(without, truth).missing, ElementsAre(std::minmax(x, y)));
        for (const Mark mark : {Mark::circle, Mark::arrow, Mark::tail}) {
          if (mark == pag.mark(x, y)) continue;
          MixedGraph wrong = pag;
          wrong.set_mark(x, y, mark);
          const PagVerdict verdict = verify_pag(wrong, truth);
          EXPECT_EQ(verdict.count(mark == Mark::circle ? Verdict::incomplete : Verdict::unsound), 1);
          EXPECT_EQ(verdict.count(Verdict::right), static_cast<int>(verdict.marks.size()) - 1);
          ++mistakes;
        }
      }
  }
  EXPECT_GT(mistakes, 1000);
}

TEST(VerifyPag, OutOfStepsIsUndecidedNotRight) {
  ClassOptions options;
  options.max_steps = 0;
  const Separations none(5, [](Node, Node, std::uint32_t) { return false; });
  const PagVerdict verdict = verify_pag(complete_graph(5), none, options);
  EXPECT_FALSE(verdict.right());
  EXPECT_EQ(verdict.count(Verdict::undecided), 20);
  EXPECT_THAT(to_text(verdict, std::vector<std::string>{"a", "b", "c", "d", "e"}),
              HasSubstr("No mistake was found, but not every mark could be decided"));
}

TEST(VerifyPag, OfNoAndOneNode) {
  const auto never = [](Node, Node, std::uint32_t) { return false; };
  for (int n = 0; n < 2; ++n) {
    const PagVerdict verdict = verify_pag(MixedGraph(n), Separations(n, never));
    EXPECT_TRUE(verdict.right());
    EXPECT_THAT(verdict.marks, IsEmpty());
  }
}

TEST(VerifyPag, NeedsTheSameNodes) {
  EXPECT_THROW(verify_pag(MixedGraph(3), collider_with_child()), UserError);
}

}  // namespace
}  // namespace why
