#include "discovery/graph/pds.h"

#include <algorithm>
#include <bit>
#include <boost/container/small_vector.hpp>
#include <numeric>

#include "core/errors.h"

namespace why {
namespace {

NodeWord word_of(Bits bits) { return bits.empty() ? 0 : bits.front(); }

SmallGraph small_graph(const MixedGraph& graph) {
  SmallGraph out;
  out.n = graph.num_nodes();
  for (Node x = 0; x < out.n; ++x) {
    out.neighbors[x] = word_of(graph.neighbor_bits(x));
    out.arrow_from[x] = 0;
    for_each_bit(graph.neighbor_bits(x), [&](Node y) {
      if (graph.mark(y, x) == Mark::arrow) out.arrow_from[x] |= why::word_of(y);
    });
  }
  return out;
}

}  // namespace

PdsPaths::PdsPaths(const MixedGraph& graph) : graph_(graph) {
  if (is_small()) {
    small_ = small_graph(graph);
    return;
  }
  arrow_from_ = BitMatrix(graph.num_nodes());
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for_each_bit(graph.neighbor_bits(x), [&](Node y) {
      if (graph.mark(y, x) == Mark::arrow) arrow_from_.set(x, y);
    });
  list_neighbors();
  note_followers();
}

void PdsPaths::list_neighbors() {
  const auto n = static_cast<std::size_t>(graph_.num_nodes());
  first_.resize(n + 1);
  number_of_many_.assign(n, -1);
  for (std::size_t x = 0; x < n; ++x) {
    const Node node = static_cast<Node>(x);
    if (graph_.degree(node) <= kFew)
      for_each_bit(graph_.neighbor_bits(node), [&](Node y) { listed_.push_back(y); });
    else
      number_of_many_[x] = static_cast<int>(num_many_++);
    first_[x + 1] = listed_.size();
  }
}

void PdsPaths::note_followers() {
  followers_.reserve(listed_.size());
  for (Node at = 0; at < graph_.num_nodes(); ++at) {
    const std::span<const Node> neighbors = listed(at);
    for (const Node before : neighbors) {
      FewBits out = 0;
      for (std::size_t i = 0; i < neighbors.size(); ++i)
        if (follows(before, at, neighbors[i])) out = static_cast<FewBits>(out | 1 << i);
      followers_.push_back(out);
    }
  }
}

bool PdsPaths::follows(Node before, Node at, Node next) const {
  if (is_small()) return in_word(why::followers(small_, before, at), next);
  return next != before && graph_.adjacent(at, next) &&
         (graph_.adjacent(before, next) || (arrow_from_.has(at, before) && arrow_from_.has(at, next)));
}

NodeSet PdsPaths::followers(Node before, Node at) const {
  if (is_small()) {
    const NodeWord word = why::followers(small_, before, at);
    return NodeSet(Bits(&word, 1));
  }
  NodeSet out(graph_.neighbor_bits(before));  // triangles
  if (arrow_from_.has(at, before)) out |= arrow_from_.row(at);
  out &= graph_.neighbor_bits(at);
  out.erase(before);
  return out;
}

namespace {

// A path's last step.
struct State {
  Node before, at;
};

}  // namespace

PdsTree PdsPaths::small_tree(Node root, int max_depth) const {
  PdsTree out{root, {}, std::vector<int>(static_cast<std::size_t>(small_.n), -1)};
  out.depth[static_cast<std::size_t>(root)] = 0;
  for_each_depth(small_, root, max_depth, [&](int depth, NodeWord reached) {
    for_each_bit({&reached, 1}, [&](Node x) {
      out.nodes.push_back(x);
      out.depth[static_cast<std::size_t>(x)] = depth;
    });
  });
  return out;
}

PdsTree PdsPaths::tree(Node root, int max_depth) const {
  if (is_small()) return small_tree(root, max_depth);
  const int n = graph_.num_nodes();
  PdsTree out{root, {}, std::vector<int>(static_cast<std::size_t>(n), -1)};
  out.depth[static_cast<std::size_t>(root)] = 0;
  // nodes stepped to from each node
  std::vector<FewBits> seen_of_few(static_cast<std::size_t>(n));
  std::vector<NodeSet> seen_of_many(num_many_, NodeSet(n));
  std::vector<State> level, next;
  NodeSet reached(n);  // for the first time

  const auto step = [&](Node from, Node to, int depth) {
    next.push_back({from, to});
    int& known = out.depth[static_cast<std::size_t>(to)];
    if (known >= 0) return;
    known = depth;
    reached.insert(to);
  };
  const auto take_reached = [&] {
    for_each_bit(reached, [&](Node x) { out.nodes.push_back(x); });
    reached = NodeSet(n);
  };
  const auto follow_few = [&](Node before, Node at, int depth) {
    const std::span<const Node> few = listed(at);
    const auto place = static_cast<std::size_t>(std::ranges::find(few, before) - few.begin());
    FewBits& seen = seen_of_few[static_cast<std::size_t>(at)];
    const unsigned to = followers_[first_[static_cast<std::size_t>(at)] + place] & ~seen & 0xffffu;
    seen = static_cast<FewBits>(seen | to);
    for (unsigned rest = to; rest != 0; rest &= rest - 1)
      if (const Node x = few[static_cast<std::size_t>(std::countr_zero(rest))]; x != root) step(at, x, depth);
  };
  const auto follow_many = [&](Node before, Node at, int number, int depth) {
    NodeSet to = followers(before, at);
    NodeSet& seen = seen_of_many[static_cast<std::size_t>(number)];
    to -= seen;
    to.erase(root);
    seen |= to;
    for_each_bit(to, [&](Node x) { step(at, x, depth); });
  };

  if (max_depth != 0) for_each_bit(graph_.neighbor_bits(root), [&](Node x) { step(root, x, 1); });
  take_reached();
  for (int depth = 2; !next.empty() && (max_depth < 0 || depth <= max_depth); ++depth) {
    level.swap(next);
    next.clear();
    for (const auto& [before, at] : level)
      if (const int number = number_of_many_[static_cast<std::size_t>(at)]; number < 0)
        follow_few(before, at, depth);
      else
        follow_many(before, at, number, depth);
    take_reached();
  }
  return out;
}

bool PdsPaths::is_legal(Node root, std::span<const Node> set) const {
  const std::size_t k = set.size();
  if (is_small() && k <= static_cast<std::size_t>(kLargestSmallSet)) {
    NodeWord word = 0;
    for (const Node x : set) word |= why::word_of(x);
    return why::is_legal(small_, root, word);
  }
  // by places in the set; place k is the root's
  struct Step {
    std::size_t before, at;
  };
  boost::container::small_vector<char, kFew> reached(k, 0);
  boost::container::small_vector<char, kFew * kFew> seen(k * k, 0);
  boost::container::small_vector<Step, kFew> level, next;
  std::size_t num_reached = 0;
  const auto step = [&](std::size_t from, std::size_t to) {
    next.push_back({from, to});
    num_reached += !reached[to];
    reached[to] = 1;
  };
  for (std::size_t i = 0; i < k; ++i)
    if (has_bit(graph_.neighbor_bits(root), set[i])) step(k, i);
  for (std::size_t depth = 2; depth <= k && num_reached < k && !next.empty(); ++depth) {
    level.swap(next);
    next.clear();
    for (const auto& [before, at] : level) {
      for (std::size_t i = 0; i < k; ++i)
        if (!seen[at * k + i] && follows(before == k ? root : set[before], set[at], set[i])) {
          seen[at * k + i] = 1;
          step(at, i);
        }
    }
  }
  return num_reached == k;
}

// Grows sets node by node. A set is grown in one order only: by depth inside the set, then number. The node
// added last is then the farthest, so nothing that was reached before it is reached through it.
class LegalSetGrower {
 public:
  LegalSetGrower(const PdsPaths& paths, const PdsTree& tree, int size, const NodeSet& allowed, int most)
      : paths_(paths),
        tree_(tree),
        size_(size),
        most_(most),
        allowed_(allowed),
        set_(paths.graph_.num_nodes()),
        scratch_(static_cast<std::size_t>(size)) {}

  LegalSets grow() {
    out_.size = size_;
    extend(0);
    sort_sets();
    return std::move(out_);
  }

 private:
  // What one level of the recursion walks with.
  struct Scratch {
    std::vector<State> level, next;
    std::vector<NodeSet> seen;  // for each node of order_, the nodes stepped to from it
  };

  // `depth` is that of the last node, inside the set.
  void extend(int depth) {
    if (!out_.complete) return;
    if (static_cast<int>(order_.size()) == size_) return keep();
    const Node last = order_.empty() ? -1 : order_.back();
    NodeSet taken = set_;
    for_each_reach([&](int at, const NodeSet& reached) {
      NodeSet fresh = reached;
      fresh &= allowed_;
      fresh -= taken;
      taken |= fresh;
      if (at < depth) return;
      for_each_bit(fresh, [&](Node x) {
        if (at > depth || x > last) extend_by(x, at);
      });
    });
  }

  void extend_by(Node x, int depth) {
    order_.push_back(x);
    set_.insert(x);
    extend(depth);
    set_.erase(x);
    order_.pop_back();
  }

  // Calls use(depth, nodes at the end of a path of this length whose other nodes are in the set) for depths
  // 1, 2, ... up to the size wanted.
  template <class Use>
  void for_each_reach(Use&& use) {
    Scratch& scratch = scratch_[order_.size()];
    std::vector<State>&level = scratch.level, &next = scratch.next;
    std::vector<NodeSet>& seen = scratch.seen;
    next.clear();
    seen.assign(order_.size(), NodeSet(paths_.graph_.num_nodes()));

    const NodeSet neighbors(paths_.graph_.neighbor_bits(tree_.root));
    for (const Node x : order_)
      if (neighbors.contains(x)) next.push_back({tree_.root, x});
    use(1, neighbors);
    for (int depth = 2; depth <= size_ && !next.empty(); ++depth) {
      level.swap(next);
      next.clear();
      NodeSet reached(paths_.graph_.num_nodes());
      for (const auto& [before, at] : level) {
        const NodeSet to = paths_.followers(before, at);
        reached |= to;
        NodeSet inside = to;
        inside &= set_;
        NodeSet& stepped = seen[position(at)];
        inside -= stepped;
        stepped |= inside;
        for_each_bit(inside, [&next = next, from = at](Node x) { next.push_back({from, x}); });
      }
      use(depth, reached);
    }
  }

  std::size_t position(Node x) const {
    return static_cast<std::size_t>(std::find(order_.begin(), order_.end(), x) - order_.begin());
  }

  void keep() {
    if (out_.count() == most_) {
      out_.complete = false;
      return;
    }
    out_.members.insert(out_.members.end(), order_.begin(), order_.end());
    std::sort(out_.members.end() - size_, out_.members.end());
    int sum = 0;
    for (const Node x : order_) sum += tree_.depth[static_cast<std::size_t>(x)];
    out_.depth_sum.push_back(sum);
  }

  void sort_sets() {
    std::vector<int> order(out_.depth_sum.size());
    std::iota(order.begin(), order.end(), 0);
    const auto before = [&](int a, int b) {
      const int sum_a = out_.depth_sum[static_cast<std::size_t>(a)];
      const int sum_b = out_.depth_sum[static_cast<std::size_t>(b)];
      if (sum_a != sum_b) return sum_a < sum_b;
      const auto set_a = out_.set(a), set_b = out_.set(b);
      return std::lexicographical_compare(set_a.begin(), set_a.end(), set_b.begin(), set_b.end());
    };
    if (std::is_sorted(order.begin(), order.end(), before)) return;
    std::sort(order.begin(), order.end(), before);
    LegalSets sorted{out_.size, {}, {}, out_.complete};
    for (const int i : order) {
      const auto set = out_.set(i);
      sorted.members.insert(sorted.members.end(), set.begin(), set.end());
      sorted.depth_sum.push_back(out_.depth_sum[static_cast<std::size_t>(i)]);
    }
    out_ = std::move(sorted);
  }

  const PdsPaths& paths_;
  const PdsTree& tree_;
  int size_, most_;
  NodeSet allowed_;
  NodeSet set_;                   // the set being grown
  std::vector<Node> order_;       // its nodes in the order in which they came
  std::vector<Scratch> scratch_;  // one a number of nodes so far
  LegalSets out_;
};

LegalSets PdsPaths::small_legal_sets(const PdsTree& tree, int size, NodeWord allowed, int most) const {
  struct Found {
    int depth_sum;
    NodeWord set;
  };
  signed char depth[kMostInWord];
  std::copy(tree.depth.begin(), tree.depth.end(), depth);
  LegalSets out{size, {}, {}};
  if (count_in(allowed) < size) return out;
  std::vector<Found> found;
  for (SmallLegalSets sets(small_, tree.root, size, allowed, depth); out.complete && sets.next();) {
    out.complete = most < 0 || found.size() < static_cast<std::size_t>(most);
    if (out.complete) found.push_back({sets.depth_sum(), sets.set()});
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.depth_sum != b.depth_sum ? a.depth_sum < b.depth_sum : comes_first(a.set, b.set);
  });
  out.members.reserve(found.size() * static_cast<std::size_t>(size));
  out.depth_sum.reserve(found.size());
  for (const Found& each : found) {
    for_each_bit({&each.set, 1}, [&](Node x) { out.members.push_back(x); });
    out.depth_sum.push_back(each.depth_sum);
  }
  return out;
}

// No path to a lone member leads through another node.
LegalSets PdsPaths::single_sets(Node root, Bits allowed, int most) const {
  LegalSets out{1, {}, {}};
  for_each_common_bit(graph_.neighbor_bits(root), allowed, [&](Node x) {
    if (!out.complete) return;
    out.complete = most < 0 || out.count() < most;
    if (!out.complete) return;
    out.members.push_back(x);
    out.depth_sum.push_back(1);
  });
  return out;
}

LegalSets PdsPaths::legal_sets(const PdsTree& tree, int size) const {
  return legal_sets(tree, size, NodeSet(graph_.num_nodes(), tree.nodes));
}

LegalSets PdsPaths::legal_sets(const PdsTree& tree, int size, Bits allowed, int most) const {
  WHY_ASSERT(size >= 0);
  if (is_small() && size >= 1 && size <= kLargestSmallSet)
    return small_legal_sets(tree, size, word_of(allowed), most);
  if (size == 1) return single_sets(tree.root, allowed, most);
  NodeSet candidates(graph_.num_nodes(), tree.nodes);
  candidates &= allowed;
  if (candidates.count() < size) return {size, {}, {}};
  return LegalSetGrower(*this, tree, size, candidates, most).grow();
}

BitMatrix possible_ancestors(const MixedGraph& graph) {
  const int n = graph.num_nodes();
  BitMatrix above(n);
  for (Node x = 0; x < n; ++x) {
    above.set(x, x);
    for_each_bit(graph.neighbor_bits(x), [&](Node y) {
      if (graph.mark(x, y) != Mark::arrow) above.set(x, y);
    });
  }
  above.close_transitively();
  return above;
}

}  // namespace why
