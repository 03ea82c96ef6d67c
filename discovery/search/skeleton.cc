#include "discovery/search/skeleton.h"

#include <algorithm>

#include "core/errors.h"
#include "core/parallel.h"
#include "core/subsets.h"

namespace why {
namespace {

std::vector<Node> separating_set(const PoolTask& task, std::int64_t rank) {
  return subset_at(task.pool, task.k, rank);
}

std::vector<Node> separating_set(const ListTask& task, std::int64_t rank) {
  const auto k = static_cast<std::size_t>(task.k);
  const auto set = task.sets.subspan(static_cast<std::size_t>(rank) * k, k);
  return {set.begin(), set.end()};
}

// Asks all tasks, counts, stores the sets that separate and removes their edges. Throws Stopped behind that.
template <class Task>
void ask(SearchResult& found, const CiTest& test, std::span<const Task> tasks, Stage stage) {
  const std::vector<Separation> answers = test.separate(tasks);
  WHY_ASSERT(answers.size() == tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Task& task = tasks[i];
    const Separation& answer = answers[i];
    count_tests(found, task.k, answer);
    if (!answer || !found.graph.adjacent(task.x, task.y)) continue;
    found.sepsets.store(task.x, task.y, separating_set(task, answer.rank), answer.p_value, stage);
    found.graph.disconnect(task.x, task.y);
  }
  throw_if_stopped(test);
}

bool holds(const std::vector<Node>& pool, int k) { return pool.size() >= static_cast<std::size_t>(k); }

// An edge and the candidates at its two ends.
struct Edge {
  Node x, y;
  std::vector<Node> pool_x = {}, pool_y = {};
};

void ask_at_both_ends(SearchResult& found, const CiTest& test, std::span<const Edge> edges, int k,
                      Stage stage) {
  std::vector<PoolTask> at_x, at_y;
  for (const Edge& edge : edges)
    if (holds(edge.pool_x, k)) at_x.push_back({edge.x, edge.y, edge.pool_x, k, true});
  ask<PoolTask>(found, test, at_x, stage);

  for (const Edge& edge : edges) {
    if (!found.graph.adjacent(edge.x, edge.y) || !holds(edge.pool_y, k)) continue;
    // sets that were asked from the other end need not be asked again
    const bool asked =
        std::includes(edge.pool_x.begin(), edge.pool_x.end(), edge.pool_y.begin(), edge.pool_y.end());
    if (!asked) at_y.push_back({edge.x, edge.y, edge.pool_y, k, true});
  }
  ask<PoolTask>(found, test, at_y, stage);
}

// What order 0 says about the edges from one node to later ones.
struct Marginals {
  NodeSet kept;                  // neighbours, earlier ones too
  std::vector<Node> separated;   // ascending
  std::vector<double> p_values;  // of these
  Separation counts;
};

Marginals ask_marginally(const CiTest& test, const MixedGraph& graph, const Knowledge& knowledge, Node x) {
  constexpr std::int64_t kTestsBetweenLooks = 16;
  Marginals out{NodeSet(graph.neighbor_bits(x)), {}, {}, {}};
  const auto most = static_cast<std::size_t>(graph.degree(x));
  out.separated.reserve(most);
  out.p_values.reserve(most);
  bool stopped = test.stop_requested();
  for_each_bit(graph.neighbor_bits(x), [&](Node y) {
    if (y < x || stopped || knowledge.are_joined(x, y)) return;
    const CiAnswer answer = test.ask(x, y, {});
    if (answer.independent) {
      out.kept.erase(y);
      out.separated.push_back(y);
      out.p_values.push_back(answer.p_value);
    }
    out.counts.degenerate += answer.degenerate;
    stopped = ++out.counts.tests % kTestsBetweenLooks == 0 && test.stop_requested();
  });
  return out;
}

// The graph without the edges that its rows from `first` on have lost. Of most graphs few are left, so these
// are put together anew.
MixedGraph with_kept_edges(const MixedGraph& graph, Node first, std::span<const Marginals> rows) {
  MixedGraph out(graph.num_nodes());
  for (Node x = 0; x < graph.num_nodes(); ++x) {
    const auto row = static_cast<std::size_t>(x - first);
    const Bits kept = x >= first && row < rows.size() ? Bits(rows[row].kept) : graph.neighbor_bits(x);
    for_each_bit(kept, [&](Node y) {
      if (x < y) out.connect(x, y, graph.mark(y, x), graph.mark(x, y));
    });
  }
  return out;
}

}  // namespace

Pools neighbor_pools(const MixedGraph& graph) {
  Pools out;
  for (Node x = 0; x < graph.num_nodes(); ++x) out.push_back(graph.neighbors(x));
  return out;
}

std::vector<Node> candidates(const Pools& pools, const Knowledge& knowledge, Node at, Node other) {
  const std::vector<Node>& pool = pools[static_cast<std::size_t>(at)];
  std::vector<Node> out;
  out.reserve(pool.size());
  std::copy_if(pool.begin(), pool.end(), std::back_inserter(out),
               [&](Node z) { return z != at && z != other && knowledge.may_separate(z, at, other); });
  return out;
}

void count_tests(SearchResult& found, int k, const Separation& answer) {
  if (found.tests.size() <= static_cast<std::size_t>(k)) found.tests.resize(static_cast<std::size_t>(k) + 1);
  found.tests[static_cast<std::size_t>(k)] += answer.tests;
  found.degenerate += answer.degenerate;
}

SearchResult nothing_separated(const CiTest& test) {
  SearchResult found;
  found.graph = complete_graph(test.num_nodes());
  found.sepsets = SepSets(test.num_nodes());
  return found;
}

void separate_given_nothing(SearchResult& found, const CiTest& test, Stage stage,
                            const Knowledge& knowledge) {
  const int n = found.graph.num_nodes();
  const int rows_at_once = static_cast<int>(kListedAtOnce) / std::max(n, 1) + 1;
  for (Node first = 0; first < n; first += rows_at_once) {
    std::vector<Marginals> rows(static_cast<std::size_t>(std::min(rows_at_once, n - first)));
    parallel_for(rows.size(), test.threads, [&](std::size_t i) {
      rows[i] = ask_marginally(test, found.graph, knowledge, first + static_cast<Node>(i));
    });
    std::int64_t asked = 0;
    for (const Marginals& row : rows) asked += row.counts.tests;
    found.sepsets.reserve(static_cast<std::size_t>(asked));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Marginals& row = rows[i];
      if (row.counts.tests > 0) count_tests(found, 0, row.counts);
      found.sepsets.store_empty(first + static_cast<Node>(i), row.separated, row.p_values, stage);
    }
    found.graph = with_kept_edges(found.graph, first, rows);
    throw_if_stopped(test);
  }
}

void separate_edges(SearchResult& found, const CiTest& test, const Pools& pools, int k, Stage stage,
                    const Knowledge& knowledge) {
  if (k == 0) return separate_given_nothing(found, test, stage, knowledge);
  constexpr std::size_t kEdgesAtATime = 64;
  const MixedGraph graph = found.graph;
  std::vector<Edge> edges;
  std::size_t listed = 0;
  const auto ask_listed = [&] {
    parallel_for(
        edges.size(), test.threads,
        [&](std::size_t i) {
          Edge& edge = edges[i];
          edge.pool_x = candidates(pools, knowledge, edge.x, edge.y);
          edge.pool_y = candidates(pools, knowledge, edge.y, edge.x);
        },
        kEdgesAtATime);
    ask_at_both_ends(found, test, edges, k, stage);
    edges.clear();
    listed = 0;
  };
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x)) {
      if (y < x || knowledge.are_joined(x, y)) continue;
      edges.push_back({x, y});
      listed += sizeof(Edge) / sizeof(Node) + pools[static_cast<std::size_t>(x)].size() +
                pools[static_cast<std::size_t>(y)].size();
      if (listed >= kListedAtOnce) ask_listed();
    }
  ask_listed();
}

void separate_edges(SearchResult& found, const CiTest& test, std::span<const ListTask> tasks, Stage stage) {
  ask(found, test, tasks, stage);
}

void separate_edges(SearchResult& found, const CiTest& test, std::span<const PoolTask> tasks, Stage stage) {
  ask(found, test, tasks, stage);
}

void ListedSets::add(Node x, Node y, std::span<const Node> sets, std::int64_t count) {
  if (count == 0) return;
  listed_.insert(listed_.end(), sets.begin(), sets.end());
  tasks_.push_back({std::min(x, y), std::max(x, y), {}, k_, count});
  if (listed_.size() >= kListedAtOnce) ask();
}

void ListedSets::ask() {
  std::size_t begin = 0;
  for (ListTask& task : tasks_) {
    const std::size_t size = static_cast<std::size_t>(task.count) * static_cast<std::size_t>(k_);
    task.sets = std::span(listed_).subspan(begin, size);
    begin += size;
  }
  separate_edges(found_, test_, tasks_, stage_);
  tasks_.clear();
  listed_.clear();
}

bool has_pool_of_size(const MixedGraph& graph, const Pools& pools, int k, const Knowledge& knowledge) {
  for (Node x = 0; x < graph.num_nodes(); ++x) {
    const std::vector<Node>& pool = pools[static_cast<std::size_t>(x)];
    if (!holds(pool, k)) continue;
    for (const Node y : graph.neighbors(x))
      if (!knowledge.are_joined(x, y) && holds(candidates(pools, knowledge, x, y), k)) return true;
  }
  return false;
}

void note_bound(SearchResult& found, const std::string& bound) {
  if (std::ranges::find(found.bounds_hit, bound) == found.bounds_hit.end()) found.bounds_hit.push_back(bound);
}

bool within_bounds(SearchResult& found, const CiTest& test, int k, int max_order, const char* option) {
  if (max_order >= 0 && k > max_order) {
    note_bound(found, text(option, " ", max_order));
    return false;
  }
  if (test.max_order() >= 0 && k > test.max_order()) {
    note_bound(found, text("samples (order ", test.max_order(), ")"));
    return false;
  }
  return true;
}

void search_adjacencies(SearchResult& found, const CiTest& test, int max_order, const Knowledge& knowledge) {
  for (int k = 0;; ++k) {
    const Pools neighbors =
        k > 0 ? neighbor_pools(found.graph) : Pools(static_cast<std::size_t>(found.graph.num_nodes()));
    if (!has_pool_of_size(found.graph, neighbors, k, knowledge)) break;
    if (!within_bounds(found, test, k, max_order, "max-order")) break;
    separate_edges(found, test, neighbors, k, Stage::adjacency, knowledge);
    ++found.rounds;
  }
}

SearchResult pc_stable_skeleton(const CiTest& test, int max_order, const Knowledge& knowledge) {
  SearchResult found = nothing_separated(test);
  search_adjacencies(found, test, max_order, knowledge);
  return found;
}

}  // namespace why
