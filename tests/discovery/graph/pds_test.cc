#include "discovery/graph/pds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/random.h"
#include "core/subsets.h"
#include "discovery/graph/notation.h"

namespace why {
namespace {

using testing::ElementsAre;

bool may_follow(const MixedGraph& graph, Node a, Node b, Node c) {
  return graph.is_collider(a, b, c) || graph.adjacent(a, c);
}

// Lengths of the shortest PDS-paths by trying all of them up to a length, from the definition. `inside`:
// nodes that a path may pass; `simple`: no node twice.
class AllPaths {
 public:
  AllPaths(const MixedGraph& graph, Node root, std::vector<Node> inside, int longest, bool simple)
      : graph_(graph), inside_(std::move(inside)), longest_(longest), simple_(simple), path_{root} {
    depth.assign(static_cast<std::size_t>(graph.num_nodes()), -1);
    walk();
    depth[static_cast<std::size_t>(root)] = 0;
  }

  std::vector<int> depth;

 private:
  void walk() {
    const int length = static_cast<int>(path_.size()) - 1;
    int& known = depth[static_cast<std::size_t>(path_.back())];
    if (known < 0 || length < known) known = length;
    if (length == longest_) return;
    for (const Node next : inside_) {
      if (!graph_.adjacent(path_.back(), next) || next == path_[0]) continue;
      if (length > 0 && next == path_[path_.size() - 2]) continue;
      if (simple_ && std::find(path_.begin(), path_.end(), next) != path_.end()) continue;
      if (length > 0 && !may_follow(graph_, path_[path_.size() - 2], path_.back(), next)) continue;
      path_.push_back(next);
      walk();
      path_.pop_back();
    }
  }

  const MixedGraph& graph_;
  std::vector<Node> inside_;
  int longest_;
  bool simple_;
  std::vector<Node> path_;
};

std::vector<Node> all_nodes(const MixedGraph& graph) {
  std::vector<Node> out;
  for (Node x = 0; x < graph.num_nodes(); ++x) out.push_back(x);
  return out;
}

MixedGraph random_mixed_graph(int n, double density, double arrows, Random& random) {
  MixedGraph graph(n);
  const auto mark = [&] { return random.uniform() < arrows ? Mark::arrow : Mark::circle; };
  for (Node x = 0; x < n; ++x)
    for (Node y = x + 1; y < n; ++y)
      if (random.uniform() < density) {
        const Mark at_x = mark(), at_y = mark();
        graph.connect(x, y, at_x, at_y);
      }
  return graph;
}

TEST(PdsPaths, FollowCollidersAndTriangles) {
  const NamedGraph named = parse_graph("nodes: r a b c d e, r o-> a, a <-o b, b o-o c, b <-> d, d <-o e");
  const PdsTree tree = PdsPaths(named.graph).tree(0);
  EXPECT_THAT(tree.nodes, ElementsAre(1, 2));  // b is no collider: the path ends there
  EXPECT_THAT(tree.depth, ElementsAre(0, 1, 2, -1, -1, -1));

  const NamedGraph triangle = parse_graph("r o-o a, a o-o b, r o-o b, b o-o c, a o-o c, c o-o d");
  EXPECT_THAT(PdsPaths(triangle.graph).tree(0).depth, ElementsAre(0, 1, 1, 3, -1));  // r, a, b, c
}

TEST(PdsPaths, TetradsRegression) {
  // Tetrad test18: 0 o-> 2, 1 o-> 2, 0 o-o 3, 2 o-o 3: 1 and 3 see each other through 2 and 0
  const NamedGraph named = parse_graph("nodes: 0 1 2 3, 0 o-> 2, 1 o-> 2, 0 o-o 3, 2 o-o 3");
  const PdsPaths paths(named.graph);
  EXPECT_THAT(paths.tree(3).nodes, testing::Contains(1));
  EXPECT_THAT(paths.tree(1).nodes, testing::Contains(3));
}

TEST(PdsPaths, DepthIsBounded) {
  const MixedGraph chain = parse_graph("a <-> b, b <-> c, c <-> d, d <-> e").graph;
  EXPECT_THAT(PdsPaths(chain).tree(0).depth, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(PdsPaths(chain).tree(0, 2).depth, ElementsAre(0, 1, 2, -1, -1));
  EXPECT_THAT(PdsPaths(chain).tree(0, 0).nodes, ElementsAre());
  EXPECT_THAT(PdsPaths(MixedGraph(1)).tree(0).nodes, ElementsAre());
}

TEST(PdsPaths, DepthsAreThoseOfAllPaths) {
  Random random(31);
  int nodes = 0, by_detour_only = 0;
  for (int round = 0; round < 300; ++round) {
    const MixedGraph graph = random_mixed_graph(7, 0.2 + 0.1 * (round % 5), 0.5, random);
    const PdsPaths paths(graph);
    for (Node root = 0; root < graph.num_nodes(); ++root) {
      const PdsTree tree = paths.tree(root, 6);
      EXPECT_EQ(tree.depth, AllPaths(graph, root, all_nodes(graph), 6, false).depth);
      const auto simple = AllPaths(graph, root, all_nodes(graph), 6, true).depth;
      const PdsTree whole = paths.tree(root);
      for (Node x = 0; x < graph.num_nodes(); ++x) {
        const auto i = static_cast<std::size_t>(x);
        nodes += whole.depth[i] > 0;
        by_detour_only += whole.depth[i] > 0 && simple[i] < 0;
        EXPECT_LE(simple[i] > 0, whole.depth[i] > 0);
      }
      EXPECT_TRUE(std::is_sorted(tree.nodes.begin(), tree.nodes.end(), [&](Node x, Node y) {
        return std::pair(tree.depth[static_cast<std::size_t>(x)], x) <
               std::pair(tree.depth[static_cast<std::size_t>(y)], y);
      }));
    }
  }
  EXPECT_GT(nodes, 5000);
  EXPECT_LT(by_detour_only, nodes / 100);  // detours are rare even among random marks
}

TEST(LegalSets, OfAChainGrowFromTheRoot) {
  const MixedGraph chain = parse_graph("r <-> a, a <-> b, b <-> c, r o-o d").graph;
  const PdsPaths paths(chain);
  const PdsTree tree = paths.tree(0);
  const LegalSets pairs = paths.legal_sets(tree, 2);
  ASSERT_EQ(pairs.count(), 2);
  EXPECT_THAT(pairs.set(0), ElementsAre(1, 4));  // {a, d}, depths 1 + 1
  EXPECT_THAT(pairs.set(1), ElementsAre(1, 2));  // {a, b}, depths 1 + 2
  EXPECT_THAT(pairs.depth_sum, ElementsAre(2, 3));
  EXPECT_EQ(paths.legal_sets(tree, 0).count(), 1);
  EXPECT_EQ(paths.legal_sets(tree, 4).count(), 1);
  EXPECT_EQ(paths.legal_sets(tree, 5).count(), 0);
  EXPECT_TRUE(paths.is_legal(0, {}));
  EXPECT_FALSE(paths.is_legal(0, std::vector<Node>{1, 3}));
}

TEST(LegalSets, AreAllCombinationsThatTheDefinitionAllows) {
  Random random(32);
  int legal = 0, combinations = 0;
  for (int round = 0; round < 200; ++round) {
    const int n = 6 + round % 3;
    const MixedGraph graph = random_mixed_graph(n, 0.25 + 0.15 * (round % 4), 0.5, random);
    const PdsPaths paths(graph);
    const Node root = static_cast<Node>(random.below(static_cast<std::uint64_t>(n)));
    const PdsTree tree = paths.tree(root);
    for (int size = 0; size <= n - 1; ++size) {
      std::vector<std::pair<int, std::vector<Node>>> wanted;
      auto at = first_subset(size);
      do {
        const std::vector<Node> set(at.begin(), at.end());
        if (std::find(set.begin(), set.end(), root) != set.end()) continue;
        const auto depth = AllPaths(graph, root, set, size, false).depth;
        const bool is_legal = std::all_of(set.begin(), set.end(),
                                          [&](Node x) { return depth[static_cast<std::size_t>(x)] > 0; });
        EXPECT_EQ(paths.is_legal(root, set), is_legal);
        ++combinations;
        int sum = 0;
        for (const Node x : set) sum += tree.depth[static_cast<std::size_t>(x)];
        if (is_legal) wanted.emplace_back(sum, set);
      } while (next_subset(at, n));
      std::sort(wanted.begin(), wanted.end());
      legal += static_cast<int>(wanted.size());

      const LegalSets found = paths.legal_sets(paths.tree(root, size), size);
      ASSERT_EQ(found.count(), static_cast<int>(wanted.size()));
      for (int i = 0; i < found.count(); ++i) {
        EXPECT_THAT(found.set(i), testing::ElementsAreArray(wanted[static_cast<std::size_t>(i)].second));
        EXPECT_EQ(found.depth_sum[static_cast<std::size_t>(i)], wanted[static_cast<std::size_t>(i)].first);
      }
    }
  }
  EXPECT_GT(legal, 3000);
  EXPECT_GT(combinations, 2 * legal);  // many are not legal
}

TEST(LegalSets, OfAllowedNodesOnly) {
  Random random(33);
  for (int round = 0; round < 100; ++round) {
    const MixedGraph graph = random_mixed_graph(8, 0.5, 0.5, random);
    const PdsPaths paths(graph);
    const PdsTree tree = paths.tree(0);
    NodeSet allowed(8);
    for (Node x = 0; x < 8; ++x)
      if (random.below(3) > 0) allowed.insert(x);
    for (int size = 0; size < 6; ++size) {
      const LegalSets all = paths.legal_sets(tree, size), some = paths.legal_sets(tree, size, allowed);
      std::vector<Node> wanted;
      for (int i = 0; i < all.count(); ++i)
        if (std::ranges::all_of(all.set(i), [&](Node x) { return allowed.contains(x); }))
          wanted.insert(wanted.end(), all.set(i).begin(), all.set(i).end());
      EXPECT_EQ(some.members, wanted);
      EXPECT_TRUE(some.complete);
      if (some.count() > 1) {
        const LegalSets first = paths.legal_sets(tree, size, allowed, some.count() - 1);
        EXPECT_FALSE(first.complete);
        EXPECT_EQ(first.count(), some.count() - 1);
      }
      EXPECT_TRUE(paths.legal_sets(tree, size, allowed, some.count()).complete);
    }
  }
}

// A graph of up to 64 nodes is a matter of words; with a few more that are joined to nothing it is not.
TEST(LegalSets, SmallGraphsGiveWhatLargeOnesGive) {
  Random random(34);
  int several = 0, cut = 0;
  for (int round = 0; round < 80; ++round) {
    const bool large_one = round % 20 == 0;
    const int n = large_one ? kMostInWord : 2 + static_cast<int>(random.below(14));
    // of the large ones, nodes with few neighbours, with many, and both
    const double density = large_one ? 0.05 + 0.1 * (round / 20) : 0.3 + 0.4 * random.uniform();
    const MixedGraph small = random_mixed_graph(n, density, random.uniform(), random);
    MixedGraph large(kMostInWord + 6);
    for (Node x = 0; x < n; ++x)
      for (const Node y : small.neighbors(x))
        if (x < y) large.connect(x, y, small.mark(y, x), small.mark(x, y));
    const PdsPaths of_small(small), of_large(large);
    NodeSet allowed_small(n), allowed_large(large.num_nodes());
    for (Node x = 0; x < n; ++x)
      if (random.below(4) > 0) {
        allowed_small.insert(x);
        allowed_large.insert(x);
      }
    for (int size = 0; size <= (n <= 12                      ? n
                                : large_one && density > 0.1 ? 2
                                                             : 3);
         ++size) {  // also more than kLargestSmallSet
      const PdsTree tree = of_small.tree(0, size), same_tree = of_large.tree(0, size);
      EXPECT_EQ(tree.nodes, same_tree.nodes);
      EXPECT_TRUE(std::equal(tree.depth.begin(), tree.depth.end(), same_tree.depth.begin()));
      const LegalSets sets = of_small.legal_sets(tree, size, allowed_small);
      const LegalSets same = of_large.legal_sets(same_tree, size, allowed_large);
      EXPECT_EQ(sets.members, same.members);
      EXPECT_EQ(sets.depth_sum, same.depth_sum);
      several += sets.count() > 20;
      for (const int most : {0, 1, 7}) {
        const LegalSets few = of_small.legal_sets(tree, size, allowed_small, most);
        const LegalSets as_few = of_large.legal_sets(same_tree, size, allowed_large, most);
        EXPECT_EQ(few.complete, as_few.complete);
        EXPECT_EQ(few.count(), as_few.count());
        cut += !few.complete;
      }
      for (int i = 0; i < std::min(sets.count(), 20); ++i) {
        const Node other = 1 + static_cast<Node>(random.below(static_cast<std::uint64_t>(n - 1)));
        EXPECT_EQ(of_small.is_legal(other, sets.set(i)), of_large.is_legal(other, sets.set(i)));
      }
    }
    const PdsTree whole = of_small.tree(n - 1);
    EXPECT_EQ(whole.nodes, of_large.tree(n - 1).nodes);
  }
  EXPECT_GT(several, 30);
  EXPECT_GT(cut, 100);
}

TEST(LegalSets, MoreThan64Nodes) {
  MixedGraph star(130);  // 0 o-o x for all x, and 129 <-> 128 <-> 0 a chain
  for (const Node x : {5, 64, 128}) star.connect(0, x, Mark::arrow, Mark::arrow);
  star.connect(128, 129, Mark::arrow, Mark::arrow);
  const PdsPaths paths(star);
  const LegalSets pairs = paths.legal_sets(paths.tree(0, 2), 2);
  ASSERT_EQ(pairs.count(), 4);
  EXPECT_THAT(pairs.members, ElementsAre(5, 64, 5, 128, 64, 128, 128, 129));
}

TEST(PossibleAncestors, StopAtArrowheadsAtTheNearerEnd) {
  const MixedGraph graph = parse_graph("a o-> b, b --> c, c <-> d, d o-o e, f --- a").graph;
  const BitMatrix above = possible_ancestors(graph);
  const auto of = [&](Node x) { return NodeSet(above.row(x)).members(); };
  EXPECT_THAT(of(0), ElementsAre(0, 5));        // f --- a
  EXPECT_THAT(of(2), ElementsAre(0, 1, 2, 5));  // f --- a o-> b --> c, but not d
  EXPECT_THAT(of(3), ElementsAre(3, 4));        // e o-o d
  EXPECT_THAT(of(4), ElementsAre(3, 4));        // c <-> d stops c
}

}  // namespace
}  // namespace why
