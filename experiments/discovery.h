// Causal discovery from a file: everything between the options of `discover` and its output.
//
//   const DiscoveryInput input = read_table_input("data.csv", {.alpha = 0.01});
//   const Discovery found = discover(input, {.search = {.algorithm = "icd"}});
//   std::cout << to_edges(found.result.graph, input.names);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "discovery/graph/verify_pag.h"
#include "experiments/bootstrap.h"
#include "experiments/discovery_input.h"
#include "experiments/searches.h"

namespace why {

inline const std::vector<std::string> kGraphFormats = {"edges",  "json",    "dot",  "svg",
                                                       "tetrad", "graphml", "pcalg"};

// Sets of up to three possible-d-sep nodes on data: without a bound a few dense graphs take for ever.
inline constexpr int kPdsOrderOnData = 3;

struct DiscoveryOptions {
  SearchOptions search;  // its knowledge is the one below, if there is any
  std::optional<Knowledge> knowledge;
  std::string knowledge_source;  // the file, or the option, that it comes from
  int threads = 1;
  double time_limit = 0;  // seconds for the search and its bootstrap; 0: none
  int bootstrap = 0;      // resampled tables to learn as well; 0: none
  std::uint64_t seed = 1;
  bool verify = false;  // against every graph with the oracle's separations, up to 8 variables
};

struct Discovery {
  SearchResult result;
  double seconds = 0;      // of the search and its bootstrap
  std::string stopped_by;  // "time-limit" or "interrupt"; empty when the search was done
  std::vector<std::string> warnings;
  std::optional<PagVerdict> verdict;  // not of a search that was stopped
  std::optional<Bootstrap> bootstrap;
};

// Shows how far it is while stderr is a terminal. Ctrl-C ends the search early while an InterruptWatch lives.
Discovery discover(const DiscoveryInput& input, const DiscoveryOptions& options);

// Graph, reasons of its marks, separating sets, counts, bounds, warnings: one JSON object, indented.
// Variables, edges and sets are listed by name, so that the order of the columns does not show.
// docs/discovery.md lists the keys.
std::string to_json(const DiscoveryInput& input, const DiscoveryOptions& options, const Discovery& found);

}  // namespace why
