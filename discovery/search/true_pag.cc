#include "discovery/search/true_pag.h"

#include <algorithm>
#include <optional>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/m_separation.h"
#include "discovery/graph/notation.h"
#include "discovery/search/orientation.h"

namespace why {
namespace {

// row(x): nodes that reach x by --> and --- only, x itself among them.
BitMatrix anterior(const MixedGraph& mag) {
  BitMatrix out(mag.num_nodes());
  for (Node x = 0; x < mag.num_nodes(); ++x) {
    out.set(x, x);
    for (const Node y : mag.neighbors(x))
      if (mag.mark(x, y) == Mark::tail) out.set(x, y);
  }
  out.close_transitively();
  return out;
}

std::vector<Node> separator(const BitMatrix& anterior, Node x, Node y) {
  NodeSet set(anterior.row(x));
  set |= anterior.row(y);
  set.erase(x);
  set.erase(y);
  return set.members();
}

struct Names {
  std::span<const std::string> of;
  std::string operator()(Node x) const {
    return text("\"", printable(of[static_cast<std::size_t>(x)]), "\"");
  }
  std::string edge(const MixedGraph& graph, Node x, Node y) const {
    return text((*this)(x), " ", edge_symbol(graph.mark(y, x), graph.mark(x, y)), " ", (*this)(y));
  }
};

template <class Visit>
void for_each_edge(const MixedGraph& graph, Visit&& visit) {
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x))
      if (x < y) visit(x, y);
}

// An order of the nodes in which, going backwards, the neighbours by o-o of a node that come before it are
// all adjacent, where there is one: maximum cardinality search (Tarjan & Yannakakis 1984).
std::vector<Node> perfect_order(const MixedGraph& pag) {
  const int n = pag.num_nodes();
  std::vector<int> numbered_neighbors(static_cast<std::size_t>(n), 0);
  std::vector<Node> order;
  std::vector<char> placed(static_cast<std::size_t>(n), 0);
  while (static_cast<int>(order.size()) < n) {
    Node next = -1;
    for (Node x = 0; x < n; ++x)
      if (!placed[x] && (next < 0 || numbered_neighbors[x] > numbered_neighbors[next])) next = x;
    placed[next] = 1;
    order.push_back(next);
    for (const Node y : pag.neighbors(next))
      if (pag.mark(next, y) == Mark::circle && pag.mark(y, next) == Mark::circle) ++numbered_neighbors[y];
  }
  return order;
}

// What is not ancestral, in words.
std::string why_not_ancestral(const MixedGraph& graph, const Names& name) {
  const BitMatrix above = anterior(graph);
  std::string out;
  for_each_edge(graph, [&](Node x, Node y) {
    for (const auto& [a, b] : {std::pair{x, y}, {y, x}}) {
      if (!out.empty() || graph.mark(b, a) != Mark::arrow) continue;
      if (above.has(b, a))  // an arrowhead at a, which --> and --- lead from to b
        out = text("there is an arrowhead at ", name(a), " in ", name.edge(graph, a, b), ", though ", name(a),
                   " is an ancestor of ", name(b), " or of a selection node by other edges");
      for (const Node c : graph.neighbors(a))
        if (out.empty() && graph.is_undirected(a, c))
          out = text("an arrowhead and an undirected edge meet at ", name(a), ": ", name.edge(graph, b, a),
                     " and ", name.edge(graph, a, c));
    }
  });
  WHY_ASSERT(!out.empty());
  return out;
}

}  // namespace

MixedGraph dag_to_pag(const Dag& dag) { return mag_to_pag(dag_to_mag(dag)); }

MixedGraph mag_to_pag(const MixedGraph& mag) {
  for_each_edge(mag, [&](Node x, Node y) {
    WHY_ASSERT(mag.mark(x, y) != Mark::circle && mag.mark(y, x) != Mark::circle);
  });
  const BitMatrix above = anterior(mag);
  SepSets sepsets(mag.num_nodes());
  for (Node x = 0; x < mag.num_nodes(); ++x)
    for (Node y = x + 1; y < mag.num_nodes(); ++y)
      if (!mag.adjacent(x, y)) sepsets.store(x, y, separator(above, x, y), 1, Stage::adjacency);
  return orient(mag, sepsets, {}).graph;
}

MixedGraph pag_to_mag(const MixedGraph& pag) {
  const std::vector<Node> order = perfect_order(pag);
  std::vector<int> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    place[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  MixedGraph mag = pag;
  for_each_edge(pag, [&](Node x, Node y) {
    const Mark at_x = pag.mark(y, x), at_y = pag.mark(x, y);
    if (at_x == Mark::circle && at_y == Mark::circle) {
      const bool x_first = place[static_cast<std::size_t>(x)] < place[static_cast<std::size_t>(y)];
      mag.connect(x, y, x_first ? Mark::tail : Mark::arrow, x_first ? Mark::arrow : Mark::tail);
    } else {
      // a circle across from an arrowhead is a tail, across from a tail an arrowhead
      const auto settled = [](Mark here, Mark there) {
        return here != Mark::circle ? here : there == Mark::arrow ? Mark::tail : Mark::arrow;
      };
      mag.connect(x, y, settled(at_x, at_y), settled(at_y, at_x));
    }
  });
  return mag;
}

Legality is_mag(const MixedGraph& graph, std::span<const std::string> names) {
  const Names name{names};
  Legality out;
  for_each_edge(graph, [&](Node x, Node y) {
    if (out && (graph.mark(x, y) == Mark::circle || graph.mark(y, x) == Mark::circle))
      out.why = text("there is a circle in ", name.edge(graph, x, y));
  });
  if (!out) return out;
  if (!is_ancestral(graph)) return {why_not_ancestral(graph, name)};
  const MSeparation separation(graph);
  const BitMatrix above = anterior(graph);
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (Node y = x + 1; y < graph.num_nodes(); ++y)
      if (!graph.adjacent(x, y) && !separation.separated(x, y, separator(above, x, y)))
        return {text("no set separates ", name(x), " and ", name(y), ", which are not adjacent")};
  return out;
}

Legality is_pag(const MixedGraph& graph, std::span<const std::string> names) {
  const MixedGraph member = pag_to_mag(graph);
  if (const Legality legal = is_mag(member, names); !legal)
    return {text("with its circles filled in it is no MAG: ", legal.why)};
  const MixedGraph pag = mag_to_pag(member);
  const Names name{names};
  Legality out;
  for_each_edge(graph, [&](Node x, Node y) {
    if (out && (graph.mark(x, y) != pag.mark(x, y) || graph.mark(y, x) != pag.mark(y, x)))
      out.why = text("it has ", name.edge(graph, x, y), " where the PAG of what it describes has ",
                     name.edge(pag, x, y));
  });
  return out;
}

}  // namespace why
