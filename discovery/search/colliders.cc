#include "discovery/search/colliders.h"

#include <algorithm>

#include "core/errors.h"
#include "core/parallel.h"
#include "core/subsets.h"

namespace why {
namespace {

// Two nodes that are not adjacent, what lies between them, and the answers about them.
struct Pair {
  Node x, y;
  std::vector<Node> between;         // neighbours of both
  int separating = 0;                // sets that separate x and y
  std::vector<int> with = {};        // of them, those that hold between[i]
  double largest_p = -1;             // of the sets that could be asked ...
  std::vector<Node> likeliest = {};  // ... and the set that has it
  std::vector<std::int64_t> tests = {};
  std::int64_t degenerate = 0;
};

std::vector<Pair> pairs_with_middle(const MixedGraph& graph) {
  std::vector<Pair> out;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (Node y = x + 1; y < graph.num_nodes(); ++y) {
      if (graph.adjacent(x, y)) continue;
      NodeSet between(graph.neighbor_bits(x));
      between &= graph.neighbor_bits(y);
      if (between.empty()) continue;
      Pair pair{x, y, between.members()};
      pair.with.resize(pair.between.size());
      out.push_back(std::move(pair));
    }
  return out;
}

// One pool for the sets of one pair.
struct Candidates {
  std::vector<Node> pool;
  int max_order;

  bool hold(std::span<const Node> set) const {
    return static_cast<int>(set.size()) <= max_order &&
           std::includes(pool.begin(), pool.end(), set.begin(), set.end());
  }
};

// The pools of both ends of every source, without the pair itself.
std::vector<Candidates> candidates_of(const Pair& pair, const CiTest& test,
                                      std::span<const SetSource> sources, const Knowledge& knowledge) {
  std::vector<Candidates> out;
  for (const SetSource& source : sources)
    for (const auto& [end, other] : {std::pair(pair.x, pair.y), std::pair(pair.y, pair.x)}) {
      std::vector<Node> pool = candidates(source.pools, knowledge, end, other);
      int order = static_cast<int>(pool.size());
      if (source.max_order >= 0) order = std::min(order, source.max_order);
      if (test.max_order() >= 0) order = std::min(order, test.max_order());
      out.push_back({std::move(pool), order});
    }
  return out;
}

void note_answer(Pair& pair, std::span<const Node> set, const CiAnswer& answer) {
  if (pair.tests.size() <= set.size()) pair.tests.resize(set.size() + 1);
  ++pair.tests[set.size()];
  pair.degenerate += answer.degenerate;
  if (answer.independent) {
    ++pair.separating;
    for (std::size_t i = 0; i < pair.between.size(); ++i)
      pair.with[i] += std::binary_search(set.begin(), set.end(), pair.between[i]);
  }
  if (!answer.degenerate && answer.p_value > pair.largest_p) {
    pair.largest_p = answer.p_value;
    pair.likeliest.assign(set.begin(), set.end());
  }
}

void ask_all_sets(Pair& pair, const CiTest& test, const std::vector<Candidates>& candidates) {
  std::vector<Node> set;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& [pool, max_order] = candidates[i];
    const auto asked = [&] {
      return std::any_of(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(i),
                         [&](const Candidates& earlier) { return earlier.hold(set); });
    };
    for (int k = 0; k <= max_order; ++k) {
      std::vector<int> at = first_subset(k);
      do {
        set.clear();
        for (const int position : at) set.push_back(pool[static_cast<std::size_t>(position)]);
        if (test.stop_requested()) return;
        if (!asked()) note_answer(pair, set, test.ask(pair.x, pair.y, set));
      } while (next_subset(at, static_cast<int>(pool.size())));
    }
  }
}

Ruling ruling_on(const Pair& pair, std::size_t middle, ColliderRule rule) {
  const int with = pair.with[middle], all = pair.separating;
  switch (rule) {
    case ColliderRule::conservative:
      if (all == 0) return Ruling::unsure;
      return with == 0 ? Ruling::collider : with == all ? Ruling::noncollider : Ruling::unsure;
    case ColliderRule::majority:
      return 2 * with < all ? Ruling::collider : 2 * with > all ? Ruling::noncollider : Ruling::unsure;
    case ColliderRule::max_p:
      if (pair.largest_p < 0) return Ruling::unsure;
      return std::binary_search(pair.likeliest.begin(), pair.likeliest.end(), pair.between[middle])
                 ? Ruling::noncollider
                 : Ruling::collider;
    case ColliderRule::sepset:
      break;
  }
  WHY_ASSERT(false);
}

}  // namespace

std::string_view collider_rule_name(ColliderRule rule) {
  switch (rule) {
    case ColliderRule::sepset:
      return "sepset";
    case ColliderRule::conservative:
      return "conservative";
    case ColliderRule::majority:
      return "majority";
    case ColliderRule::max_p:
      return "max-p";
  }
  WHY_ASSERT(false);
}

TripleRulings rule_on_triples(SearchResult& found, const CiTest& test, ColliderRule rule,
                              std::span<const SetSource> sources, const Knowledge& knowledge) {
  std::vector<Pair> pairs = pairs_with_middle(found.graph);
  parallel_for(pairs.size(), test.threads, [&](std::size_t i) {
    ask_all_sets(pairs[i], test, candidates_of(pairs[i], test, sources, knowledge));
  });
  throw_if_stopped(test);

  TripleRulings rulings(found.graph.num_nodes());
  for (const Pair& pair : pairs) {
    for (std::size_t i = 0; i < pair.between.size(); ++i)
      rulings.add({pair.x, pair.between[i], pair.y}, ruling_on(pair, i, rule));
    if (found.tests.size() < pair.tests.size()) found.tests.resize(pair.tests.size());
    for (std::size_t k = 0; k < pair.tests.size(); ++k) found.tests[k] += pair.tests[k];
    found.degenerate += pair.degenerate;
  }
  return rulings;
}

}  // namespace why
