// `*` is any mark; a, b, c, d are Zhang's alpha, beta, gamma, theta.

#include <algorithm>
#include <functional>
#include <tuple>

#include "discovery/search/orientation.h"

namespace why {
namespace {

// ---- sets of nodes ----

NodeSet operator&(NodeSet a, Bits b) { return a &= b; }
NodeSet operator|(NodeSet a, Bits b) { return a |= b; }
NodeSet operator-(NodeSet a, Bits b) { return a -= b; }

Node first(const NodeSet& set) { return set.members().front(); }

NodeSet without(NodeSet set, Node x) {
  set.erase(x);
  return set;
}

NodeSet arrow_at(const Sketch& s, Node x) { return NodeSet(s.marked_here(x, Mark::arrow)); }       // y *-> x
NodeSet tail_at(const Sketch& s, Node x) { return NodeSet(s.marked_here(x, Mark::tail)); }         // y *-- x
NodeSet circle_at(const Sketch& s, Node x) { return NodeSet(s.marked_here(x, Mark::circle)); }     // y *-o x
NodeSet arrow_from(const Sketch& s, Node x) { return NodeSet(s.marked_there(x, Mark::arrow)); }    // x *-> y
NodeSet tail_from(const Sketch& s, Node x) { return NodeSet(s.marked_there(x, Mark::tail)); }      // x *-- y
NodeSet circle_from(const Sketch& s, Node x) { return NodeSet(s.marked_there(x, Mark::circle)); }  // x *-o y

NodeSet parents(const Sketch& s, Node x) { return arrow_at(s, x) & tail_from(s, x); }     // y --> x
NodeSet spouses(const Sketch& s, Node x) { return arrow_at(s, x) & arrow_from(s, x); }    // y <-> x
NodeSet circles(const Sketch& s, Node x) { return circle_at(s, x) & circle_from(s, x); }  // y o-o x

// ---- cases ----

// Calls use(b, c) for every b o-* c; use may change marks. True if one of the calls returned true.
template <class Use>
bool for_each_circle(Sketch& s, Use&& use) {
  bool changed = false;
  for (Node b = 0; b < s.num_nodes(); ++b)
    for_each_bit(circle_at(s, b), [&](Node c) {
      if (s.graph().mark(c, b) == Mark::circle) changed |= use(b, c);
    });
  return changed;
}

// Calls use(a, c) for every a o-> c.
template <class Use>
bool for_each_circle_arrow(Sketch& s, Use&& use) {
  return for_each_circle(s, [&](Node a, Node c) { return s.graph().mark(a, c) == Mark::arrow && use(a, c); });
}

template <class GiveReason>
bool put_directed(Sketch& s, Node from, Node to, GiveReason&& because) {
  const bool tail = s.put(to, from, Mark::tail, because);
  return s.put(from, to, Mark::arrow, because) || tail;
}

template <class GiveReason>
bool put_bidirected(Sketch& s, Node x, Node y, GiveReason&& because) {
  const bool arrow = s.put(y, x, Mark::arrow, because);
  return s.put(x, y, Mark::arrow, because) || arrow;
}

// ---- uncovered paths ----

// Walks over states (before, at) on which no node is adjacent to the next but one, nor unsure to be a
// collider between them: such a path is uncovered, its end triples included. The search is over ordered pairs
// of nodes, each taken once; a search that marks nodes would lose an uncovered path behind a shorter covered
// one.
class UncoveredPaths {
 public:
  // step(x): the nodes to which a path may go on from x.
  using Step = std::function<NodeSet(Node)>;

  UncoveredPaths(const Sketch& s, Node start, Step step)
      : s_(s), start_(start), step_(std::move(step)), taken_(s.num_nodes()), reached_(s.num_nodes()) {}

  // Follows all paths start, second, ... until stop(before, at) at some state, or to their ends. Paths do not
  // come back to the start.
  template <class Stop>
  bool follow(Node second, Stop&& stop) {
    take({start_, second, -1});
    for (std::size_t i = states_.size() - 1; i < states_.size(); ++i) {
      const auto [before, at, _] = states_[i];
      if (stop(before, at)) {
        last_ = i;
        return true;
      }
      const NodeSet next =
          without(step_(at), start_) - s_.neighbors(before) - s_.unsure_across(at, before) - taken_.row(at);
      for_each_bit(without(next, before), [&, from = at](Node x) { take({from, x, static_cast<int>(i)}); });
    }
    return false;
  }

  // All nodes that the paths came to.
  const NodeSet& reached() const { return reached_; }

  // The path at which `follow` stopped.
  std::vector<Node> path() const {
    std::vector<Node> out;
    for (int i = static_cast<int>(last_); i >= 0; i = states_[static_cast<std::size_t>(i)].previous)
      out.push_back(states_[static_cast<std::size_t>(i)].at);
    out.push_back(start_);
    std::reverse(out.begin(), out.end());
    return out;
  }

 private:
  struct State {
    Node before, at;
    int previous;  // state
  };

  void take(const State& state) {
    taken_.set(state.before, state.at);
    reached_.insert(state.at);
    states_.push_back(state);
  }

  const Sketch& s_;
  Node start_;
  Step step_;
  BitMatrix taken_;  // row(x): nodes stepped to from x
  NodeSet reached_;
  std::vector<State> states_;
  std::size_t last_ = 0;
};

// Where a possibly directed path may go on from x: no arrowhead at x, no tail at the next node.
NodeSet possibly_directed_step(const Sketch& s, Node x) {
  return NodeSet(s.neighbors(x)) - arrow_at(s, x) - tail_from(s, x);
}

UncoveredPaths possibly_directed_paths(const Sketch& s, Node start) {
  return UncoveredPaths(s, start, [&s](Node x) { return possibly_directed_step(s, x); });
}

// ---- the rules ----

// R1   a *-> b o-* c,  a and c not adjacent
//      =>  b --> c
bool rule1(Sketch& s) {
  return for_each_circle(s, [&](Node b, Node c) {
    const NodeSet a = without(arrow_at(s, b), c) - s.neighbors(c) - s.unsure_across(b, c);
    return !a.empty() && put_directed(s, b, c, [&] { return Because{"R1", {first(a), b, c}}; });
  });
}

// R2   a --> b *-> c  or  a *-> b --> c,  and  a *-o c
//      =>  a *-> c
bool rule2(Sketch& s) {
  return for_each_circle(s, [&](Node c, Node a) {
    const NodeSet b = arrow_from(s, a) & arrow_at(s, c) & (tail_at(s, a) | tail_from(s, c));
    return !b.empty() && s.put(a, c, Mark::arrow, [&] { return Because{"R2", {a, first(b), c}}; });
  });
}

// R3   a *-> b <-* c,  a *-o d o-* c,  a and c not adjacent,  d *-o b
//      =>  d *-> b
bool rule3(Sketch& s) {
  return for_each_circle(s, [&](Node b, Node d) {
    const NodeSet ends = arrow_at(s, b) & circle_at(s, d);
    Node a = -1, c = -1;
    for_each_bit(ends, [&](Node x) {
      const NodeSet across = without(ends, x) - s.neighbors(x) - s.unsure_across(d, x);
      if (a < 0 && !across.empty()) std::tie(a, c) = std::pair(x, first(across));
    });
    return a >= 0 && s.put(d, b, Mark::arrow, [&] { return Because{"R3", {a, b, c, d}}; });
  });
}

// A discriminating path <d, ..., a, b, c> for b, or nothing: d and c are not adjacent, and every node between
// d and b is a collider on the path and a parent of c.
//
//   d *-> q <-> ... <-> a <-* b o-* c,   q, ..., a --> c
//
// All conditions are on single edges, so a search over nodes finds a path if there is one. The shortest is
// taken, ends and steps in ascending order.
std::vector<Node> discriminating_path(const Sketch& s, Node a, Node b, Node c) {
  const NodeSet between = parents(s, c);
  NodeSet taken(s.num_nodes());
  taken.insert(a);
  struct Step {
    Node at;
    int previous;  // the step that it came from, nearer to b
  };
  std::vector<Step> queue = {{a, -1}};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const Node q = queue[i].at;
    const NodeSet ends = without(without(arrow_at(s, q), b), c) - s.neighbors(c);
    for (const Node d : ends.members()) {
      if (!s.sepsets().find(d, c)) continue;
      std::vector<Node> path = {d};
      for (int at = static_cast<int>(i); at >= 0; at = queue[static_cast<std::size_t>(at)].previous)
        path.push_back(queue[static_cast<std::size_t>(at)].at);
      path.insert(path.end(), {b, c});
      return path;
    }
    const NodeSet next = (spouses(s, q) & between) - taken;
    taken |= next;
    for_each_bit(next, [&](Node x) { queue.push_back({x, static_cast<int>(i)}); });
  }
  return {};
}

// R4   <d, ..., a, b, c> a discriminating path for b,  b o-* c
//      =>  b --> c if b separates d and c, else a <-> b <-> c
bool rule4(Sketch& s) {
  return for_each_circle(s, [&](Node b, Node c) {
    bool changed = false;
    for (const Node a : (parents(s, c) & arrow_from(s, b)).members()) {
      if (s.graph().mark(c, b) != Mark::circle) break;  // done by another a
      const std::vector<Node> path = discriminating_path(s, a, b, c);
      if (path.empty() || !s.may_use(path)) continue;
      const auto because = [&] { return Because{"R4", path}; };
      const auto sepset = s.sepsets().find(path.front(), c)->set;
      if (std::find(sepset.begin(), sepset.end(), b) != sepset.end()) {
        changed |= put_directed(s, b, c, because);
      } else {
        changed |= put_bidirected(s, a, b, because);
        changed |= put_bidirected(s, b, c, because);
      }
    }
    return changed;
  });
}

// R5   a o-o b,  an uncovered path of circles <a, c, ..., d, b>,  a and d not adjacent,  b and c not adjacent
//      =>  a --- b, and every edge of the path ---
bool rule5(Sketch& s) {
  bool changed = false;
  const auto put_circle = [&](const std::vector<Node>& circle) {
    Node last = circle.back();
    for (const Node x : circle) {
      const auto because = [&] { return Because{"R5", circle}; };
      changed |= s.put(last, x, Mark::tail, because);
      changed |= s.put(x, last, Mark::tail, because);
      last = x;
    }
  };
  // which nodes may follow or come before x, y on the circle
  const auto uncovered = [&](NodeSet around, Node x, Node y) {
    return without(std::move(around), y) - s.neighbors(y) - s.unsure_across(x, y);
  };
  const auto close_circle = [&](Node a, Node b) {
    UncoveredPaths paths(s, a, [&](Node x) { return x == b ? NodeSet(s.num_nodes()) : circles(s, x); });
    const NodeSet before_b = uncovered(circles(s, b), b, a);
    for (const Node c : uncovered(circles(s, a), a, b).members()) {
      const bool found = paths.follow(c, [&](Node d, Node at) { return at == b && before_b.contains(d); });
      if (found) return put_circle(paths.path());
    }
  };
  for (Node a = 0; a < s.num_nodes(); ++a)
    for (const Node b : circles(s, a).members())
      if (a < b && circles(s, a).contains(b)) close_circle(a, b);
  return changed;
}

// R6   a --- b o-* c
//      =>  b --* c
bool rule6(Sketch& s) {
  return for_each_circle(s, [&](Node b, Node c) {
    const NodeSet a = tail_at(s, b) & tail_from(s, b);
    return !a.empty() && s.put(c, b, Mark::tail, [&] { return Because{"R6", {first(a), b, c}}; });
  });
}

// R7   a --o b o-* c,  a and c not adjacent
//      =>  b --* c
bool rule7(Sketch& s) {
  return for_each_circle(s, [&](Node b, Node c) {
    const NodeSet a = without(tail_from(s, b) & circle_at(s, b), c) - s.neighbors(c) - s.unsure_across(b, c);
    return !a.empty() && s.put(c, b, Mark::tail, [&] { return Because{"R7", {first(a), b, c}}; });
  });
}

// R8   a --> b --> c  or  a --o b --> c,  and  a o-> c
//      =>  a --> c
bool rule8(Sketch& s) {
  return for_each_circle_arrow(s, [&](Node a, Node c) {
    const NodeSet b = tail_at(s, a) & (arrow_from(s, a) | circle_from(s, a)) & parents(s, c);
    return !b.empty() && s.put(c, a, Mark::tail, [&] { return Because{"R8", {a, first(b), c}}; });
  });
}

// R9   a o-> c,  an uncovered possibly directed path <a, b, ..., c>,  b and c not adjacent
//      =>  a --> c
bool rule9(Sketch& s) {
  return for_each_circle_arrow(s, [&](Node a, Node c) {
    UncoveredPaths paths = possibly_directed_paths(s, a);
    const NodeSet second = without(possibly_directed_step(s, a), c) - s.neighbors(c) - s.unsure_across(a, c);
    for (const Node b : second.members())
      if (paths.follow(b, [&](Node, Node at) { return at == c; }))
        return s.put(c, a, Mark::tail, [&] { return Because{"R9", paths.path()}; });
    return false;
  });
}

// R10  a o-> c,  b --> c <-- d,  uncovered possibly directed paths <a, m, ..., b> and <a, w, ..., d>,
//      m and w different and not adjacent (m may be b, w may be d)
//      =>  a --> c
bool rule10(Sketch& s) {
  const auto path_to = [&](Node a, Node second, Node end, Node c) {
    UncoveredPaths paths = possibly_directed_paths(s, a);
    paths.follow(second, [&](Node, Node at) { return at == end; });
    std::vector<Node> path = paths.path();
    path.push_back(c);
    return path;
  };
  return for_each_circle_arrow(s, [&](Node a, Node c) {
    const NodeSet ends = without(parents(s, c), a);
    if (ends.count() < 2) return false;

    // which ends b are reached by which second nodes m
    std::vector<std::pair<Node, NodeSet>> reaching;
    for (const Node m : without(possibly_directed_step(s, a), c).members()) {
      UncoveredPaths paths = possibly_directed_paths(s, a);
      paths.follow(m, [](Node, Node) { return false; });
      NodeSet reached = paths.reached() & ends;
      if (!reached.empty()) reaching.emplace_back(m, std::move(reached));
    }
    for (const auto& [m, from_m] : reaching)
      for (const auto& [w, from_w] : reaching) {
        if (m >= w || s.graph().adjacent(m, w) || has_bit(s.unsure_across(a, m), w)) continue;
        if ((from_m | from_w).count() < 2) continue;
        // an end for each: one that only m reaches, or any and one that is left for w
        const NodeSet only_m = from_m - from_w;
        const Node b = only_m.empty() ? first(from_m) : first(only_m);
        const Node d = first(without(from_w, b));
        return s.put(c, a, Mark::tail, [&, m = m, w = w] {
          return Because{"R10", path_to(a, m, b, c), path_to(a, w, d, c)};
        });
      }
    return false;
  });
}

constexpr OrientationRule kRules[] = {{"R1", rule1}, {"R2", rule2},  {"R3", rule3}, {"R4", rule4},
                                      {"R5", rule5}, {"R6", rule6},  {"R7", rule7}, {"R8", rule8},
                                      {"R9", rule9}, {"R10", rule10}};

}  // namespace

std::span<const OrientationRule> orientation_rules() { return kRules; }

}  // namespace why
