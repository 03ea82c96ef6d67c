// A CiTest whose answers fit no graph: drawn by hashing the question, so that they are the same whenever and
// from whichever thread they are asked. What searches meet on data, at its worst.
#pragma once

#include <algorithm>

#include "core/random.h"
#include "discovery/search/ci_test.h"

namespace why {

class RandomAnswers : public CiTest {
 public:
  // `independence`: share of questions answered so.
  RandomAnswers(int num_nodes, double independence, std::uint64_t seed)
      : n_(num_nodes), independence_(independence), seed_(seed) {}

  int num_nodes() const override { return n_; }

  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override {
    std::vector<Node> given(z.begin(), z.end());
    std::sort(given.begin(), given.end());
    Random random =
        Random(seed_).child("pair", static_cast<std::uint64_t>(std::min(x, y) * n_ + std::max(x, y)));
    for (const Node node : given) random = random.child("given", static_cast<std::uint64_t>(node));
    const double p_value = random.uniform();
    return {p_value > 1 - independence_, p_value < 0.01, p_value};
  }

 private:
  int n_;
  double independence_;
  std::uint64_t seed_;
};

}  // namespace why
