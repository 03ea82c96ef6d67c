// Learns a causal graph from a table, here a simulated one whose truth is known, and compares the two.
#include <iostream>

#include "discovery/graph/compare_pags.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/fci.h"
#include "discovery/search/true_pag.h"
#include "discovery/simulate/simulate_data.h"

int main() {
  // what causes what; stress is not measured
  const why::NamedDag truth = why::parse_dag(
      "observed: income parents smoking tar cancer\n"
      "latent: stress\n"
      "income --> smoking\nparents --> smoking\nsmoking --> tar\ntar --> cancer\n"
      "stress --> smoking\nstress --> cancer\n",
      "truth");
  const std::vector<std::string> names = why::observed_names(truth);

  // a table of 5,000 rows, and its correlations
  const why::SimulatedTable table = why::simulate_gaussian(truth.dag, {}, 5000, why::Random(1));
  const why::CorrelationTest test(
      why::correlation_from_table(table.values, table.rows, static_cast<int>(names.size()), names, 1),
      {.alpha = 0.01});

  const why::SearchResult found = why::fci(test);
  std::cout << why::to_edges(found.graph, names);

  const why::PagComparison compared = why::compare_pags(why::dag_to_pag(truth.dag), found.graph);
  std::cout << compared.structural_hamming << " edges differ from the true graph\n";
}
