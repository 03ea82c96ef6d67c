// How stable a graph is: the same search on resampled rows.
//
// Each sample draws as many rows as the table has, with replacement (Efron 1979; for causal graphs Friedman,
// Goldszmidt, Wyner 1999), from a random stream of its own, so that the result is the same for any number of
// threads: these share the samples, and each search runs on one. On a CUDA device small tables are searched
// in one launch, 1,024 samples at a time (DiscoveryInput::resampled_for_launch), which takes some 200 MB of
// the host's memory where there are 64 variables; the result is the same.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "experiments/discovery_input.h"
#include "experiments/searches.h"

namespace why {

struct BootstrapOptions {
  int samples = 0;
  std::uint64_t seed = 1;
  int threads = 1;
};

struct MarkCounts {
  int circle = 0, arrow = 0, tail = 0;

  int of(Mark mark) const { return mark == Mark::circle ? circle : mark == Mark::arrow ? arrow : tail; }
};

// In how many samples x and y were joined, and what was at the two ends.
struct PairCounts {
  Node x, y;  // x has the byte-wise smaller name
  int edge = 0;
  MarkCounts at_x, at_y;
};

struct Bootstrap {
  BootstrapOptions options;
  int done = 0;                   // samples that gave a graph; frequencies are shares of these
  int constant = 0;               // samples left out because a column did not vary in them
  std::vector<PairCounts> pairs;  // joined in some sample, sorted by name
};

// For an input with rows (DiscoveryInput::resampled). When `should_stop` says so (ci_test.h), samples that
// are not finished are left out. Shows a progress bar while stderr is a terminal.
Bootstrap run_bootstrap(const DiscoveryInput& input, const SearchOptions& search,
                        const BootstrapOptions& options, const std::function<bool()>& should_stop = {});

// The format `edges` with a comment behind each edge, and one for each other pair that some sample joins:
//
//   A o-> B  # 0.93; A: circle 0.9, tail 0.03; B: arrow 0.93
//   # 0.07 A C; A: circle 0.07; C: circle 0.07
std::string to_edges(const MixedGraph& graph, const std::vector<std::string>& names,
                     const Bootstrap& bootstrap);

// Graphviz, with the frequency of each edge on it and that of each of its two marks at its ends.
std::string to_dot(const MixedGraph& graph, const std::vector<std::string>& names,
                   const Bootstrap& bootstrap);

// GraphML, whose edges have these as `frequency`, `frequency_source` and `frequency_target`.
std::string to_graphml(const MixedGraph& graph, const std::vector<std::string>& names,
                       const Bootstrap& bootstrap);

}  // namespace why
