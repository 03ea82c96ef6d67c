// Causal discovery from a file: everything between the options of `discover` and its output.
//
//   const DiscoveryInput input = read_table_input("data.csv", {.alpha = 0.01});
//   const Discovery found = discover(input, {.search = {.algorithm = "icd"}});
//   std::cout << to_edges(found.result.graph, input.names);
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "discovery/graph/notation.h"
#include "discovery/graph/verify_pag.h"
#include "discovery/search/ci_test.h"
#include "experiments/searches.h"

namespace why {

inline const std::vector<std::string> kIndependenceTests = {"fisher-z"};
inline const std::vector<std::string> kGraphFormats = {"edges", "json", "dot"};

// Sets of up to three possible-d-sep nodes on data: without a bound a few dense graphs take for ever.
inline constexpr int kPdsOrderOnData = 3;

// Something to ask about independence, and what its variables are called.
struct DiscoveryInput {
  std::string file;
  std::string kind;  // "table", "correlation", "oracle"
  std::vector<std::string> names;
  std::unique_ptr<CiTest> test;
  std::optional<int> samples;     // none for an oracle
  std::optional<double> alpha;    // likewise
  std::optional<NamedDag> truth;  // of an oracle
  std::vector<std::string> warnings;
};

// Fisher's z on the columns of a CSV table ...
DiscoveryInput read_table_input(const std::string& file, double alpha, int threads);
// ... or on a correlation matrix of `samples` rows.
DiscoveryInput read_correlation_input(const std::string& file, double alpha, int samples);
// m-separation in a DAG (parse_dag in notation.h).
DiscoveryInput read_oracle_input(const std::string& file);

struct DiscoveryOptions {
  SearchOptions search;
  int threads = 1;
  bool verify = false;  // against every graph with the oracle's separations, up to 8 variables
};

struct Discovery {
  SearchResult result;
  double seconds = 0;  // of the search alone
  std::vector<std::string> warnings;
  std::optional<PagVerdict> verdict;
};

// Shows a progress bar while stderr is a terminal.
Discovery discover(const DiscoveryInput& input, const DiscoveryOptions& options);

// Graph, separating sets, counts, bounds, warnings: one JSON object, indented. Variables, edges and sets are
// listed by name, so that the order of the columns does not show.
std::string to_json(const DiscoveryInput& input, const DiscoveryOptions& options, const Discovery& found);

}  // namespace why
