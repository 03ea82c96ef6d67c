#include "discovery/graph/small_mag.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "discovery/graph/m_separation.h"

namespace why {
namespace {

constexpr Bits8x8 kFirstColumn = 0x0101010101010101;

// Bit i of kSetsWith[p]: does the i-th subset hold its p-th element?
constexpr std::array<SetMask, 6> kSetsWith = {0xAAAAAAAAAAAAAAAA, 0xCCCCCCCCCCCCCCCC, 0xF0F0F0F0F0F0F0F0,
                                              0xFF00FF00FF00FF00, 0xFFFF0000FFFF0000, 0xFFFFFFFF00000000};

SetMask all_sets_of(int num_nodes) {
  return num_nodes >= kMaxSmallNodes ? ~SetMask{0} : (SetMask{1} << (1 << std::max(0, num_nodes - 2))) - 1;
}

// The number of the subset z of the nodes other than x and y: z without the two bits.
unsigned subset_number(std::uint32_t z, Node x, Node y) {
  if (x > y) std::swap(x, y);
  const std::uint32_t low = z & ((1u << x) - 1);
  const std::uint32_t middle = (z >> (x + 1)) & ((1u << (y - x - 1)) - 1);
  const std::uint32_t high = z >> (y + 1);
  return low | middle << x | high << (y - 1);
}

// The inverse.
std::uint32_t subset_with_number(unsigned number, Node x, Node y) {
  if (x > y) std::swap(x, y);
  const std::uint32_t low = number & ((1u << x) - 1);
  const std::uint32_t middle = (number >> x) & ((1u << (y - x - 1)) - 1);
  const std::uint32_t high = number >> (y - 1);
  return low | middle << (x + 1) | high << (y + 1);
}

// What conditioning does at each node, for all sets of one pair.
struct AtNode {
  std::array<SetMask, kMaxSmallNodes> passes{};  // not in Z
  std::array<SetMask, kMaxSmallNodes> opens{};   // in Z or an ancestor of Z
};

AtNode at_nodes(int n, Bits8x8 is_ancestor, Node x, Node y) {
  std::array<SetMask, kMaxSmallNodes> in_z{};
  for (Node v = 0; v < n; ++v) in_z[v] = Separations::sets_with(v, x, y);
  AtNode at;
  for (Node v = 0; v < n; ++v) {
    at.passes[v] = ~in_z[v];
    at.opens[v] = in_z[v];
    for (unsigned rest = row_of(is_ancestor, v); rest != 0; rest &= rest - 1)
      at.opens[v] |= in_z[std::countr_zero(rest)];
  }
  return at;
}

// The sets under which a walk from x has come to a node, by the mark there of its last edge.
struct Reached {
  SetMask by_arrow = 0, by_tail = 0, by_open = 0;

  SetMask anyhow() const { return by_arrow | by_tail | by_open; }
  friend bool operator==(const Reached&, const Reached&) = default;
};

// All walks from x to y, for all sets together.
//   leave(reached, v, u)       sets under which a walk that has come to v may go on along the edge v - u
//   arrive(reached, v, u, in)  notes at v that walks came from u under the sets `in`
template <class Leave, class Arrive>
SetMask walk(const SmallMag& mag, Node x, Node y, const Leave& leave, const Arrive& arrive) {
  std::array<Reached, kMaxSmallNodes> reached{};
  unsigned grown = 0;  // nodes to go on from
  const auto step = [&](Node v, Node u, SetMask sets) {
    const Reached before = reached[u];
    arrive(reached[u], u, v, sets);
    if (reached[u] != before) grown |= 1u << u;
  };
  for (unsigned rest = row_of(mag.adjacent, x); rest != 0; rest &= rest - 1)
    step(x, std::countr_zero(rest), ~SetMask{0});
  while (grown != 0) {
    const Node v = std::countr_zero(grown);
    grown &= grown - 1;
    for (unsigned rest = row_of(mag.adjacent, v); rest != 0; rest &= rest - 1) {
      const Node u = std::countr_zero(rest);
      step(v, u, leave(reached[v], v, u));
    }
  }
  return reached[y].anyhow() & all_sets_of(mag.n);
}

}  // namespace

Bits8x8 transposed(Bits8x8 m) {
  // swap off-diagonal blocks of 1 x 1, 2 x 2, 4 x 4
  Bits8x8 t = (m ^ (m >> 7)) & 0x00AA00AA00AA00AA;
  m ^= t ^ (t << 7);
  t = (m ^ (m >> 14)) & 0x0000CCCC0000CCCC;
  m ^= t ^ (t << 14);
  t = (m ^ (m >> 28)) & 0x00000000F0F0F0F0;
  return m ^ t ^ (t << 28);
}

Bits8x8 transitive_closure(Bits8x8 m) {
  // Warshall: whoever reaches k reaches what k reaches; the product copies row k into those rows
  for (int k = 0; k < kMaxSmallNodes; ++k) m |= ((m >> k) & kFirstColumn) * row_of(m, k);
  return m;
}

Bits8x8 rows_in_use(Bits8x8 m) {
  // gather each byte's bits in its first one
  m |= m >> 4 & 0x0F0F0F0F0F0F0F0F;
  m |= m >> 2 & 0x3F3F3F3F3F3F3F3F;
  m |= m >> 1 & 0x7F7F7F7F7F7F7F7F;
  return (m & kFirstColumn) * 0xFF;
}

SmallMag small_mag(const MixedGraph& graph) {
  WHY_ASSERT(graph.num_nodes() <= kMaxSmallNodes);
  SmallMag mag{graph.num_nodes()};
  for (Node v = 0; v < mag.n; ++v)
    for (Node u = 0; u < mag.n; ++u) {
      const Mark at_v = graph.mark(u, v);
      if (at_v != Mark::none) mag.adjacent |= entry(v, u);
      if (at_v == Mark::arrow) mag.arrow |= entry(v, u);
      if (at_v == Mark::tail) mag.tail |= entry(v, u);
    }
  return mag;
}

MixedGraph mixed_graph(const SmallMag& mag) {
  const auto mark_at = [&](Node v, Node u) {
    if (mag.arrow & entry(v, u)) return Mark::arrow;
    return mag.tail & entry(v, u) ? Mark::tail : Mark::circle;
  };
  MixedGraph graph(mag.n);
  for (Node x = 0; x < mag.n; ++x)
    for (Node y = x + 1; y < mag.n; ++y)
      if (mag.adjacent & entry(x, y)) graph.connect(x, y, mark_at(x, y), mark_at(y, x));
  return graph;
}

Connections::Connections(const SmallMag& mag)
    : mag_(mag),
      surely_ancestor_(transitive_closure(mag.tail & transposed(mag.arrow))),
      possibly_ancestor_(transitive_closure(mag.adjacent & ~mag.arrow & ~transposed(mag.tail))) {}

// A node lets through where it is surely no collider and not in Z, surely a collider and opened by Z, or,
// whichever of the two it is, both not in Z and opened by Z.
SetMask Connections::surely(Node x, Node y) const {
  const AtNode at = at_nodes(mag_.n, surely_ancestor_, x, y);
  const auto leave = [&](const Reached& came, Node v, Node u) {
    if (mag_.tail & entry(v, u)) return came.anyhow() & at.passes[v];
    SetMask sets = (came.by_tail | (came.anyhow() & at.opens[v])) & at.passes[v];
    if (mag_.arrow & entry(v, u)) sets |= came.by_arrow & at.opens[v];
    return sets;
  };
  const auto arrive = [&](Reached& reached, Node v, Node u, SetMask sets) {
    if (mag_.arrow & entry(v, u))
      reached.by_arrow |= sets;
    else if (mag_.tail & entry(v, u))
      reached.by_tail |= sets;
    else
      reached.by_open |= sets;
  };
  return walk(mag_, x, y, leave, arrive);
}

// An open mark is both an arrowhead and a tail, as each walk likes.
SetMask Connections::possibly(Node x, Node y) const {
  const AtNode at = at_nodes(mag_.n, possibly_ancestor_, x, y);
  const auto leave = [&](const Reached& came, Node v, Node u) {
    SetMask sets = came.by_tail & at.passes[v];
    if (!(mag_.tail & entry(v, u))) sets |= came.by_arrow & at.opens[v];
    if (!(mag_.arrow & entry(v, u))) sets |= came.by_arrow & at.passes[v];
    return sets;
  };
  const auto arrive = [&](Reached& reached, Node v, Node u, SetMask sets) {
    if (!(mag_.tail & entry(v, u))) reached.by_arrow |= sets;
    if (!(mag_.arrow & entry(v, u))) reached.by_tail |= sets;
  };
  return walk(mag_, x, y, leave, arrive);
}

Separations::Separations(int num_nodes, const Question& separated) : n_(num_nodes) {
  WHY_CHECK(num_nodes <= kMaxSmallNodes, "all m-separations are listed for up to ", kMaxSmallNodes,
            " observed nodes, not for ", num_nodes);
  for (Node x = 0; x < n_; ++x)
    for (Node y = x + 1; y < n_; ++y) {
      SetMask separating = 0;
      for (unsigned i = 0; i < 1u << (n_ - 2); ++i)
        if (separated(x, y, subset_with_number(i, x, y))) separating |= SetMask{1} << i;
      separating_[x][y] = separating_[y][x] = separating;
    }
}

Separations::Separations(const MixedGraph& graph) : n_(graph.num_nodes()) {
  const SmallMag mag = small_mag(graph);
  WHY_ASSERT(mag.open() == 0);
  const Connections connections(mag);
  for (Node x = 0; x < n_; ++x)
    for (Node y = x + 1; y < n_; ++y)
      separating_[x][y] = separating_[y][x] = all_sets() & ~connections.surely(x, y);
}

Separations::Separations(const Dag& dag)
    : Separations(static_cast<int>(dag.nodes_of(NodeKind::observed).size()),
                  [truth = MSeparation(dag), observed = dag.nodes_of(NodeKind::observed)](Node x, Node y,
                                                                                          std::uint32_t z) {
                    std::vector<Node> given;
                    for (std::size_t v = 0; v < observed.size(); ++v)
                      if (z >> v & 1) given.push_back(observed[v]);
                    return truth.separated(observed[static_cast<std::size_t>(x)],
                                           observed[static_cast<std::size_t>(y)], given);
                  }) {}

bool Separations::separated(Node x, Node y, std::uint32_t z) const {
  WHY_ASSERT(x != y && (z >> x & 1) == 0 && (z >> y & 1) == 0);
  return separating(x, y) >> subset_number(z, x, y) & 1;
}

SetMask Separations::all_sets() const { return all_sets_of(n_); }

SetMask Separations::sets_with(Node v, Node x, Node y) {
  return v == x || v == y ? 0 : kSetsWith[v - (v > x) - (v > y)];
}

}  // namespace why
