#include "discovery/search/reference_icd.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "core/subsets.h"
#include "discovery/search/skeleton.h"

namespace why {
namespace {

using Nodes = std::vector<Node>;
using Path = std::optional<Nodes>;

bool contains(std::span<const Node> nodes, Node x) { return std::ranges::find(nodes, x) != nodes.end(); }

Nodes all_nodes(const MixedGraph& graph) {
  Nodes out;
  for (Node x = 0; x < graph.num_nodes(); ++x) out.push_back(x);
  return out;
}

// Calls use(x, y) for every two nodes of the list, in its order.
template <class Use>
void for_each_pair(const Nodes& nodes, Use&& use) {
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (std::size_t j = i + 1; j < nodes.size(); ++j) use(nodes[i], nodes[j]);
}

// ---- orientation ----

// The rules one after the other over the nodes in ascending order, each overwriting what it finds.
class ReferenceRules {
 public:
  ReferenceRules(MixedGraph& graph, const SepSets& sepsets)
      : g_(graph), sepsets_(sepsets), all_(all_nodes(graph)) {}

  // Forgets all marks, then R0.
  void orient_colliders() {
    for (const Node x : all_)
      for (const Node y : g_.neighbors(x)) g_.set_mark(x, y, Mark::circle);
    for (const Node z : all_)
      for_each_pair(g_.neighbors(z), [&](Node x, Node y) {
        if (g_.adjacent(x, y) || separates(z, x, y)) return;
        g_.set_mark(x, z, Mark::arrow);
        g_.set_mark(y, z, Mark::arrow);
      });
  }

  void orient_1_to_4() {
    sweep({&ReferenceRules::rule1, &ReferenceRules::rule2, &ReferenceRules::rule3, &ReferenceRules::rule4});
  }
  void orient_5_to_7() { sweep({&ReferenceRules::rule5, &ReferenceRules::rule6, &ReferenceRules::rule7}); }
  void orient_8_to_10() { sweep({&ReferenceRules::rule8, &ReferenceRules::rule9, &ReferenceRules::rule10}); }

 private:
  using Rule = bool (ReferenceRules::*)();
  using EdgeCondition = std::function<bool(Node, Node)>;

  void sweep(std::initializer_list<Rule> rules) {
    for (bool changed = true; changed;) {
      changed = false;
      for (const Rule rule : rules) changed |= (this->*rule)();
    }
  }

  bool separates(Node z, Node x, Node y) const {
    const auto sepset = sepsets_.find(x, y);
    return sepset && contains(sepset->set, z);
  }

  // Nodes x with this mark at y on the edge x - y.
  Nodes marked(Node y, Mark mark) const {
    Nodes out;
    for (const Node x : g_.neighbors(y))
      if (g_.mark(x, y) == mark) out.push_back(x);
    return out;
  }
  bool is_edge(Node x, Mark at_x, Mark at_y, Node y) const {
    return g_.mark(y, x) == at_x && g_.mark(x, y) == at_y;
  }
  bool may_be_parent(Node x, Node y) const {
    return g_.adjacent(x, y) && g_.mark(x, y) != Mark::tail && g_.mark(y, x) != Mark::arrow;
  }
  template <class Keep>
  Nodes nodes_where(Keep&& keep) const {
    Nodes out;
    std::ranges::copy_if(all_, std::back_inserter(out), keep);
    return out;
  }

  bool rule1() {
    bool changed = false;
    for (const Node b : all_) {
      const Nodes ends = marked(b, Mark::circle);
      for (const Node a : marked(b, Mark::arrow))
        for (const Node c : ends) {
          if (g_.adjacent(a, c)) continue;
          g_.set_mark(c, b, Mark::tail);
          g_.set_mark(b, c, Mark::arrow);
          changed = true;
        }
    }
    return changed;
  }

  bool rule2() {
    bool changed = false;
    const auto point = [&](Node a, Node c) {
      if (g_.mark(a, c) != Mark::circle) return;
      g_.set_mark(a, c, Mark::arrow);
      changed = true;
    };
    for (const Node b : all_)
      for (const Node c : marked(b, Mark::tail))
        if (g_.mark(b, c) == Mark::arrow)
          for (const Node a : marked(b, Mark::arrow)) point(a, c);
    for (const Node c : all_)
      for (const Node b : marked(c, Mark::arrow))
        for (const Node a : marked(b, Mark::arrow))
          if (g_.mark(b, a) == Mark::tail) point(a, c);
    return changed;
  }

  bool rule3() {
    bool changed = false;
    for (const Node b : all_)
      for (const Node d : marked(b, Mark::circle)) {
        const Nodes ends = nodes_where(
            [&](Node a) { return g_.mark(a, b) == Mark::arrow && g_.mark(a, d) == Mark::circle; });
        for_each_pair(ends, [&](Node a, Node c) {
          if (g_.adjacent(a, c)) return;
          g_.set_mark(d, b, Mark::arrow);
          changed = true;
        });
      }
    return changed;
  }

  bool rule4() {
    bool changed = false;
    for (const Node b : all_)
      for (const Node c : marked(b, Mark::circle)) {
        const Nodes parents = nodes_where([&](Node a) { return g_.is_parent(a, c); });
        for (const Node a : parents) {
          if (g_.mark(b, a) != Mark::arrow) continue;
          const Node d = discriminating_end(a, b, c);
          if (d < 0) continue;
          const bool separating = separates(b, d, c);
          if (!separating) {
            g_.set_mark(b, a, Mark::arrow);
            g_.set_mark(a, b, Mark::arrow);
          }
          g_.set_mark(b, c, Mark::arrow);
          g_.set_mark(c, b, separating ? Mark::tail : Mark::arrow);
          changed = true;
        }
      }
    return changed;
  }

  Node discriminating_end(Node a, Node b, Node c) const {
    Nodes frontier = {a}, visited = {a, b, c};
    while (!frontier.empty()) {
      Nodes next;
      for (const Node at : frontier)
        for (const Node d : marked(at, Mark::arrow)) {
          if (d == a || d == b || d == c) continue;
          if (!g_.adjacent(d, c)) return d;
          if (!contains(visited, d) && g_.is_parent(d, c) && g_.mark(at, d) == Mark::arrow) next.push_back(d);
        }
      std::ranges::sort(next);
      next.erase(std::unique(next.begin(), next.end()), next.end());
      visited.insert(visited.end(), next.begin(), next.end());
      frontier = std::move(next);
    }
    return -1;
  }

  // A path <second, ..., last> from x over `second` and `last` to y on which no node is adjacent to the next
  // but one; `condition` holds on its inner edges.
  Path uncovered_path(Node x, Node second, Node last, Node y, Nodes allowed,
                      const EdgeCondition& condition) const {
    if (second == last) return Nodes{second};
    std::erase_if(allowed,
                  [&](Node node) { return node == x || node == y || node == second || node == last; });
    if (condition(second, last) && !g_.adjacent(second, y) && !g_.adjacent(x, last))
      return Nodes{second, last};
    for (const Node next : allowed) {
      if (!g_.adjacent(second, next) || !condition(second, next) || g_.adjacent(x, next)) continue;
      Path rest = uncovered_path(second, next, last, y, allowed, condition);
      if (!rest) continue;
      rest->insert(rest->begin(), second);
      return rest;
    }
    return std::nullopt;
  }

  void undirect(Node x, Node y) {
    g_.set_mark(x, y, Mark::tail);
    g_.set_mark(y, x, Mark::tail);
  }

  bool rule5() {
    bool changed = false;
    const EdgeCondition circles = [&](Node x, Node y) { return is_edge(x, Mark::circle, Mark::circle, y); };
    std::vector<std::pair<Node, Node>> edges;
    for (const Node a : all_)
      for (const Node b : all_)
        if (a != b && circles(a, b)) edges.emplace_back(a, b);
    for (const auto& edge : edges) {
      const Node a = edge.first, b = edge.second;
      const auto beside = [&](Node x, Node y) {
        return nodes_where([&](Node z) { return z != x && z != y && circles(x, z) && !g_.adjacent(y, z); });
      };
      const Nodes before = beside(a, b), behind = beside(b, a);
      for (const Node c : before)
        for (const Node d : behind) {
          const Path path = uncovered_path(a, c, d, b, all_, circles);
          if (!path) continue;
          undirect(a, b);
          Node last = a;
          for (const Node x : *path) {
            undirect(last, x);
            last = x;
          }
          undirect(last, b);
          changed = true;
        }
    }
    return changed;
  }

  bool rule6() {
    bool changed = false;
    for (const Node b : all_) {
      const bool undirected = std::ranges::any_of(all_, [&](Node a) { return g_.is_undirected(a, b); });
      if (!undirected) continue;
      for (const Node c : marked(b, Mark::circle)) {
        g_.set_mark(c, b, Mark::tail);
        changed = true;
      }
    }
    return changed;
  }

  bool rule7() {
    bool changed = false;
    for (const Node b : all_) {
      const Nodes starts = nodes_where([&](Node a) { return is_edge(a, Mark::tail, Mark::circle, b); });
      const Nodes ends = marked(b, Mark::circle);
      for (const Node a : starts)
        for (const Node c : ends) {
          if (a == c || g_.adjacent(a, c)) continue;
          g_.set_mark(c, b, Mark::tail);
          changed = true;
        }
    }
    return changed;
  }

  bool rule8() {
    bool changed = false;
    for (const Node b : all_) {
      const Nodes starts = nodes_where([&](Node a) {
        return g_.mark(b, a) == Mark::tail && (g_.mark(a, b) == Mark::arrow || g_.mark(a, b) == Mark::circle);
      });
      const Nodes ends = nodes_where([&](Node c) { return g_.is_parent(b, c); });
      for (const Node a : starts)
        for (const Node c : ends) {
          if (a == c || !is_edge(a, Mark::circle, Mark::arrow, c)) continue;
          g_.set_mark(c, a, Mark::tail);
          changed = true;
        }
    }
    return changed;
  }

  bool rule9() {
    const EdgeCondition directed = [&](Node x, Node y) { return may_be_parent(x, y); };
    for (const Node a : all_)
      for (const Node c : marked(a, Mark::circle)) {
        if (g_.mark(a, c) != Mark::arrow) continue;
        const Nodes seconds = nodes_where(
            [&](Node b) { return b != a && b != c && may_be_parent(a, b) && !g_.adjacent(b, c); });
        for (const Node b : seconds)
          for (const Node d : all_) {
            if (d == a || d == b || d == c || !may_be_parent(d, c)) continue;
            if (!uncovered_path(a, b, d, c, all_, directed)) continue;
            g_.set_mark(c, a, Mark::tail);
            return true;
          }
      }
    return false;
  }

  bool rule10() {
    for (const Node c : all_) {
      const Nodes starts =
          nodes_where([&](Node a) { return a != c && is_edge(a, Mark::circle, Mark::arrow, c); });
      const Nodes parents = nodes_where([&](Node b) { return g_.is_parent(b, c); });
      for (const Node a : starts)
        if (two_ways_lead(a, c, parents)) {
          g_.set_mark(c, a, Mark::tail);
          return true;
        }
    }
    return false;
  }

  bool two_ways_lead(Node a, Node c, const Nodes& parents) const {
    const EdgeCondition any = [&](Node x, Node y) { return g_.adjacent(x, y); };
    const Nodes seconds = nodes_where([&](Node e) { return e != a && e != c && may_be_parent(a, e); });
    bool found = false;
    for_each_pair(parents, [&](Node b, Node d) {
      for (const Node e : seconds)
        for (const Node f : seconds) {
          if (found || e == f || g_.adjacent(e, f)) continue;
          found = uncovered_path(a, e, b, c, all_, any) && uncovered_path(a, f, d, c, all_, any);
        }
    });
    return found;
  }

  MixedGraph& g_;
  const SepSets& sepsets_;
  Nodes all_;
};

// ---- conditioning sets ----

// A breadth-first tree of PDS-paths that uses every edge of the graph once; a node may be in it several
// times.
class ReferenceTree {
 public:
  ReferenceTree(const MixedGraph& graph, Node root, int max_depth) : num_nodes_(graph.num_nodes()) {
    places_.push_back({root, 0, {}});
    MixedGraph unused = graph;
    std::deque<std::array<int, 2>> queue;  // places: of a node and of the one before it
    const Nodes neighbors = unused.neighbors(root);
    for (const Node x : neighbors) unused.disconnect(root, x);
    for (const Node x : neighbors) queue.push_back({add(0, x), 0});
    while (!queue.empty()) {
      const auto [at, before] = queue.front();
      queue.pop_front();
      if (place(at).depth >= max_depth) continue;
      const Node x = place(before).node, y = place(at).node;
      for (const Node z : unused.neighbors(y)) {
        if (x == z || !(graph.adjacent(x, z) || graph.is_collider(x, y, z))) continue;
        unused.disconnect(y, z);
        queue.push_back({add(at, z), at});
      }
    }
  }

  struct Weighted {
    Nodes set;
    int depth_sum;
  };

  // Appends the legal sets of a size whose members are all allowed, lexicographically: every member is
  // reached over others.
  void append_legal_sets(int size, const NodeSet& allowed, std::vector<Weighted>& out) const {
    const auto before = static_cast<std::ptrdiff_t>(out.size());
    Nodes set;
    grow(size, set, allowed, out);
    std::ranges::sort(out.begin() + before, out.end(), {}, &Weighted::set);
  }

 private:
  struct Place {
    Node node;
    int depth;
    std::vector<int> children;
  };

  const Place& place(int i) const { return places_[static_cast<std::size_t>(i)]; }

  int add(int parent, Node node) {
    const int here = static_cast<int>(places_.size()), depth = place(parent).depth + 1;
    places_.push_back({node, depth, {}});
    places_[static_cast<std::size_t>(parent)].children.push_back(here);
    depth_.try_emplace(node, depth);  // breadth first: the first is the least
    return here;
  }

  // Every legal set once: what was added at one place is no longer allowed at those after it.
  void grow(int more, Nodes& set, NodeSet allowed, std::vector<Weighted>& out) const {
    if (more == 0) return keep(set, out);
    NodeSet next(num_nodes_);
    reach(0, set, next);
    next &= allowed;
    for_each_bit(next, [&](Node x) {
      allowed.erase(x);
      set.push_back(x);
      grow(more - 1, set, allowed, out);
      set.pop_back();
    });
  }

  // Inserts the nodes that are reached over these.
  void reach(int from, std::span<const Node> over, NodeSet& out) const {
    for (const int child : place(from).children) {
      out.insert(place(child).node);
      if (contains(over, place(child).node)) reach(child, over, out);
    }
  }

  void keep(const Nodes& set, std::vector<Weighted>& out) const {
    Weighted weighted{set, 0};
    std::ranges::sort(weighted.set);
    for (const Node x : set) weighted.depth_sum += depth_.at(x);
    out.push_back(std::move(weighted));
  }

  std::vector<Place> places_;
  int num_nodes_;
  std::map<Node, int> depth_;
};

// row(x): nodes that reach x along edges without an arrowhead at the farther end or a tail at the nearer one.
BitMatrix reference_ancestors(const MixedGraph& graph) {
  BitMatrix above(graph.num_nodes());
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x))
      if (graph.mark(y, x) != Mark::tail && graph.mark(x, y) != Mark::arrow) above.set(x, y);
  above.close_transitively();
  return above;
}

// ---- the search ----

class ReferenceIcd {
 public:
  ReferenceIcd(const CiTest& test, const ReferenceIcdOptions& options)
      : test_(test), options_(options), found_(nothing_separated(test)) {}

  SearchResult run() {
    try {
      ask_and_orient();
    } catch (const Stopped&) {
      take_unfinished(found_, orient_known(found_.graph, found_.sepsets));
    }
    return std::move(found_);
  }

 private:
  void ask_and_orient() {
    for (int r = 0;; ++r) {
      if (!within_bounds(found_, test_, r, options_.max_order, "max-order")) break;
      const bool any = ask_round(r);
      ++found_.rounds;
      // a last round without sets keeps the marks it found, round 0 never is the last
      ReferenceRules rules(found_.graph, found_.sepsets);
      if (any || r <= 1) {
        rules.orient_colliders();
        rules.orient_1_to_4();
      }
      if (r == 1 || (r > 1 && !any)) orient_last(rules);
      if (r > 0 && !any) return;
    }
    ReferenceRules rules(found_.graph, found_.sepsets);
    orient_last(rules);
  }

  void orient_last(ReferenceRules& rules) const {
    if (options_.selection_bias) rules.orient_5_to_7();
    rules.orient_8_to_10();
  }

  // True if there was a set to ask about.
  bool ask_round(int r) {
    bool any = false;
    for_each_pair(all_nodes(found_.graph), [&](Node x, Node y) {
      if (!found_.graph.adjacent(x, y)) return;
      throw_if_stopped(test_);
      for (const Nodes& set : sets(x, y, r)) {
        any = true;
        const CiAnswer answer = ask(x, y, set);
        if (!answer.independent) continue;
        found_.graph.disconnect(x, y);
        found_.sepsets.store(x, y, set, answer.p_value, Stage::icd_sep);
        break;
      }
    });
    return any;
  }

  std::vector<Nodes> sets(Node x, Node y, int r) const {
    if (r == 0) return {Nodes{}};
    if (r == 1) return single_neighbors(x, y);
    const BitMatrix above = reference_ancestors(found_.graph);
    NodeSet allowed(above.row(x));
    allowed |= above.row(y);
    allowed.erase(x);
    allowed.erase(y);
    std::vector<ReferenceTree::Weighted> legal;
    for (const Node end : {x, y}) ReferenceTree(found_.graph, end, r).append_legal_sets(r, allowed, legal);
    std::ranges::stable_sort(legal, {}, &ReferenceTree::Weighted::depth_sum);
    std::vector<Nodes> out;
    for (auto& each : legal) out.push_back(std::move(each.set));
    return out;
  }

  std::vector<Nodes> single_neighbors(Node x, Node y) const {
    std::vector<Nodes> out;
    for (const Node end : {x, y})
      for (const Node z : found_.graph.neighbors(end))
        if (z != x && z != y && std::ranges::find(out, Nodes{z}) == out.end()) out.push_back({z});
    return out;
  }

  CiAnswer ask(Node x, Node y, const Nodes& set) {
    Nodes key = {x, y};
    key.insert(key.end(), set.begin(), set.end());
    const auto known = answers_.find(key);
    if (known != answers_.end()) return known->second;
    throw_if_stopped(test_);
    const CiAnswer answer = test_.ask(x, y, set);
    answers_.emplace(std::move(key), answer);
    Separation counted;
    counted.tests = 1;
    counted.degenerate = answer.degenerate;
    count_tests(found_, static_cast<int>(set.size()), counted);
    return answer;
  }

  const CiTest& test_;
  const ReferenceIcdOptions& options_;
  SearchResult found_;
  std::map<Nodes, CiAnswer> answers_;
};

}  // namespace

SearchResult reference_icd(const CiTest& test, const ReferenceIcdOptions& options) {
  return ReferenceIcd(test, options).run();
}

}  // namespace why
