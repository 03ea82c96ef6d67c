// Seconds of whole searches, and of their stages, on tables.
//
//   bench_searches TABLE.csv … [--alpha=0.01] [--fast] [--benchmark_…]
//
// A table named data.csv goes by its folder's name. Fisher's z; columns in the order of the file. Not timed:
// reading, and the correlations, which have a line of their own. --benchmark_filter chooses among
//
//   pc  fci-3  fci-4 (sets of up to so many possible-d-sep nodes)  rfci  icd  icd-3
//   skeleton  possible-d-sep  possible-ancestors  orient  correlation
//
// --fast leaves out fci-3, fci-4 and icd, which are slow with a thousand variables.
#include <filesystem>
#include <memory>

#include "bench/bench_program.h"
#include "bench/search_digest.h"
#include "core/errors.h"
#include "core/files.h"
#include "discovery/graph/pds.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/pc.h"
#include "discovery/search/rfci.h"
#include "discovery/search/skeleton.h"
#include "experiments/tables/csv.h"

namespace why {
namespace {

struct Input {
  std::string name;
  Table table;
  CorrelationTest test, test_on_two;  // the same on 1 thread and on 2

  const CorrelationTest& on(int threads) const { return threads == 1 ? test : test_on_two; }
};

using SharedInput = std::shared_ptr<const Input>;
using Search = std::function<SearchResult(const CiTest&)>;

std::string name_of(const std::filesystem::path& file) {
  if (file.stem() != "data") return file.stem().string();
  return std::filesystem::absolute(file).parent_path().filename().string();
}

SharedInput read_input(const std::string& file, double alpha) {
  Table table = read_table(file);
  CorrelationTest test(correlation_from_table(table.values, table.rows, table.columns()), {.alpha = alpha});
  const auto input = std::make_shared<Input>(Input{name_of(file), std::move(table), test, test});
  input->test_on_two.threads = 2;
  return input;
}

void time_search(const SharedInput& input, const std::string& name, const Search& search) {
  const auto found = [=](int threads) { return search(input->on(threads)); };
  const auto tests = std::make_shared<std::int64_t>();
  time_checked(
      name + "/" + input->name,
      [=](int threads) {
        const SearchResult result = found(threads);
        *tests = 0;
        for (const std::int64_t count : result.tests) *tests += count;
      },
      [=](int threads) {
        const SearchResult result = found(threads);
        return digest({&result, 1});
      },
      [=](benchmark::State& state) {
        state.counters["variables"] = input->test.num_nodes();
        state.counters["tests"] = static_cast<double>(*tests);
      });
}

// Of one state of a graph: the skeleton of PC with its colliders.
struct Skeleton {
  SearchResult found;
  MixedGraph with_colliders;
};

void time_stage(const SharedInput& input, const std::string& name,
                std::function<std::string(const Skeleton&)> stage) {
  const auto skeleton = std::make_shared<Skeleton>();
  const auto run = [=](int) {
    if (skeleton->found.graph.num_nodes() == 0) {
      skeleton->found = pc_stable_skeleton(input->test);
      skeleton->with_colliders = orient_colliders(skeleton->found.graph, skeleton->found.sepsets);
    }
    return stage(*skeleton);
  };
  time_checked(
      name + "/" + input->name, [=](int threads) { benchmark::DoNotOptimize(run(threads)); }, run);
}

void register_slow_searches(const SharedInput& input) {
  for (const int order : {3, 4})
    time_search(input, text("fci-", order),
                [=](const CiTest& test) { return fci(test, {.max_pds_order = order}); });
  time_search(input, "icd", [](const CiTest& test) { return icd(test); });
}

void register_input(const SharedInput& input) {
  time_search(input, "pc", [](const CiTest& test) { return pc(test); });
  time_search(input, "rfci", [](const CiTest& test) { return rfci(test); });
  time_search(input, "icd-3", [](const CiTest& test) { return icd(test, {.max_order = 3}); });
  time_search(input, "skeleton", [](const CiTest& test) { return pc_stable_skeleton(test); });

  time_stage(input, "possible-d-sep", [](const Skeleton& skeleton) {
    const PdsPaths paths(skeleton.with_colliders);
    std::size_t nodes = 0;
    for (Node x = 0; x < skeleton.with_colliders.num_nodes(); ++x) nodes += paths.tree(x).nodes.size();
    return text(nodes, " nodes");
  });
  time_stage(input, "possible-ancestors", [](const Skeleton& skeleton) {
    const BitMatrix above = possible_ancestors(skeleton.with_colliders);
    std::int64_t pairs = 0;
    for (Node x = 0; x < skeleton.with_colliders.num_nodes(); ++x) pairs += NodeSet(above.row(x)).count();
    return text(pairs, " pairs");
  });
  time_stage(input, "orient", [](const Skeleton& skeleton) {
    return text(orient(skeleton.found.graph, skeleton.found.sepsets, {}).reasons.size(), " marks");
  });

  const auto correlation = [=](int threads) {
    const Table& table = input->table;
    return correlation_from_table(table.values, table.rows, table.columns(), {}, threads);
  };
  time_checked(
      "correlation/" + input->name, [=](int threads) { benchmark::DoNotOptimize(correlation(threads)); },
      [=](int threads) {
        const auto values = correlation(threads).matrix.values;
        return sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)});
      });
}

void register_all(const Arguments& arguments) {
  constexpr std::string_view kAlpha = "--alpha=";
  double alpha = 0.01;
  bool fast = false;
  Arguments files;
  for (const std::string& argument : arguments)
    if (argument.starts_with(kAlpha))
      alpha = std::stod(argument.substr(kAlpha.size()));
    else if (argument == "--fast")
      fast = true;
    else
      files.push_back(argument);
  WHY_CHECK(!files.empty(), "usage: bench_searches TABLE.csv … [--alpha=0.01] [--fast] [--benchmark_…]");
  for (const std::string& file : files) {
    const SharedInput input = read_input(file, alpha);
    register_input(input);
    if (!fast) register_slow_searches(input);
  }
}

}  // namespace
}  // namespace why

int main(int argc, char** argv) { return why::run_benchmarks(argc, argv, why::register_all); }
