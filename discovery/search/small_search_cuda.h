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
//   pc    Its adjacency search (skeleton.h). Sets are taken from the pool by their rank. Given back where it
//         could come to more than max_tests questions: the launch would wait for its warp.
//   fci   The same, then one lane marks the unshielded colliders and possible-d-sep is searched as well.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "discovery/graph/small_pds.h"
#include "discovery/stats/square_matrix.h"

namespace why::cuda {

enum class SmallSearch { icd, pc, fci };

inline constexpr int kMostListed = 1 << 14;  // sets of one edge in one round of icd

struct SmallLimits {
  int max_order;       // the largest sets that may be asked
  int max_pds_order;   // the same of fci's possible-d-sep stage
  bool positive_only;  // rho <= 0 is independent
  // [k]: |rho| that is independent, and dependent, given k variables for sure
  double below[kLargestSmallSet + 1], above[kLargestSmallSet + 1];
  int max_tests = 1 << 20;  // of pc and fci; milliseconds on the CPU
};

struct SmallProblem {
  const SquareMatrix* matrix;  // correlations of at most kMostInWord variables
  SmallLimits limits;
  const double* on_device = nullptr;  // the same in device memory, complete; nullptr: it is copied there
};

// Sizes of sets, from the smallest on.
struct SmallSizes {
  int asked = 0;
  bool bounded = false;  // sets of the next size were left, for the problem's limits
};

struct SmallCounts {
  bool done = false;  // else the rest says nothing
  SmallSizes sizes;   // 0, 1, ...; of fci those of its adjacency search
  SmallSizes pds;     // 1, 2, ... of fci's possible-d-sep stage
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

// One outcome a problem, in their order. Takes 17 n^2 bytes of device memory a problem, 9 n^2 where its
// matrix is there, and of the graphs that are searched at a time, 270 KB for each of 1,024 by icd, 4 KB for
// each of 4,096 by the others. The driver sets local memory aside for all threads that fit on the device, and
// keeps it: 5 KB a thread for icd (by ptxas for sm_80 and sm_90; some 1.4 GB on 132 multiprocessors), 2 KB
// for fci, 1 KB for pc. Where memory runs out, the batch is halved, and a single problem comes back undone.
std::vector<SmallOutcome> search_small_graphs(SmallSearch search, std::span<const SmallProblem> problems,
                                              int index);

}  // namespace why::cuda
