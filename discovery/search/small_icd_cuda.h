// ICD of many small graphs in one launch: a warp a graph.
//
// All rounds of a search run on the device: the sets of an edge are grown by the lanes of its warp, put into
// the order in which icd asks them (icd.h), and asked 32 at a time; the first that separates counts. Between
// rounds one lane orients the graph by R0-R4. The arithmetic and the order are those of the CPU
// (stats/partial_correlation.h, graph/small_pds.h, small_marks.h), so separating sets and counts are the
// same bits. A search is given back undone where a correlation stands so near to what decides that only its
// p-value can, where an edge has more sets than kMostListed, or where sets of more than kLargestSmallSet
// nodes are to be asked.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "discovery/graph/small_pds.h"
#include "discovery/stats/square_matrix.h"

namespace why::cuda {

inline constexpr int kMostListed = 1 << 14;  // sets of one edge in one round

struct SmallIcdProblem {
  const SquareMatrix* matrix;  // correlations of at most kMostInWord variables
  int last_order;              // the largest sets that may be asked, at most kLargestSmallSet
  bool positive_only;          // rho <= 0 is independent
  // [k]: |rho| that is independent, and dependent, given k variables for sure
  double below[kLargestSmallSet + 1], above[kLargestSmallSet + 1];
};

struct SmallIcdOutcome {
  bool done = false;  // else the rest says nothing
  int rounds = 0;
  bool bounded = false;  // sets of last_order + 1 nodes were left
  std::int64_t tests[kLargestSmallSet + 1] = {};
  std::int64_t degenerate = 0;
  // [pair_index]: the round in which the pair was separated, -1 where it stays; by which set, and the partial
  // correlation given it
  std::vector<signed char> order;
  std::vector<NodeWord> sets;
  std::vector<double> rho;
};

// One outcome a problem, in their order. Takes 270 KB of device memory for each of the 1,024 graphs that are
// searched at a time, and local memory of 5 KB a thread, which the driver sets aside for all threads that fit
// on the device and keeps (by ptxas for sm_80 and sm_90; some 1.4 GB on 132 multiprocessors). Where memory
// runs out, the batch is halved, and a single problem comes back undone.
std::vector<SmallIcdOutcome> search_small_graphs(std::span<const SmallIcdProblem> problems, int index);

}  // namespace why::cuda
