#include "experiments/discovery.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "core/errors.h"
#include "core/files.h"
#include "core/printable.h"
#include "core/progress.h"
#include "discovery/graph/small_mag.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/m_separation_test.h"
#include "experiments/tables/correlation_csv.h"
#include "experiments/tables/csv.h"

namespace why {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kShownPairs = 3;              // of copies in a warning
constexpr int kMostForDefiniteness = 2000;  // variables; the check costs n^3 / 3

std::string in_quotes(const std::string& name) { return "\"" + printable(name) + "\""; }

// Two copies of one variable: nothing can separate them, and no set that holds both can be tested.
void warn_about_copies(DiscoveryInput& input, const Correlation& correlation) {
  std::vector<std::string> copies;
  for (Node x = 0; x < correlation.num_variables(); ++x)
    for (Node y = x + 1; y < correlation.num_variables(); ++y) {
      const double r = correlation.matrix(x, y);
      if (1 - r * r > kSmallestPivot) continue;
      copies.push_back(text(in_quotes(input.names[static_cast<std::size_t>(x)]), " and ",
                            in_quotes(input.names[static_cast<std::size_t>(y)])));
    }
  if (copies.empty()) return;
  std::string pairs;
  for (std::size_t i = 0; i < std::min<std::size_t>(copies.size(), kShownPairs); ++i)
    pairs += (i ? ", " : "") + copies[i];
  if (copies.size() > kShownPairs) pairs += text(" and ", copies.size() - kShownPairs, " more pairs");
  input.warnings.push_back(text("perfectly correlated: ", pairs,
                                "; such a pair keeps its edge, and sets that hold both answer nothing"));
}

DiscoveryInput gaussian_input(std::string file, std::string kind, NamedCorrelation named, double alpha) {
  DiscoveryInput input;
  input.file = std::move(file);
  input.kind = std::move(kind);
  input.names = std::move(named.names);
  input.samples = named.correlation.sample_size;
  input.alpha = alpha;
  if (*input.samples < 4)
    input.warnings.push_back(text(
        *input.samples, " samples answer no test of independence (4 is the least), so every edge stays"));
  warn_about_copies(input, named.correlation);
  input.test =
      std::make_unique<CorrelationTest>(std::move(named.correlation), FisherZOptions{.alpha = alpha});
  return input;
}

// Passes questions on in blocks and shows how many pairs were asked about.
class WatchedTest : public CiTest {
 public:
  WatchedTest(CiTest& test, int num_threads) : test_(test), progress_("pairs asked about", 0) {
    threads = test_.threads = num_threads;
  }

  int num_nodes() const override { return test_.num_nodes(); }
  int max_order() const override { return test_.max_order(); }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override { return test_.ask(x, y, z); }
  std::vector<Separation> separate(std::span<const PoolTask> tasks) const override { return watched(tasks); }
  std::vector<Separation> separate(std::span<const ListTask> tasks) const override { return watched(tasks); }

 private:
  // A pair may have one set or millions, so the next block is as large as the last was quick.
  template <class Task>
  std::vector<Separation> watched(std::span<const Task> tasks) const {
    using Clock = std::chrono::steady_clock;
    constexpr auto kQuick = std::chrono::milliseconds(50), kSlow = std::chrono::milliseconds(200);
    const std::size_t least = kLeastBlock * static_cast<std::size_t>(threads);
    std::vector<Separation> out;
    out.reserve(tasks.size());
    while (out.size() < tasks.size()) {
      const auto block = tasks.subspan(
          out.size(), std::min(std::max<std::size_t>(least, block_), tasks.size() - out.size()));
      const auto start = Clock::now();
      const auto answers = test_.separate(block);
      const auto took = Clock::now() - start;
      if (took > kSlow) block_ = std::max<std::size_t>(least, block_ / 2);
      if (took < kQuick && block.size() >= block_) block_ = 2 * block_;
      out.insert(out.end(), answers.begin(), answers.end());
      for (const auto& answer : answers) tests_ += answer.tests;
      progress_.add(block.size(),
                    text("(", tests_.load(), " tests, now with sets of ", block.front().k, ")"));
    }
    return out;
  }

  static constexpr std::size_t kLeastBlock = 4;  // pairs a thread, or threads would wait for each other

  CiTest& test_;
  mutable Progress progress_;
  mutable std::atomic<std::size_t> block_ = 4096;
  mutable std::atomic<std::int64_t> tests_ = 0;
};

std::int64_t total(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

std::vector<std::string> warnings_of(const SearchResult& result) {
  std::vector<std::string> out;
  for (const auto& bound : result.bounds_hit)
    out.push_back(
        text("a bound was hit: ", bound, "; larger sets were not asked, so edges may be left over"));
  if (result.degenerate > 0)
    out.push_back(
        text(result.degenerate, " of ", total(result.tests),
             " tests were degenerate (singular correlations or too few samples) and kept their edge"));
  if (result.conflicts > 0)
    out.push_back(text("orientations contradict each other at ", result.conflicts,
                       " ends of edges: no graph gives exactly these answers"));
  return out;
}

Json edges_json(const MixedGraph& graph, const std::vector<std::string>& names) {
  Json out = Json::array();
  for (const WrittenEdge& edge : written_edges(graph, names))
    out.push_back({{"x", names[static_cast<std::size_t>(edge.x)]},
                   {"y", names[static_cast<std::size_t>(edge.y)]},
                   {"mark_x", mark_name(graph.mark(edge.y, edge.x))},
                   {"mark_y", mark_name(graph.mark(edge.x, edge.y))},
                   {"edge", edge.line}});
  return out;
}

std::vector<Node> by_name(const std::vector<std::string>& names) {
  std::vector<Node> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {},
                    [&](Node x) -> const std::string& { return names[static_cast<std::size_t>(x)]; });
  return order;
}

Json sepsets_json(const SepSets& sepsets, const std::vector<std::string>& names) {
  const std::vector<Node> order = by_name(names);
  const auto name = [&](Node x) -> const std::string& { return names[static_cast<std::size_t>(x)]; };
  Json out = Json::array();
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const auto found = sepsets.find(order[i], order[j]);
      if (!found) continue;
      std::vector<std::string> members;
      for (const Node z : found->set) members.push_back(name(z));
      std::ranges::sort(members);
      out.push_back({{"x", name(order[i])},
                     {"y", name(order[j])},
                     {"set", members},
                     {"order", members.size()},
                     {"p_value", found->p_value},
                     {"stage", stage_name(found->stage)}});
    }
  return out;
}

Json verdict_json(const PagVerdict& verdict, const std::vector<std::string>& names) {
  const auto pairs = [&](const std::vector<std::pair<Node, Node>>& list) {
    Json out = Json::array();
    for (const auto& [x, y] : list)
      out.push_back({names[static_cast<std::size_t>(x)], names[static_cast<std::size_t>(y)]});
    return out;
  };
  return {{"right", verdict.right()},
          {"marks", verdict.marks.size()},
          {"unsound", verdict.count(Verdict::unsound)},
          {"incomplete", verdict.count(Verdict::incomplete)},
          {"undecided", verdict.count(Verdict::undecided)},
          {"missing_edges", pairs(verdict.missing)},
          {"extra_edges", pairs(verdict.extra)}};
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json bound_json(int order) { return order < 0 ? Json(nullptr) : Json(order); }

}  // namespace

DiscoveryInput read_table_input(const std::string& file, double alpha, int threads) {
  Table table = read_table(file);
  Correlation correlation;
  try {
    correlation = correlation_from_table(table.values, table.rows, table.columns(), table.names, threads);
  } catch (const UserError& error) {
    throw UserError(text(file, ": ", error.what()));
  }
  return gaussian_input(file, "table", {std::move(table.names), std::move(correlation)}, alpha);
}

DiscoveryInput read_correlation_input(const std::string& file, double alpha, int samples) {
  NamedCorrelation named = read_correlation(file, samples);
  const bool indefinite =
      named.correlation.num_variables() <= kMostForDefiniteness && is_indefinite(named.correlation);
  DiscoveryInput input = gaussian_input(file, "correlation", std::move(named), alpha);
  if (indefinite)
    input.warnings.push_back(
        "the matrix is indefinite, so no table has these correlations, and tests may contradict each other");
  return input;
}

DiscoveryInput read_oracle_input(const std::string& file) {
  DiscoveryInput input;
  input.file = file;
  input.kind = "oracle";
  input.truth = parse_dag(read_file(file), file);
  input.names = observed_names(*input.truth);
  WHY_CHECK(!input.names.empty(), file, " names no observed node; a line `observed: A B` does");
  input.test = std::make_unique<MSeparationTest>(input.truth->dag);
  return input;
}

Discovery discover(const DiscoveryInput& input, const DiscoveryOptions& options) {
  const WatchedTest test(*input.test, options.threads);
  Discovery found;
  const auto start = std::chrono::steady_clock::now();
  found.result = run_search(test, options.search);
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  found.warnings = input.warnings;
  for (auto& warning : warnings_of(found.result)) found.warnings.push_back(std::move(warning));
  if (options.verify) found.verdict = verify_pag(found.result.graph, Separations(input.truth->dag));
  return found;
}

std::string to_json(const DiscoveryInput& input, const DiscoveryOptions& options, const Discovery& found) {
  const SearchResult& result = found.result;
  std::vector<std::string> nodes = input.names;
  std::ranges::sort(nodes);
  Json out = {
      {"algorithm", options.search.algorithm},
      {"input", {{"file", input.file}, {"kind", input.kind}, {"samples", or_null(input.samples)}}},
      {"options",
       {{"test", input.truth ? "m-separation" : kIndependenceTests.front()},
        {"alpha", or_null(input.alpha)},
        {"max_order", bound_json(options.search.max_order)}}},
      {"nodes", nodes},
      {"edges", edges_json(result.graph, input.names)},
      {"separating_sets", sepsets_json(result.sepsets, input.names)},
      {"tests",
       {{"total", total(result.tests)}, {"by_order", result.tests}, {"degenerate", result.degenerate}}},
      {"bounds_hit", result.bounds_hit},
      {"orientation_conflicts", result.conflicts},
      {"warnings", found.warnings},
  };
  if (options.search.algorithm == "fci")
    out["options"]["max_pds_order"] = bound_json(options.search.max_pds_order);
  out["options"]["threads"] = options.threads;
  if (found.verdict) out["verification"] = verdict_json(*found.verdict, input.names);
  out["seconds"] = found.seconds;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace why
