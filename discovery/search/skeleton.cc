#include "discovery/search/skeleton.h"

#include <algorithm>

#include "core/errors.h"
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
  std::vector<Node> pool_x, pool_y;
};

void ask_at_both_ends(SearchResult& found, const CiTest& test, std::span<const Edge> edges, int k,
                      Stage stage) {
  std::vector<PoolTask> at_x, at_y;
  for (const Edge& edge : edges)
    if (holds(edge.pool_x, k)) at_x.push_back({edge.x, edge.y, edge.pool_x, k});
  ask<PoolTask>(found, test, at_x, stage);

  for (const Edge& edge : edges) {
    if (!found.graph.adjacent(edge.x, edge.y) || !holds(edge.pool_y, k)) continue;
    // sets that were asked from the other end need not be asked again
    const bool asked =
        std::includes(edge.pool_x.begin(), edge.pool_x.end(), edge.pool_y.begin(), edge.pool_y.end());
    if (!asked) at_y.push_back({edge.x, edge.y, edge.pool_y, k});
  }
  ask<PoolTask>(found, test, at_y, stage);
}

// Size 0 has one set and needs no candidates, and its graph is the largest.
void separate_given_nothing(SearchResult& found, const CiTest& test, const MixedGraph& graph, Stage stage,
                            const Knowledge& knowledge) {
  constexpr std::size_t kTasksAtOnce = kListedAtOnce * sizeof(Node) / sizeof(PoolTask);
  std::vector<PoolTask> tasks;
  const auto ask_listed = [&] {
    ask<PoolTask>(found, test, tasks, stage);
    tasks.clear();
  };
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x)) {
      if (y < x || knowledge.are_joined(x, y)) continue;
      tasks.push_back({x, y, {}, 0});
      if (tasks.size() >= kTasksAtOnce) ask_listed();
    }
  ask_listed();
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

void separate_edges(SearchResult& found, const CiTest& test, const Pools& pools, int k, Stage stage,
                    const Knowledge& knowledge) {
  const MixedGraph graph = found.graph;
  if (k == 0) return separate_given_nothing(found, test, graph, stage, knowledge);
  std::vector<Edge> edges;
  std::size_t listed = 0;
  const auto ask_listed = [&] {
    ask_at_both_ends(found, test, edges, k, stage);
    edges.clear();
    listed = 0;
  };
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x)) {
      if (y < x || knowledge.are_joined(x, y)) continue;
      edges.push_back({x, y, candidates(pools, knowledge, x, y), candidates(pools, knowledge, y, x)});
      listed += sizeof(Edge) / sizeof(Node) + edges.back().pool_x.size() + edges.back().pool_y.size();
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
    const Pools neighbors = neighbor_pools(found.graph);
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
