#include "discovery/search/rfci.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/subsets.h"
#include "discovery/search/skeleton.h"

namespace why {
namespace {

using Pair = std::array<Node, 2>;  // ascending

Pair pair_of(Node x, Node y) { return x < y ? Pair{x, y} : Pair{y, x}; }

// An edge, and nodes of which a subset may separate its ends.
struct Doubt {
  Pair edge;
  std::vector<Node> candidates;
};

std::vector<Node> without(std::span<const Node> set, const Pair& pair) {
  std::vector<Node> out;
  for (const Node z : set)
    if (z != pair[0] && z != pair[1]) out.push_back(z);
  return out;
}

// ---- unshielded triples ----

std::vector<Pair> ends_of_triples(const MixedGraph& graph) {
  std::vector<Pair> out;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for_each_bit(two_steps_away(graph, x), [&](Node y) {
      if (x < y) out.push_back({x, y});
    });
  return out;
}

// Both edges of every x *-* z *-* y, doubted because of the set that separates x and y, z aside, unless they
// are known to stay.
std::vector<Doubt> doubts_about_triples(const SearchResult& found, std::span<const Pair> apart,
                                        const Knowledge& knowledge) {
  std::vector<Doubt> out;
  for (const auto& [x, y] : apart) {
    NodeSet between(found.graph.neighbor_bits(x));
    between &= found.graph.neighbor_bits(y);
    if (between.empty()) continue;
    const auto separating = found.sepsets.find(x, y)->set;
    for_each_bit(between, [&, x = x, y = y](Node z) {
      for (const Node end : {x, y}) {
        const Pair edge = pair_of(end, z);
        if (!knowledge.are_joined(end, z)) out.push_back({edge, without(separating, edge)});
      }
    });
  }
  return out;
}

// Those whose ends all their candidates together separate.
std::vector<Doubt> confirmed(SearchResult& found, const CiTest& test, std::vector<Doubt> doubts) {
  std::vector<ListTask> tasks;
  for (const auto& [edge, candidates] : doubts)
    tasks.push_back({edge[0], edge[1], candidates, static_cast<int>(candidates.size()), 1});
  const std::vector<Separation> answers = test.separate(tasks);
  throw_if_stopped(test);
  std::vector<Doubt> out;
  for (std::size_t i = 0; i < doubts.size(); ++i) {
    count_tests(found, tasks[i].k, answers[i]);
    if (answers[i]) out.push_back(std::move(doubts[i]));
  }
  return out;
}

// Removes the doubted edges, each with its smallest separating set.
std::vector<Pair> remove_with_smallest_sets(SearchResult& found, const CiTest& test,
                                            const std::vector<Doubt>& doubts) {
  std::set<Pair> removed;
  for (const Doubt& doubt : doubts) removed.insert(doubt.edge);
  const auto is_left = [&](const Doubt& doubt) { return found.graph.adjacent(doubt.edge[0], doubt.edge[1]); };
  for (int k = 0; std::ranges::any_of(doubts, is_left); ++k) {
    std::vector<PoolTask> tasks;
    for (const Doubt& doubt : doubts)
      if (is_left(doubt) && doubt.candidates.size() >= static_cast<std::size_t>(k))
        tasks.push_back({doubt.edge[0], doubt.edge[1], doubt.candidates, k});
    separate_edges(found, test, tasks, Stage::unshielded_triple);
  }
  return {removed.begin(), removed.end()};
}

// Until no edge of an unshielded triple can be removed; `apart` are the pairs that became non-adjacent last.
void check_triples(SearchResult& found, const CiTest& test, std::vector<Pair> apart,
                   const Knowledge& knowledge) {
  while (!apart.empty())
    apart = remove_with_smallest_sets(found, test,
                                      confirmed(found, test, doubts_about_triples(found, apart, knowledge)));
}

// ---- discriminating paths ----

// Asks about the edges of a path before rule R4 uses it.
class PathCheck {
 public:
  PathCheck(SearchResult& found, const CiTest& test, const Knowledge& knowledge)
      : found_(found), test_(test), knowledge_(knowledge) {}

  // No subset of the set that separates the ends of the path separates two neighbours on it.
  bool holds(std::span<const Node> path) {
    const Pair ends = pair_of(path.front(), path.back());
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      const Pair edge = pair_of(path[i], path[i + 1]);
      if (separated_.count(edge)) return false;
      if (knowledge_.are_joined(edge[0], edge[1])) continue;
      if (!asked_.insert({edge, ends}).second) continue;
      if (!is_separated({edge, without(found_.sepsets.find(ends[0], ends[1])->set, edge)})) continue;
      separated_.insert(edge);
      return false;
    }
    return true;
  }

  // Removes the edges that were separated.
  std::vector<Pair> remove_separated() {
    for (const auto& [edge, set, p_value] : sets_) {
      found_.sepsets.store(edge[0], edge[1], set, p_value, Stage::discriminating_path);
      found_.graph.disconnect(edge[0], edge[1]);
    }
    std::vector<Pair> out(separated_.begin(), separated_.end());
    sets_.clear();
    separated_.clear();
    return out;
  }

 private:
  struct Found {
    Pair edge;
    std::vector<Node> set;
    double p_value;
  };

  bool is_separated(const Doubt& doubt) {
    const auto& [edge, candidates] = doubt;
    for (int k = 0; k <= static_cast<int>(candidates.size()); ++k) {
      const PoolTask task{edge[0], edge[1], candidates, k};
      const Separation answer = test_.separate({&task, 1}).front();
      throw_if_stopped(test_);
      count_tests(found_, k, answer);
      if (!answer) continue;
      sets_.push_back({edge, subset_at(candidates, k, answer.rank), answer.p_value});
      return true;
    }
    return false;
  }

  SearchResult& found_;
  const CiTest& test_;
  const Knowledge& knowledge_;
  std::set<std::array<Pair, 2>> asked_;  // edge, ends of the path
  std::set<Pair> separated_;
  std::vector<Found> sets_;
};

// Checks and orientation, which go on until no check removes an edge.
Oriented check_and_orient(SearchResult& found, const CiTest& test, const RfciOptions& options) {
  const Knowledge& knowledge = knowledge_or_none(options.knowledge);
  Evidence evidence(found.sepsets, options.knowledge);
  PathCheck paths(found, test, knowledge);
  evidence.path_check = [&](std::span<const Node> path) { return paths.holds(path); };
  for (std::vector<Pair> apart = ends_of_triples(found.graph);;) {
    check_triples(found, test, std::move(apart), knowledge);
    Oriented oriented = orient(found.graph, evidence, options.rules);
    apart = paths.remove_separated();
    if (apart.empty()) return oriented;  // else a mark may rest on what was removed
  }
}

// Of a search that was stopped.
SearchResult unfinished(SearchResult found, const RfciOptions& options) {
  take_unfinished(found, orient_known(found.graph, {found.sepsets, options.knowledge}));
  return found;
}

}  // namespace

SearchResult rfci_from_skeleton(SearchResult found, const CiTest& test, const RfciOptions& options) {
  try {
    take_orientation(found, check_and_orient(found, test, options));
  } catch (const Stopped&) {
    return unfinished(std::move(found), options);
  }
  return found;
}

SearchResult rfci(const CiTest& test, const RfciOptions& options) {
  SearchResult found = nothing_separated(test);
  try {
    search_adjacencies(found, test, options.max_order, knowledge_or_none(options.knowledge));
  } catch (const Stopped&) {
    return unfinished(std::move(found), options);
  }
  return rfci_from_skeleton(std::move(found), test, options);
}

}  // namespace why
