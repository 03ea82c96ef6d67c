#include "discovery/graph/small_mag.h"

#include <gtest/gtest.h>

#include <bit>

#include "core/errors.h"
#include "discovery/graph/m_separation.h"
#include "discovery/graph/notation.h"

namespace why {
namespace {

Dag some_dag(Random& random, int observed) {
  RandomDagOptions options;
  options.observed = observed;
  options.latent = static_cast<int>(random.below(4));
  options.selection = static_cast<int>(random.below(3));
  options.edge_probability = 0.15 + 0.4 * random.uniform();
  return random_dag(options, random);
}

std::vector<Node> members(std::uint32_t z) {
  std::vector<Node> nodes;
  for (; z != 0; z &= z - 1) nodes.push_back(std::countr_zero(z));
  return nodes;
}

// A third way to read a DAG, without a walk: x and y are separated given z iff z cuts them apart in the
// moral graph of the ancestors of x, y and z (Lauritzen et al. 1990). Selection nodes belong to z.
bool separated_in_moral_graph(const Dag& dag, Node x, Node y, std::vector<Node> z) {
  for (const Node s : dag.nodes_of(NodeKind::selection)) z.push_back(s);
  NodeSet kept(dag.num_nodes());
  for (const Node node : {x, y}) kept |= dag.ancestors(node);
  for (const Node node : z) kept |= dag.ancestors(node);

  BitMatrix moral(dag.num_nodes());
  for (const Node child : kept.members()) {
    NodeSet family(dag.parents(child));
    family.insert(child);
    for (const Node node : family.members()) moral.set_all(node, family);
  }
  NodeSet reached(dag.num_nodes(), std::vector<Node>{x});
  for (int grown = 0; grown != reached.count();) {
    grown = reached.count();
    for (const Node node : reached.members())
      if (std::ranges::find(z, node) == z.end()) reached |= moral.row(node);
  }
  return !reached.contains(y);
}

TEST(Bits8x8, TransposesAndClosesAsEntryByEntry) {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    Bits8x8 m = 0;
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 8; ++j)
        if (random.uniform() < 0.2) m |= entry(i, j);

    Bits8x8 flipped = 0, closed = m, used = 0;
    for (int k = 0; k < 8; ++k)
      for (int i = 0; i < 8; ++i)
        for (int j = 0; j < 8; ++j) {
          if (m & entry(i, j)) flipped |= entry(j, i);
          if (m & entry(i, j)) used |= Bits8x8{0xFF} << (8 * i);
          if ((closed & entry(i, k)) && (closed & entry(k, j))) closed |= entry(i, j);
        }
    EXPECT_EQ(transposed(m), flipped);
    EXPECT_EQ(transitive_closure(m), closed);
    EXPECT_EQ(rows_in_use(m), used);
  }
}

TEST(SmallMag, KeepsEveryMark) {
  const MixedGraph graph = parse_graph("a --> b, b <-> c, c o-> d, d o-o a, a --- e, e o-- c").graph;
  EXPECT_EQ(mixed_graph(small_mag(graph)), graph);
}

// pcalg tests/test_dsepAM.R
TEST(Separations, OfAColliderWithAChild) {
  const Separations separations(parse_graph("x1 --> x3, x2 --> x3, x3 --> x4").graph);  // x1 x3 x2 x4
  EXPECT_TRUE(separations.separated(0, 2, 0b0000));
  EXPECT_FALSE(separations.separated(0, 2, 0b1000));
  EXPECT_FALSE(separations.separated(2, 0, 0b1010));
  EXPECT_TRUE(separations.separated(0, 3, 0b0010));
}

// 600 DAGs of 0 to 8 observed, 0 to 3 latent and 0 to 2 selection nodes: their moral graphs, their MAGs by
// m_separation.h and their MAGs by this file agree on every pair and set.
TEST(Separations, OfDagAndMagAgreeInThreeWays) {
  Random random(12);
  for (int round = 0; round < 600; ++round) {
    const Dag dag = some_dag(random, round % 9);
    const MixedGraph mag = dag_to_mag(dag);
    const MSeparation general(mag);
    const Separations small(mag);
    EXPECT_EQ(small, Separations(dag));
    EXPECT_EQ(small, Separations(mag.num_nodes(), [&](Node x, Node y, std::uint32_t z) {
                return general.separated(x, y, members(z));
              }));
    EXPECT_EQ(small, Separations(mag.num_nodes(), [&](Node x, Node y, std::uint32_t z) {
                return separated_in_moral_graph(dag, x, y, members(z));
              }));
  }
}

// With any of its marks forgotten, a MAG still connects what it surely connects, and no more than it possibly
// does.
TEST(Connections, BoundTheMagWhoseMarksAreOpen) {
  Random random(13);
  int narrow = 0, wide = 0;
  for (int round = 0; round < 600; ++round) {
    const MixedGraph mag = dag_to_mag(some_dag(random, 5 + round % 4));
    SmallMag open = small_mag(mag);
    const double forgotten = random.uniform();
    for (Bits8x8 rest = open.adjacent; rest != 0; rest &= rest - 1)
      if (random.uniform() < forgotten) {
        open.arrow &= ~(rest & -rest);
        open.tail &= ~(rest & -rest);
      }
    const Connections exact(small_mag(mag)), bounds(open);
    for (Node x = 0; x < open.n; ++x)
      for (Node y = 0; y < open.n; ++y) {
        if (x == y) continue;
        EXPECT_EQ(bounds.surely(x, y) & ~exact.surely(x, y), 0u);
        EXPECT_EQ(exact.surely(x, y) & ~bounds.possibly(x, y), 0u);
        EXPECT_EQ(exact.surely(x, y), exact.possibly(x, y));
        ++(bounds.surely(x, y) == bounds.possibly(x, y) ? narrow : wide);
      }
  }
  EXPECT_GT(narrow, 1000);
  EXPECT_GT(wide, 1000);
}

TEST(Separations, NeedAtMostEightNodesAndNoCircle) {
  const auto never = [](Node, Node, std::uint32_t) { return false; };
  EXPECT_THROW(Separations(9, never), UserError);
  EXPECT_THROW(Separations(parse_graph("a o-> b").graph), InternalError);
}

}  // namespace
}  // namespace why
