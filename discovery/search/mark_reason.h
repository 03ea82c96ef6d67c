// Why an arrowhead or a tail is in a graph.
#pragma once

#include <vector>

#include "discovery/graph/mixed_graph.h"

namespace why {

// The rule, and the nodes of its drawing (orientation_rules.cc, pc.cc) along its path:
//
//   order, tier, forbidden, required (knowledge.h): x y, the mark at y;  R0 x z y;  R1, R2, R6, R7, R8, M1,
//   M2: a b c;  R3: a b c d;  R4: d ... a b c;  R5: the circle a c ... d b R9: a b ... c;  R10: a m ... b c,
//   and as `second` a w ... d c;  M3: b a c, and as `second` b d c
struct Because {
  const char* rule;
  std::vector<Node> path;
  std::vector<Node> second = {};
};

struct MarkReason {
  Node x, y;  // the mark at y of the edge x - y
  Mark mark;
  Because because;
};

}  // namespace why
