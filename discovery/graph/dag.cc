#include "discovery/graph/dag.h"

#include <numeric>

#include "core/errors.h"

namespace why {

Dag::Dag(std::vector<NodeKind> kinds)
    : kinds_(std::move(kinds)), parents_(num_nodes()), children_(num_nodes()), ancestors_(num_nodes()) {
  for (Node x = 0; x < num_nodes(); ++x) ancestors_.set(x, x);
}

std::vector<Node> Dag::nodes_of(NodeKind wanted) const {
  std::vector<Node> out;
  for (Node x = 0; x < num_nodes(); ++x)
    if (kind(x) == wanted) out.push_back(x);
  return out;
}

void Dag::add_edge(Node from, Node to) {
  WHY_ASSERT(!is_ancestor(to, from) && !has_edge(from, to));
  parents_.set(to, from);
  children_.set(from, to);
  // `to` and all below it gain what is above `from`
  for (Node x = 0; x < num_nodes(); ++x)
    if (is_ancestor(to, x)) ancestors_.set_all(x, ancestors_.row(from));
}

std::vector<std::string> observed_names(const NamedDag& named) {
  std::vector<std::string> out;
  for (const Node x : named.dag.nodes_of(NodeKind::observed))
    out.push_back(named.names[static_cast<std::size_t>(x)]);
  return out;
}

Dag random_dag(const RandomDagOptions& options, Random& random) {
  WHY_CHECK(options.observed >= 0 && options.latent >= 0 && options.selection >= 0,
            "a random graph needs numbers of nodes that are not negative");
  std::vector<NodeKind> kinds(static_cast<std::size_t>(options.observed), NodeKind::observed);
  kinds.insert(kinds.end(), static_cast<std::size_t>(options.latent), NodeKind::latent);
  kinds.insert(kinds.end(), static_cast<std::size_t>(options.selection), NodeKind::selection);

  std::vector<Node> order(kinds.size());
  std::iota(order.begin(), order.end(), 0);
  const std::size_t unselected = static_cast<std::size_t>(options.observed + options.latent);
  random.shuffle(std::span(order).first(unselected));

  Dag dag(std::move(kinds));
  for (std::size_t later = 1; later < order.size(); ++later)
    for (std::size_t earlier = 0; earlier < std::min(later, unselected); ++earlier)
      if (random.uniform() < options.edge_probability) dag.add_edge(order[earlier], order[later]);
  return dag;
}

}  // namespace why
