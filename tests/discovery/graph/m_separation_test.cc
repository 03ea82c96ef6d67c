#include "discovery/graph/m_separation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/errors.h"
#include "discovery/graph/notation.h"

namespace why {
namespace {

// The definition, word by word: some path whose colliders are ancestors of z and whose other nodes are not in
// z. Enumerates all paths; marks and ancestors are asked of the graph itself.
class SlowSeparation {
 public:
  explicit SlowSeparation(const MixedGraph& graph) : graph_(graph) {}

  bool separated(Node x, Node y, const std::vector<Node>& z) const {
    std::vector<Node> path = {x};
    return !connects(path, y, z);
  }

 private:
  bool connects(std::vector<Node>& path, Node y, const std::vector<Node>& z) const {
    if (path.back() == y) return is_open(path, z);
    for (const Node next : graph_.neighbors(path.back())) {
      if (std::find(path.begin(), path.end(), next) != path.end()) continue;
      path.push_back(next);
      const bool open = connects(path, y, z);
      path.pop_back();
      if (open) return true;
    }
    return false;
  }

  bool is_open(const std::vector<Node>& path, const std::vector<Node>& z) const {
    for (std::size_t i = 1; i + 1 < path.size(); ++i) {
      const bool given = std::find(z.begin(), z.end(), path[i]) != z.end();
      if (graph_.is_collider(path[i - 1], path[i], path[i + 1]) ? !is_above(path[i], z) : given) return false;
    }
    return true;
  }

  bool is_above(Node x, const std::vector<Node>& z) const {
    if (std::find(z.begin(), z.end(), x) != z.end()) return true;
    for (const Node child : graph_.neighbors(x))
      if (graph_.is_parent(x, child) && is_above(child, z)) return true;
    return false;
  }

  const MixedGraph& graph_;
};

MixedGraph as_mixed(const Dag& dag) {
  MixedGraph graph(dag.num_nodes());
  for (Node x = 0; x < dag.num_nodes(); ++x)
    for_each_bit(dag.children(x), [&](Node y) { graph.connect(x, y, Mark::tail, Mark::arrow); });
  return graph;
}

// Calls use(x, y, z) for every pair of nodes of `among` and every subset of the others.
void for_each_question(
    const std::vector<Node>& among,
    const std::function<void(std::size_t, std::size_t, const std::vector<std::size_t>&)>& use) {
  for (std::size_t i = 0; i < among.size(); ++i)
    for (std::size_t j = i + 1; j < among.size(); ++j)
      for (std::size_t subset = 0; subset < std::size_t{1} << among.size(); ++subset) {
        if (subset >> i & 1 || subset >> j & 1) continue;
        std::vector<std::size_t> z;
        for (std::size_t k = 0; k < among.size(); ++k)
          if (subset >> k & 1) z.push_back(k);
        use(i, j, z);
      }
}

std::vector<Node> pick(const std::vector<Node>& nodes, const std::vector<std::size_t>& at) {
  std::vector<Node> out;
  for (const auto i : at) out.push_back(nodes[i]);
  return out;
}

TEST(MSeparation, LiteratureCase) {
  // X1 --> X3 <-- X2, X3 --> X4 (pcalg test_dsepAM.R)
  const NamedGraph named = parse_graph("X1 --> X3, X3 <-- X2, X3 --> X4");
  const MSeparation m(named.graph);
  const Node x1 = 0, x3 = 1, x2 = 2, x4 = 3;
  EXPECT_TRUE(m.separated(x1, x2, {}));
  EXPECT_FALSE(m.separated(x1, x2, std::vector<Node>{x4}));
  EXPECT_FALSE(m.separated(x1, x2, std::vector<Node>{x3, x4}));
  EXPECT_THAT(m.connected(x1, std::vector<Node>{x4}).members(), testing::ElementsAre(x3, x2));
}

TEST(MSeparation, UndirectedEdgesConnectAndAreBlocked) {
  const MSeparation m(parse_graph("a --- b, b --- c, c --> d, d <-> e").graph);
  EXPECT_FALSE(m.separated(0, 2, {}));
  EXPECT_TRUE(m.separated(0, 2, std::vector<Node>{1}));
  EXPECT_TRUE(m.separated(0, 4, {}));
  EXPECT_FALSE(m.separated(0, 4, std::vector<Node>{3}));
}

TEST(MSeparation, SelectionNodesAreAlwaysGiven) {
  const NamedDag named = parse_dag("observed: a b c\nselection: s\na --> b\nc --> b\nb --> s\n", "t");
  EXPECT_FALSE(MSeparation(named.dag).separated(0, 2, {}));
}

TEST(MSeparation, RefusesCirclesAndOverlaps) {
  EXPECT_THROW(MSeparation(parse_graph("a o-> b").graph), InternalError);
  const MSeparation m(parse_graph("a --> b").graph);
  EXPECT_THROW(m.separated(0, 0, {}), InternalError);
  EXPECT_THROW(m.separated(0, 1, std::vector<Node>{1}), InternalError);
}

TEST(MSeparation, AgreesWithTheDefinitionOnDags) {
  Random random(21);
  for (int round = 0; round < 60; ++round) {
    const RandomDagOptions options{
        .observed = 4, .latent = 2, .selection = round % 3, .edge_probability = 0.4};
    const Dag dag = random_dag(options, random);
    const MixedGraph mixed = as_mixed(dag);
    const MSeparation fast(dag);
    const SlowSeparation slow(mixed);
    const std::vector<Node> selection = dag.nodes_of(NodeKind::selection);
    const std::vector<Node> others = {0, 1, 2, 3, 4, 5};
    for_each_question(others, [&](auto x, auto y, const auto& at) {
      std::vector<Node> z = pick(others, at), given = z;
      given.insert(given.end(), selection.begin(), selection.end());
      const Node a = others[x], b = others[y];
      ASSERT_EQ(fast.separated(a, b, z), slow.separated(a, b, given));
      ASSERT_EQ(fast.separated(b, a, z), slow.separated(a, b, given));
    });
  }
}

TEST(DagToMag, KeepsEverySeparationAmongObserved) {
  Random random(22);
  int undirected = 0, bidirected = 0;
  for (int round = 0; round < 150; ++round) {
    const RandomDagOptions options{
        .observed = 5, .latent = 3, .selection = round % 4, .edge_probability = 0.3};
    const Dag dag = random_dag(options, random);
    const MixedGraph mag = dag_to_mag(dag);
    ASSERT_TRUE(is_ancestral(mag)) << round;
    for (Node x = 0; x < 5; ++x)
      for (Node y = x + 1; y < 5; ++y) {
        undirected += mag.is_undirected(x, y);
        bidirected += mag.is_bidirected(x, y);
      }
    const MSeparation truth(dag), projected(mag);
    const SlowSeparation slow(mag);
    const std::vector<Node> observed = dag.nodes_of(NodeKind::observed);
    for_each_question(observed, [&](auto x, auto y, const auto& at) {
      const std::vector<Node> z(at.begin(), at.end());  // the MAG's numbers are positions among the observed
      const Node i = static_cast<Node>(x), j = static_cast<Node>(y);
      const bool wanted = truth.separated(observed[x], observed[y], pick(observed, at));
      ASSERT_EQ(projected.separated(i, j, z), wanted);
      ASSERT_EQ(slow.separated(i, j, z), wanted);
    });
  }
  EXPECT_GT(undirected, 20);  // the draw holds what it is meant to test
  EXPECT_GT(bidirected, 20);
}

TEST(DagToMag, KnownProjections) {
  const auto projected = [](const std::string& text) {
    const NamedDag named = parse_dag(text, "t");
    return to_literal({observed_names(named), dag_to_mag(named.dag)});
  };
  EXPECT_EQ(projected("observed: a b\nlatent: l\nl --> a\nl --> b\n"), "a <-> b");
  EXPECT_EQ(projected("observed: a b\nselection: s\na --> s\nb --> s\n"), "a --- b");
  EXPECT_EQ(projected("observed: a b c\nlatent: l\na --> l\nl --> b\nl --> c\n"),
            "a --> b, a --> c, b <-> c");
  // an inducing path a --> b <-> c with b an ancestor of c makes a and c adjacent
  EXPECT_EQ(projected("observed: a b c\nlatent: l\na --> b\nl --> b\nl --> c\nb --> c\n"),
            "a --> b, a --> c, b --> c");
  EXPECT_EQ(projected("observed: a\n"), "nodes: a");
}

TEST(IsAncestral, NamesWhatIsNot) {
  EXPECT_TRUE(is_ancestral(parse_graph("a --> b, b <-> c, a --> c").graph));
  EXPECT_FALSE(is_ancestral(parse_graph("a --> b, b --> c, c --> a").graph));
  EXPECT_FALSE(is_ancestral(parse_graph("a --> b, b --> c, a <-> c").graph));
  EXPECT_FALSE(is_ancestral(parse_graph("a --- b, b <-- c").graph));
}

}  // namespace
}  // namespace why
