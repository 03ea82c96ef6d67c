// What was ruled on the unshielded triples of a graph: is z in x *-* z *-* y, x and y not adjacent, a
// collider?
#pragma once

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "discovery/graph/node_set.h"

namespace why {

enum class Ruling : std::uint8_t { collider, noncollider, unsure };

using Triple = std::array<Node, 3>;  // x, z, y: an end, the middle, the other end

class TripleRulings {
 public:
  explicit TripleRulings(int num_nodes = 0) : n_(num_nodes), none_(num_nodes) {}

  // x and y may be swapped. Each triple once.
  void add(const Triple& triple, Ruling ruling);

  // WHY_ASSERTs that the triple was ruled on.
  Ruling of(const Triple& triple) const;

  bool is_unsure(const Triple& triple) const;  // ruled so
  // The nodes y for which x *-* z *-* y is unsure.
  Bits unsure_across(Node z, Node x) const;
  std::vector<Triple> unsure() const;  // x < y, ascending

 private:
  static Triple ordered(const Triple& triple);

  int n_;
  NodeSet none_;
  std::map<Triple, Ruling> rulings_;
  std::map<std::pair<Node, Node>, NodeSet> unsure_;
};

}  // namespace why
