#include "discovery/search/skeleton.h"

#include <algorithm>
#include <memory>

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

bool holds(std::span<const Node> pool, int k) { return pool.size() >= static_cast<std::size_t>(k); }

bool is_candidate(Node z, const Knowledge& knowledge, Node at, Node other) {
  return z != at && z != other && knowledge.may_separate(z, at, other);
}

template <class Out>
Out copy_candidates(const std::vector<Node>& pool, const Knowledge& knowledge, Node at, Node other, Out out) {
  return std::copy_if(pool.begin(), pool.end(), out,
                      [&](Node z) { return is_candidate(z, knowledge, at, other); });
}

// An edge and the candidates at its two ends.
struct Edge {
  Node x, y;
  std::span<Node> pool_x = {}, pool_y = {};
};

// Edges whose candidates are listed one after the other in one piece of memory.
class ListedEdges {
 public:
  ListedEdges(const Pools& pools, const Knowledge& knowledge) : pools_(pools), knowledge_(knowledge) {}

  void add(Node x, Node y) {
    edges_.push_back({x, y});
    room_ += pool(x).size() + pool(y).size();
  }
  bool are_many() const { return room_ + edges_.size() * sizeof(Edge) / sizeof(Node) >= kListedAtOnce; }
  void clear() {
    edges_.clear();
    room_ = 0;
  }

  std::span<const Edge> with_candidates(int threads) {
    constexpr std::size_t kEdgesAtATime = 256;
    if (room_ > listed_room_) listed_ = std::make_unique_for_overwrite<Node[]>(listed_room_ = room_);
    Node* next = listed_.get();
    const auto room_for = [&](Node x) {
      const std::span<Node> out(next, pool(x).size());
      next += out.size();
      return out;
    };
    for (Edge& edge : edges_) {
      edge.pool_x = room_for(edge.x);
      edge.pool_y = room_for(edge.y);
    }
    parallel_for(
        edges_.size(), threads,
        [&](std::size_t i) {
          Edge& edge = edges_[i];
          edge.pool_x = listed_in(edge.pool_x, edge.x, edge.y);
          edge.pool_y = listed_in(edge.pool_y, edge.y, edge.x);
        },
        kEdgesAtATime);
    return edges_;
  }

 private:
  const std::vector<Node>& pool(Node x) const { return pools_[static_cast<std::size_t>(x)]; }

  std::span<Node> listed_in(std::span<Node> room, Node at, Node other) const {
    return {room.begin(), copy_candidates(pool(at), knowledge_, at, other, room.begin())};
  }

  const Pools& pools_;
  const Knowledge& knowledge_;
  std::vector<Edge> edges_;
  std::size_t room_ = 0, listed_room_ = 0;  // nodes that the candidates of edges_ need, that listed_ holds
  std::unique_ptr<Node[]> listed_;
};

void ask_at_both_ends(SearchResult& found, const CiTest& test, std::span<const Edge> edges, int k,
                      Stage stage) {
  std::vector<PoolTask> tasks;
  tasks.reserve(edges.size());
  for (const Edge& edge : edges)
    if (holds(edge.pool_x, k)) tasks.push_back({edge.x, edge.y, edge.pool_x, k, true});
  ask<PoolTask>(found, test, tasks, stage);

  tasks.clear();
  for (const Edge& edge : edges) {
    if (!found.graph.adjacent(edge.x, edge.y) || !holds(edge.pool_y, k)) continue;
    // sets that were asked from the other end need not be asked again
    const bool asked =
        std::includes(edge.pool_x.begin(), edge.pool_x.end(), edge.pool_y.begin(), edge.pool_y.end());
    if (!asked) tasks.push_back({edge.x, edge.y, edge.pool_y, k, true});
  }
  ask<PoolTask>(found, test, tasks, stage);
}

// What order 0 says about the edges from one node to later ones.
struct Marginals {
  NodeSet kept;                  // neighbours, earlier ones too
  std::vector<double> p_values;  // as SepSets::store_empty takes them
  int separated = 0;
  Separation counts;
};

Marginals ask_marginally(const CiTest& test, const MixedGraph& graph, const Knowledge& knowledge, Node x) {
  constexpr std::int64_t kTestsBetweenLooks = 16;
  Marginals out{NodeSet(graph.neighbor_bits(x)), {}, 0, {}};
  out.p_values.assign(static_cast<std::size_t>(graph.num_nodes() - x - 1), SepSets::kNotSeparated);
  bool stopped = test.stop_requested();
  for_each_bit(graph.neighbor_bits(x), [&](Node y) {
    if (y < x || stopped || knowledge.are_joined(x, y)) return;
    const CiAnswer answer = test.ask(x, y, {});
    if (answer.independent) {
      out.kept.erase(y);
      out.p_values[static_cast<std::size_t>(y - x - 1)] = answer.p_value;
      ++out.separated;
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
  copy_candidates(pool, knowledge, at, other, std::back_inserter(out));
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
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Marginals& row = rows[i];
      if (row.counts.tests > 0) count_tests(found, 0, row.counts);
      if (row.separated > 0)
        found.sepsets.store_empty(first + static_cast<Node>(i), std::move(row.p_values), row.separated,
                                  stage);
    }
    found.graph = with_kept_edges(found.graph, first, rows);
    throw_if_stopped(test);
  }
}

void separate_edges(SearchResult& found, const CiTest& test, const Pools& pools, int k, Stage stage,
                    const Knowledge& knowledge) {
  if (k == 0) return separate_given_nothing(found, test, stage, knowledge);
  ListedEdges edges(pools, knowledge);
  const auto ask_listed = [&] {
    ask_at_both_ends(found, test, edges.with_candidates(test.threads), k, stage);
    edges.clear();
  };
  const auto has_sets = [&](Node x) { return holds(pools[static_cast<std::size_t>(x)], k); };
  for (Node x = 0; x < found.graph.num_nodes(); ++x)
    // asking removes edges that were listed, none that are still to be visited
    for_each_bit(found.graph.neighbor_bits(x), [&](Node y) {
      if (y < x || !(has_sets(x) || has_sets(y)) || knowledge.are_joined(x, y)) return;
      edges.add(x, y);
      if (edges.are_many()) ask_listed();
    });
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
    for (const Node y : graph.neighbors(x)) {
      if (knowledge.are_joined(x, y)) continue;
      if (std::ranges::count_if(pool, [&](Node z) { return is_candidate(z, knowledge, x, y); }) >= k)
        return true;
    }
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
