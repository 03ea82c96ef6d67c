// Is this graph the PAG of those separations? `discover --oracle --verify` and the campaigns in the tests.
//
// The truth comes from markov_class.h and knows nothing of how the graph was found: an arrowhead or a tail is
// right if all members of the Markov class have it, a circle if some have an arrowhead there and some a tail.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "discovery/graph/markov_class.h"

namespace why {

enum class Verdict {
  right,
  unsound,     // an arrowhead or a tail that some members do not have
  incomplete,  // a circle where all members have the same mark
  undecided    // the search for members ran out of steps
};

struct MarkVerdict {
  Node x, y;  // the mark at y of the edge between x and y
  Mark claimed;
  EndMarks truth;
  Verdict verdict;
};

struct PagVerdict {
  MixedGraph pag;                              // the graph that was given
  std::vector<std::pair<Node, Node>> missing;  // adjacent in truth only, ascending
  std::vector<std::pair<Node, Node>> extra;    // adjacent in the given graph only
  std::vector<MarkVerdict> marks;              // both ends of every edge that is in both
  std::int64_t steps = 0;                      // of backtracking

  int count(Verdict verdict) const;
  // Every adjacency and every mark was shown to be right.
  bool right() const;
};

// For up to 8 nodes; node i of `pag` is node i of `truth`. UserError for more, for different numbers of
// nodes, and if no graph has these separations.
PagVerdict verify_pag(const MixedGraph& pag, const Separations& truth, const ClassOptions& options = {});

// One paragraph for people, naming everything that is not right.
std::string to_text(const PagVerdict& verdict, std::span<const std::string> names);

}  // namespace why
