// Digests of everything that searches say, over many inputs: two builds that print the same lines give the
// same graphs, separating sets, p-values and counts.
//
//   bench_search_digests [ATTENTION.npy | TABLE.csv …] > before
//
// One line an input and search, the same for 1 and 2 threads or the program fails. Inputs beside those given:
// tables drawn from random DAGs with latent and selection nodes, few rows, columns that others determine,
// made-up attention of up to 130 tokens.
#include <cstdio>
#include <exception>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/attention_heads.h"
#include "bench/search_digest.h"
#include "core/errors.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/ordicd.h"
#include "discovery/search/pc.h"
#include "discovery/search/rfci.h"
#include "discovery/simulate/random_dags.h"
#include "discovery/simulate/simulate_data.h"
#include "experiments/tables/csv.h"

namespace why {
namespace {

using Search = std::function<SearchResult(const CiTest&)>;

std::vector<Node> all_nodes(const CiTest& test) {
  std::vector<Node> out(static_cast<std::size_t>(test.num_nodes()));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

Knowledge some_knowledge(int n) {
  Knowledge knowledge(n);
  for (Node x = 0; x < n; ++x) knowledge.set_tier(x, x % 3);
  knowledge.require(0, 4);
  return knowledge;
}

struct NamedSearch {
  std::string name;
  int most_nodes;  // on more it takes too long
  Search search;
};

std::vector<NamedSearch> searches() {
  std::vector<NamedSearch> out = {
      {"pc", 2000, [](const CiTest& test) { return pc(test, {}); }},
      {"pc-order-2", 300, [](const CiTest& test) { return pc(test, {.max_order = 2}); }},
      {"rfci", 130, [](const CiTest& test) { return rfci(test, {}); }},
      {"icd", 60, [](const CiTest& test) { return icd(test, {.keep_snapshots = true}); }},
      {"icd-order-3", 130, [](const CiTest& test) { return icd(test, {.max_order = 3}); }},
      {"icd-few-sets", 70, [](const CiTest& test) { return icd(test, {.max_sets_per_edge = 20}); }},
      {"fci-pds-3", 130, [](const CiTest& test) { return fci(test, {.max_pds_order = 3}); }},
      {"fci-pds-4", 60, [](const CiTest& test) { return fci(test, {.max_pds_order = 4}); }},
      {"fci-no-selection", 60,
       [](const CiTest& test) {
         return fci(test, {.max_order = 2, .max_pds_order = 2, .rules = {.selection_bias = false}});
       }},
      {"ordicd", 60,
       [](const CiTest& test) { return ordicd(test, {.order = all_nodes(test), .max_order = 4}); }},
      {"ordicd-node-by-node", 30, [](const CiTest& test) {
         return ordicd(test, {.order = all_nodes(test), .max_order = 3, .node_by_node = true});
       }}};
  for (const ColliderRule rule : {ColliderRule::conservative, ColliderRule::majority, ColliderRule::max_p}) {
    const std::string name(collider_rule_name(rule));
    out.push_back({"pc-" + name, 60,
                   [rule](const CiTest& test) { return pc(test, {.max_order = 3, .colliders = rule}); }});
    out.push_back({"fci-" + name, 40, [rule](const CiTest& test) {
                     return fci(test, {.max_order = 2, .max_pds_order = 2, .colliders = rule});
                   }});
  }
  for (const std::string name : {"pc", "fci", "rfci", "icd"})
    out.push_back({name + "-knowledge", 60, [name](const CiTest& test) {
                     if (test.num_nodes() < 5) return pc(test, {});
                     const Knowledge knowledge = some_knowledge(test.num_nodes());
                     const RuleChoice rules{.selection_bias = false};
                     if (name == "pc") return pc(test, {.knowledge = &knowledge});
                     if (name == "rfci") return rfci(test, {.rules = rules, .knowledge = &knowledge});
                     if (name == "icd")
                       return icd(test, {.max_order = 3, .rules = rules, .knowledge = &knowledge});
                     return fci(test, {.max_pds_order = 2, .rules = rules, .knowledge = &knowledge});
                   }});
  return out;
}

// The same searches on all tests of one input, one after the other.
void print_digests(const std::string& input, std::vector<CorrelationTest> tests) {
  for (const auto& [name, most_nodes, search] : searches()) {
    if (tests.front().num_nodes() > most_nodes) continue;
    std::string digests[2];
    for (const int threads : {1, 2}) {
      std::vector<SearchResult> results;
      for (CorrelationTest& test : tests) {
        test.threads = threads;
        results.push_back(search(test));
      }
      digests[threads - 1] = digest(results);
    }
    if (digests[0] != digests[1]) throw std::runtime_error(text(input, " ", name, ": the threads show"));
    std::printf("%s %s %s\n", input.c_str(), name.c_str(), digests[0].c_str());
    std::fflush(stdout);
  }
}

void digest_heads(const std::string& input, const AttentionHeads& heads) {
  for (const FisherZOptions& options :
       {FisherZOptions{.alpha = .01}, {.alpha = 1e-5}, {.alpha = .01, .positive_only = true}}) {
    std::vector<CorrelationTest> tests;
    for (int h = 0; h < heads.count(); ++h)
      tests.emplace_back(heads.correlation(static_cast<std::size_t>(h), 384), options);
    print_digests(text(input, " alpha ", options.alpha, options.positive_only ? " one-sided" : ""),
                  std::move(tests));
  }
}

void digest_file(const std::string& path) {
  if (path.ends_with(".npy")) return digest_heads(path, read_heads(path));
  const Table table = read_table(path);
  const Correlation correlation = correlation_from_table(table.values, table.rows, table.columns());
  print_digests(path, {CorrelationTest(correlation, {.alpha = .01})});
}

// Few rows leave large sets unanswered; the last column repeats the first, the last but one adds two up.
Correlation random_table(const DagFamily& family, int rows, bool singular, std::uint64_t seed) {
  const Random random(seed);
  Random dag = random.child("dag");
  SimulatedTable table = simulate_gaussian(draw_dag(family, dag), {}, rows, random.child("data"));
  const int n = family.nodes;
  for (int row = 0; row < rows && singular; ++row) {
    double* const cells = table.values.data() + static_cast<std::ptrdiff_t>(row) * n;
    cells[n - 1] = cells[0];
    cells[n - 2] = cells[1] + cells[2];
  }
  return correlation_from_table(table.values, rows, n);
}

void digest_random_tables() {
  struct Kind {
    DagFamily family;
    int rows, tables;
  };
  const Kind kinds[] = {
      {{.nodes = 8, .latent = 3, .selection = 2, .degree = 3}, 500, 30},
      {{.nodes = 12, .latent = 2, .selection = 1, .degree = 4}, 15, 20},
      {{.nodes = 12, .latent = 2, .selection = 0, .degree = 3}, 9, 20},
      {{.family = "scale-free", .nodes = 20, .latent = 4, .selection = 2, .degree = 4}, 2000, 10},
      {{.nodes = 40, .latent = 4, .selection = 2, .degree = 3}, 1000, 2},
      {{.nodes = 70, .latent = 7, .selection = 0, .degree = 2}, 1000, 1},
      {{.nodes = 200, .latent = 0, .selection = 0, .degree = 2}, 500, 1}};
  for (const Kind& kind : kinds)
    for (const bool singular : {false, true})
      for (const bool exact : {false, true}) {
        std::vector<CorrelationTest> tests;
        for (int seed = 1; seed <= kind.tables; ++seed) {
          Correlation correlation =
              random_table(kind.family, kind.rows, singular, static_cast<std::uint64_t>(seed));
          tests.push_back(exact ? CorrelationTest::exact(std::move(correlation), .05)
                                : CorrelationTest(std::move(correlation), {.alpha = .05}));
        }
        print_digests(text(kind.tables, " tables of ", kind.family.nodes, " by ", kind.rows,
                           singular ? " singular" : "", exact ? " t" : ""),
                      std::move(tests));
      }
}

void run(int argc, char** argv) {
  digest_random_tables();
  for (const int tokens : {2, 9, 24, 64, 65, 130})
    digest_heads(text("made-up attention of ", tokens), made_up_heads(tokens > 60 ? 1 : 4, tokens, 1));
  for (int i = 1; i < argc; ++i) digest_file(argv[i]);
}

}  // namespace
}  // namespace why

int main(int argc, char** argv) {
  try {
    why::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_search_digests: %s\n", error.what());
    return 1;
  }
}
