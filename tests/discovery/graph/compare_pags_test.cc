#include "discovery/graph/compare_pags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/random.h"

namespace why {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

PagComparison compare(const char* truth, const char* found) {
  const NamedGraph true_graph = parse_graph(truth);
  return compare_pags(true_graph.graph, renumbered(parse_graph(found), true_graph.names, "found", "true"));
}

TEST(ComparePags, CountsAMarkOnAnEdgeThatOneGraphHasAgainstIt) {
  // B-C has another mark at B, C-D is missing, A-D is extra
  const PagComparison result =
      compare("nodes: A B C D, A o-> B, B --> C, C <-> D", "nodes: A B C D, A o-> B, B o-> C, A o-o D");
  EXPECT_EQ(result.adjacency, (Agreement{2, 1, 1}));
  EXPECT_EQ(result.marks.arrowhead, (Agreement{2, 0, 2}));
  EXPECT_EQ(result.marks.tail, (Agreement{0, 0, 1}));
  EXPECT_EQ(result.marks.circle, (Agreement{1, 3, 0}));
  EXPECT_EQ(result.on_common.arrowhead, (Agreement{2, 0, 0}));
  EXPECT_EQ(result.on_common.tail, (Agreement{0, 0, 1}));
  EXPECT_EQ(result.on_common.circle, (Agreement{1, 1, 0}));
  EXPECT_EQ(result.structural_hamming, 3);
  EXPECT_EQ(result.mark_hamming, 1 + 2 + 2);
  EXPECT_THAT(result.different, testing::ElementsAre(std::pair(0, 3), std::pair(1, 2), std::pair(2, 3)));
}

TEST(ComparePags, ReversedEdgeIsOnePairAndTwoMarks) {
  const PagComparison result = compare("A --> B", "A <-- B");
  EXPECT_EQ(result.structural_hamming, 1);
  EXPECT_EQ(result.mark_hamming, 2);
  EXPECT_EQ(result.marks.arrowhead, (Agreement{0, 1, 1}));
}

TEST(ComparePags, RatiosAreNoneWhereNothingCanBeCounted) {
  EXPECT_DOUBLE_EQ(*(Agreement{3, 1, 2}.precision()), 0.75);
  EXPECT_DOUBLE_EQ(*(Agreement{3, 1, 2}.recall()), 0.6);
  EXPECT_DOUBLE_EQ(*(Agreement{3, 1, 2}.f1()), 6.0 / 9);
  EXPECT_EQ((Agreement{0, 0, 2}.precision()), std::nullopt);
  EXPECT_EQ((Agreement{0, 0, 2}.recall()), 0.0);
  EXPECT_EQ((Agreement{}.f1()), std::nullopt);
  EXPECT_EQ(compare("nodes: A", "nodes: A").adjacency, Agreement{});
}

// Exchanging the two graphs exchanges extra and missing; a graph equals itself under other numbers.
TEST(ComparePags, IsSymmetricAndIndependentOfNumbers) {
  Random random(5);
  for (int round = 0; round < 100; ++round) {
    const int n = static_cast<int>(1 + random.below(8));
    NamedGraph graphs[2] = {{{}, MixedGraph(n)}, {{}, MixedGraph(n)}};
    for (auto& [names, graph] : graphs)
      for (Node x = 0; x < n; ++x) {
        names.push_back(text("v", x));
        for (Node y = 0; y < x; ++y)
          if (random.below(2) == 0)
            graph.connect(x, y, static_cast<Mark>(1 + random.below(3)),
                          static_cast<Mark>(1 + random.below(3)));
      }
    const PagComparison there = compare_pags(graphs[0].graph, graphs[1].graph);
    const PagComparison back = compare_pags(graphs[1].graph, graphs[0].graph);
    EXPECT_EQ(there.structural_hamming, back.structural_hamming);
    EXPECT_EQ(there.marks.circle.extra, back.marks.circle.missing);
    EXPECT_EQ(there.adjacency.right, back.adjacency.right);
    const Agreement &a = there.marks.arrowhead, &t = there.marks.tail, &c = there.marks.circle;
    EXPECT_EQ(a.right + a.missing + t.right + t.missing + c.right + c.missing,
              2 * graphs[0].graph.num_edges());

    std::vector<std::string> shuffled = graphs[0].names;
    random.shuffle(std::span(shuffled));
    const MixedGraph moved = renumbered(graphs[0], shuffled, "a", "b");
    EXPECT_EQ(to_edges(moved, shuffled), to_edges(graphs[0].graph, graphs[0].names));
  }
}

TEST(ComparePags, DifferentNodesAreAnErrorThatNamesThem) {
  const NamedGraph found = parse_graph("A o-o B, C o-o D");
  const std::vector<std::string> names = {"A", "B", "E\n"};
  EXPECT_THAT([&] { renumbered(found, names, "found.txt", "true.txt"); },
              ThrowsMessage<UserError>("found.txt and true.txt have different nodes: \"C\", \"D\" only in "
                                       "found.txt, \"E\\n\" only in true.txt"));
  const std::vector<std::string> more = {"A", "B", "C", "D", "1", "2", "3", "4", "5", "6"};
  EXPECT_THAT([&] { renumbered(found, more, "f", "t"); },
              ThrowsMessage<UserError>(
                  "f and t have different nodes: \"1\", \"2\", \"3\", \"4\", \"5\" and 1 more only in t"));
}

}  // namespace
}  // namespace why
