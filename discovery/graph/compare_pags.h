// How far a graph that was found is from the true one: counts, precision, recall and F1 of adjacencies and of
// each kind of mark, and structural Hamming distances. For PAGs, and as well for MAGs and CPDAGs.
//
// A pair of nodes that are adjacent is
//   right    in both graphs      extra    in the found one only      missing   in the true one only
// The mark at y on the edge x - y, for each kind of mark apart, is
//   right    in both graphs
//   extra    in the found graph, while the true one has another mark there or no edge
//   missing  in the true graph, while the found one has another mark there or no edge
// so a mark on an extra edge is an extra mark, and on a missing edge a missing one; this is the counting of
// Tetrad's arrowhead and tail statistics. `on_common` counts the same on the edges that both graphs have,
// which tells orientation from adjacency.
//
// precision = right / (right + extra)     recall = right / (right + missing)
// F1 = 2 right / (2 right + extra + missing)
// Each is none where it would be 0 / 0.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "discovery/graph/notation.h"

namespace why {

struct Agreement {
  int right = 0, extra = 0, missing = 0;

  std::optional<double> precision() const;
  std::optional<double> recall() const;
  std::optional<double> f1() const;
  friend bool operator==(const Agreement&, const Agreement&) = default;
};

struct MarkAgreement {
  Agreement arrowhead, tail, circle;
  friend bool operator==(const MarkAgreement&, const MarkAgreement&) = default;
};

struct PagComparison {
  int nodes = 0;
  Agreement adjacency;
  MarkAgreement marks;      // over all edges
  MarkAgreement on_common;  // over the edges that both graphs have

  // Pairs of nodes whose edges are not the same, each counted once, whether an edge is missing, extra or has
  // another mark: the structural Hamming distance of Tsamardinos, Brown & Aliferis 2006 ("The max-min
  // hill-climbing Bayesian network structure learning algorithm", section 9), with all marks of a PAG.
  int structural_hamming = 0;
  // Ends at which the marks differ, an edge that only one graph has counting at both: the number of single
  // marks that must be changed.
  int mark_hamming = 0;

  std::vector<std::pair<Node, Node>> different;  // those pairs, ascending
};

// Node i of one is node i of the other. WHY_ASSERTs that there are equally many.
PagComparison compare_pags(const MixedGraph& truth, const MixedGraph& found);

// The same graph with its nodes numbered as `names` has them. UserError that lists the names which only one
// of the two has; `source` and `other` are what the two graphs are called there.
MixedGraph renumbered(const NamedGraph& named, std::span<const std::string> names, std::string_view source,
                      std::string_view other);

}  // namespace why
