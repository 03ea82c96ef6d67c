// Searches of many small graphs in one launch: a warp a graph.
//
// All of a search's questions are asked on the device, 32 at a time, in the order in which the search on the
// CPU asks them; the first set that separates counts. The arithmetic is that of the CPU
// (stats/partial_correlation.h, graph/small_pds.h, small_marks.h), so separating sets and counts are the
// same bits. A search is given back undone where a correlation stands so near to what decides that only its
// p-value can, or where sets of more than kLargestSmallSet nodes are to be asked.
//
//   icd   The sets of an edge are grown by the lanes and sorted (icd.h); between rounds one lane orients the
//         graph by R0-R4. Given back where an edge has more sets than kMostListed in a round.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "discovery/graph/small_pds.h"
#include "discovery/stats/square_matrix.h"

namespace why::cuda {

enum class SmallSearch { icd };

inline constexpr int kMostListed = 1 << 14;  // sets of one edge in one round of icd

struct SmallLimits {
  int max_order;       // the largest sets that may be asked
  bool positive_only;  // rho <= 0 is independent
  // [k]: |rho| that is independent, and dependent, given k variables for sure
  double below[kLargestSmallSet + 1], above[kLargestSmallSet + 1];
};

struct SmallProblem {
  const SquareMatrix* matrix;  // correlations of at most kMostInWord variables
  SmallLimits limits;
};

// Sizes of sets, from the smallest on.
struct SmallSizes {
  int asked = 0;
  bool bounded = false;  // sets of the next size were left, for the problem's limits
};

struct SmallCounts {
  bool done = false;  // else the rest says nothing
  SmallSizes sizes;   // 0, 1, ...
  std::int64_t tests[kLargestSmallSet + 1] = {};
  std::int64_t degenerate = 0;
};

struct SmallOutcome : SmallCounts {
  // [pair_index]: the Stage in which the pair was separated, -1 where it stays; by which set, and the partial
  // correlation given it
  std::vector<signed char> stage;
  std::vector<NodeWord> sets;
  std::vector<double> rho;
};

// One outcome a problem, in their order. Of 1,024 graphs that are searched at a time, each takes 270 KB of
// device memory. The kernel's local memory of 5 KB a thread the driver sets aside for all threads that fit on
// the device, and keeps it (by ptxas for sm_80 and sm_90; some 1.4 GB on 132 multiprocessors). Where memory
// runs out, the batch is halved, and a single problem comes back undone.
std::vector<SmallOutcome> search_small_graphs(SmallSearch search, std::span<const SmallProblem> problems,
                                              int index);

}  // namespace why::cuda
