// The oracle: a CiTest that answers from the true graph. What a search makes of it is what it would make of
// unlimited data.
#pragma once

#include "discovery/graph/m_separation.h"
#include "discovery/search/ci_test.h"

namespace why {

class MSeparationTest : public CiTest {
 public:
  // Node i of the questions is the i-th observed node of the DAG; selection nodes are always conditioned on.
  explicit MSeparationTest(const Dag& dag);

  // An ancestral graph, e.g. a MAG, all of whose nodes are observed.
  explicit MSeparationTest(const MixedGraph& mag);

  int num_nodes() const override { return static_cast<int>(observed_.size()); }

  // p_value: 1 when separated, else 0.
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override;

 private:
  MSeparation truth_;
  std::vector<Node> observed_;
};

}  // namespace why
