#include "discovery/graph/m_separation.h"

#include <utility>

#include "core/errors.h"

namespace why {
namespace {

BitMatrix mag_ancestors(const MixedGraph& mag) {
  const int n = mag.num_nodes();
  BitMatrix ancestors(n);
  for (Node x = 0; x < n; ++x) {
    ancestors.set(x, x);
    for_each_bit(mag.neighbor_bits(x), [&](Node y) {
      if (mag.is_parent(y, x)) ancestors.set(x, y);
    });
  }
  ancestors.close_transitively();
  return ancestors;
}

// Nodes reached so far; `fresh` ones have not been left yet.
struct Reached {
  explicit Reached(int n) : all(n), fresh(n), none(n) {}

  void add(Bits nodes) {
    NodeSet added(nodes);
    added -= all;
    all |= added;
    fresh |= added;
  }
  NodeSet take_fresh() { return std::exchange(fresh, none); }

  NodeSet all, fresh, none;
};

}  // namespace

MSeparation::MSeparation(const Dag& dag)
    : n_(dag.num_nodes()),
      parents_(n_),
      children_(n_),
      spouses_(n_),
      undirected_(n_),
      ancestors_(n_),
      selection_(n_, dag.nodes_of(NodeKind::selection)) {
  for (Node x = 0; x < n_; ++x) {
    parents_.set_all(x, dag.parents(x));
    children_.set_all(x, dag.children(x));
    ancestors_.set_all(x, dag.ancestors(x));
  }
}

MSeparation::MSeparation(const MixedGraph& mag)
    : n_(mag.num_nodes()),
      parents_(n_),
      children_(n_),
      spouses_(n_),
      undirected_(n_),
      ancestors_(mag_ancestors(mag)),
      selection_(n_) {
  for (Node x = 0; x < n_; ++x)
    for_each_bit(mag.neighbor_bits(x), [&](Node y) {
      WHY_ASSERT(mag.mark(x, y) != Mark::circle);
      if (mag.is_parent(y, x)) parents_.set(x, y);
      if (mag.is_parent(x, y)) children_.set(x, y);
      if (mag.is_bidirected(x, y)) spouses_.set(x, y);
      if (mag.is_undirected(x, y)) undirected_.set(x, y);
    });
}

NodeSet MSeparation::connected(Node x, std::span<const Node> z) const {
  NodeSet given(selection_);
  for (const Node node : z) given.insert(node);
  NodeSet above_given(n_);
  for_each_bit(given, [&](Node node) { above_given |= ancestors_.row(node); });
  NodeSet out = reached(x, given, above_given);
  out -= given;
  return out;
}

NodeSet MSeparation::connected_over(Node x, const NodeSet& open) const {
  NodeSet all(n_), closed(n_);
  for (Node node = 0; node < n_; ++node) {
    all.insert(node);
    if (!open.contains(node)) closed.insert(node);
  }
  return reached(x, closed, all);
}

// Nodes that a path from x reaches which goes on at colliders in `open_colliders` and at others not in
// `given`.
NodeSet MSeparation::reached(Node x, const NodeSet& given, const NodeSet& open_colliders) const {
  // Nodes reached by an edge with a tail at them, and with an arrowhead at them.
  Reached tail(n_), arrow(n_);
  const auto leave_by_tail = [&](Node node) {
    arrow.add(children_.row(node));
    tail.add(undirected_.row(node));
  };
  const auto leave_by_arrow = [&](Node node) {
    tail.add(parents_.row(node));
    arrow.add(spouses_.row(node));
  };

  leave_by_tail(x);
  leave_by_arrow(x);
  while (!tail.fresh.empty() || !arrow.fresh.empty()) {
    for_each_bit(tail.take_fresh(), [&](Node node) {
      if (given.contains(node)) return;
      leave_by_tail(node);
      leave_by_arrow(node);
    });
    for_each_bit(arrow.take_fresh(), [&](Node node) {
      if (!given.contains(node)) leave_by_tail(node);
      if (open_colliders.contains(node)) leave_by_arrow(node);  // a collider here
    });
  }

  NodeSet out = tail.all;
  out |= arrow.all;
  out.erase(x);
  return out;
}

bool MSeparation::separated(Node x, Node y, std::span<const Node> z) const {
  WHY_ASSERT(x != y);
  for (const Node node : z) WHY_ASSERT(node != x && node != y);
  return !connected(x, z).contains(y);
}

MixedGraph dag_to_mag(const Dag& dag) {
  const MSeparation truth(dag);
  const std::vector<Node> observed = dag.nodes_of(NodeKind::observed);
  NodeSet above_selection(dag.num_nodes());
  for (const Node s : dag.nodes_of(NodeKind::selection)) above_selection |= dag.ancestors(s);

  const auto separable = [&](Node x, Node y) {
    NodeSet above(above_selection);
    above |= dag.ancestors(x);
    above |= dag.ancestors(y);
    std::vector<Node> z;
    for (const Node node : observed)
      if (node != x && node != y && above.contains(node)) z.push_back(node);
    return truth.separated(x, y, z);
  };
  const auto mark_at = [&](Node x, Node other) {
    return dag.is_ancestor(x, other) || above_selection.contains(x) ? Mark::tail : Mark::arrow;
  };

  const NodeSet latent(dag.num_nodes(), dag.nodes_of(NodeKind::latent));

  MixedGraph mag(static_cast<int>(observed.size()));
  for (std::size_t i = 0; i < observed.size(); ++i) {
    // most pairs are apart because no path between them could be an inducing one
    const NodeSet candidates = truth.connected_over(observed[i], latent);
    for (std::size_t j = i + 1; j < observed.size(); ++j) {
      const Node x = observed[i], y = observed[j];
      if (!candidates.contains(y) || separable(x, y)) continue;
      mag.connect(static_cast<Node>(i), static_cast<Node>(j), mark_at(x, y), mark_at(y, x));
    }
  }
  return mag;
}

bool is_ancestral(const MixedGraph& graph) {
  const BitMatrix ancestors = mag_ancestors(graph);
  for (Node x = 0; x < graph.num_nodes(); ++x) {
    bool arrow_at_x = false, undirected_at_x = false;
    for (const Node y : graph.neighbors(x)) {
      const bool arrow = graph.mark(y, x) == Mark::arrow;
      if (arrow && ancestors.has(y, x)) return false;  // x an ancestor of y, and y *-> x
      arrow_at_x |= arrow;
      undirected_at_x |= graph.is_undirected(x, y);
    }
    if (arrow_at_x && undirected_at_x) return false;
  }
  return true;
}

}  // namespace why
