#include "discovery/graph/mixed_graph.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "core/errors.h"

namespace why {

MixedGraph::MixedGraph(int num_nodes) : n_(num_nodes), adjacent_(num_nodes) {
  WHY_ASSERT(num_nodes >= 0);
  const auto n = static_cast<std::size_t>(num_nodes);
  marks_.assign(n * n, Mark::none);
}

int MixedGraph::num_edges() const {
  int ends = 0;
  for (Node x = 0; x < n_; ++x) ends += degree(x);
  return ends / 2;
}

std::vector<Node> MixedGraph::neighbors(Node x) const {
  constexpr std::size_t kFew = 64;
  boost::container::small_vector<Node, kFew> out;
  for_each_bit(neighbor_bits(x), [&](Node y) { out.push_back(y); });
  return {out.begin(), out.end()};
}

int MixedGraph::degree(Node x) const {
  int count = 0;
  for (const auto word : neighbor_bits(x)) count += std::popcount(word);
  return count;
}

void MixedGraph::connect(Node x, Node y, Mark at_x, Mark at_y) {
  WHY_ASSERT(x != y && at_x != Mark::none && at_y != Mark::none);
  marks_[index(x, y)] = at_y;
  marks_[index(y, x)] = at_x;
  adjacent_.set(x, y);
  adjacent_.set(y, x);
}

void MixedGraph::disconnect(Node x, Node y) {
  marks_[index(x, y)] = marks_[index(y, x)] = Mark::none;
  adjacent_.clear(x, y);
  adjacent_.clear(y, x);
}

void MixedGraph::set_mark(Node x, Node y, Mark at_y) {
  WHY_ASSERT(adjacent(x, y) && at_y != Mark::none);
  marks_[index(x, y)] = at_y;
}

NodeSet two_steps_away(const MixedGraph& graph, Node x) {
  NodeSet out(graph.num_nodes());
  for_each_bit(graph.neighbor_bits(x), [&](Node z) { out |= graph.neighbor_bits(z); });
  out -= graph.neighbor_bits(x);
  out.erase(x);
  return out;
}

MixedGraph complete_graph(int num_nodes) {
  MixedGraph graph(num_nodes);
  std::fill(graph.marks_.begin(), graph.marks_.end(), Mark::circle);
  NodeSet all(num_nodes);
  for (Node x = 0; x < num_nodes; ++x) all.insert(x);
  for (Node x = 0; x < num_nodes; ++x) {
    graph.adjacent_.set_all(x, all);
    graph.disconnect(x, x);
  }
  return graph;
}

}  // namespace why
