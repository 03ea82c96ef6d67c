#include "discovery/simulate/random_dags.h"

#include <algorithm>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

void check(const DagFamily& family) {
  check_known("family of graphs", family.family, kDagFamilies);
  WHY_CHECK(family.nodes >= 1, "a simulation needs at least 1 observed node, not ", family.nodes);
  WHY_CHECK(family.latent >= 0 && family.selection >= 0, "numbers of nodes cannot be negative (latent ",
            family.latent, ", selection ", family.selection, ")");
  const int others = family.nodes + family.latent;
  WHY_CHECK(family.degree >= 0 && family.degree <= others - 1, "a degree of ", family.degree,
            " cannot be among ", others, " nodes: it lies between 0 and ", others - 1);
  if (family.selection == 0) return;
  WHY_CHECK(family.selection_parents >= 1 && family.selection_parents <= others,
            "a selection node can have 1 to ", others, " parents, not ", family.selection_parents);
}

void add_erdos_renyi(Dag& dag, std::span<const Node> order, double degree, Random& random) {
  if (order.size() < 2) return;
  const double probability = degree / static_cast<double>(order.size() - 1);
  for (std::size_t later = 1; later < order.size(); ++later)
    for (std::size_t earlier = 0; earlier < later; ++earlier)
      if (random.uniform() < probability) dag.add_edge(order[earlier], order[later]);
}

// Each newcomer gets degree / 2 edges on average: its whole part, and one more with the probability that is
// left. Early newcomers have too few to choose from, so the mean stays a little below.
void add_scale_free(Dag& dag, std::span<const Node> order, double degree, Random& random) {
  std::vector<Node> tickets;  // a node stands here once, and once more for each of its edges
  for (std::size_t newest = 0; newest < order.size(); ++newest) {
    const double mean = degree / 2;
    auto wanted = static_cast<std::size_t>(mean);
    if (random.uniform() < mean - static_cast<double>(wanted)) ++wanted;
    std::vector<Node> chosen;
    while (chosen.size() < std::min(wanted, newest)) {
      const Node candidate = tickets[random.below(tickets.size())];
      if (std::ranges::find(chosen, candidate) == chosen.end()) chosen.push_back(candidate);
    }
    for (const Node older : chosen) dag.add_edge(older, order[newest]);
    for (const Node older : chosen) tickets.push_back(older);
    tickets.insert(tickets.end(), 1 + chosen.size(), order[newest]);
  }
}

}  // namespace

Dag draw_dag(const DagFamily& family, Random& random) {
  check(family);
  std::vector<NodeKind> kinds(static_cast<std::size_t>(family.nodes), NodeKind::observed);
  kinds.insert(kinds.end(), static_cast<std::size_t>(family.latent), NodeKind::latent);
  std::vector<Node> order(kinds.size());
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(std::span(order));

  kinds.insert(kinds.end(), static_cast<std::size_t>(family.selection), NodeKind::selection);
  Dag dag(std::move(kinds));
  if (family.family == "scale-free")
    add_scale_free(dag, order, family.degree, random);
  else
    add_erdos_renyi(dag, order, family.degree, random);

  for (const Node s : dag.nodes_of(NodeKind::selection)) {
    random.shuffle(std::span(order));
    for (int i = 0; i < family.selection_parents; ++i) dag.add_edge(order[static_cast<std::size_t>(i)], s);
  }
  return dag;
}

NamedDag with_names(Dag dag) {
  NamedDag out{{}, std::move(dag)};
  int counts[3] = {};
  for (Node x = 0; x < out.dag.num_nodes(); ++x) {
    const auto kind = static_cast<std::size_t>(out.dag.kind(x));
    out.names.push_back(text("XLS"[kind], ++counts[kind]));
  }
  return out;
}

}  // namespace why
