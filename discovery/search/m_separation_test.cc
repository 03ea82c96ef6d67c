#include "discovery/search/m_separation_test.h"

#include <numeric>

namespace why {

MSeparationTest::MSeparationTest(const Dag& dag) : truth_(dag), observed_(dag.nodes_of(NodeKind::observed)) {}

MSeparationTest::MSeparationTest(const MixedGraph& mag)
    : truth_(mag), observed_(static_cast<std::size_t>(mag.num_nodes())) {
  std::iota(observed_.begin(), observed_.end(), 0);
}

CiAnswer MSeparationTest::ask(Node x, Node y, std::span<const Node> z) const {
  const auto in_truth = [&](Node node) { return observed_[static_cast<std::size_t>(node)]; };
  std::vector<Node> given;
  given.reserve(z.size());
  for (const Node node : z) given.push_back(in_truth(node));
  const bool separated = truth_.separated(in_truth(x), in_truth(y), given);
  return {separated, false, separated ? 1.0 : 0.0};
}

}  // namespace why
