// Possible-d-sep of graphs of up to 64 nodes: a set of nodes is one word, and all memory is on the stack. The
// same on the CPU and in CUDA kernels; pds.h says what the words mean, and its classes come here with small
// graphs.
#pragma once

#include <cstdint>

#include "core/host_device.h"

namespace why {

using NodeWord = std::uint64_t;  // bit x: node x

inline constexpr int kMostInWord = 64;
inline constexpr int kLargestSmallSet = 8;  // larger sets are not grown here

WHY_HOST_DEVICE inline NodeWord word_of(int x) { return NodeWord{1} << x; }
WHY_HOST_DEVICE inline bool in_word(NodeWord word, int x) { return word >> x & 1; }

WHY_HOST_DEVICE inline int lowest(NodeWord word) {  // of a word that is not 0
#ifdef __CUDA_ARCH__
  return __ffsll(static_cast<long long>(word)) - 1;
#else
  return __builtin_ctzll(word);
#endif
}

WHY_HOST_DEVICE inline int count_in(NodeWord word) {
#ifdef __CUDA_ARCH__
  return __popcll(word);
#else
  return __builtin_popcountll(word);
#endif
}

WHY_HOST_DEVICE inline NodeWord first_words(int n) { return n < kMostInWord ? word_of(n) - 1 : ~NodeWord{0}; }

// Of two sets of one size: does `a` come first, both listed ascending?
WHY_HOST_DEVICE inline bool comes_first(NodeWord a, NodeWord b) {
  const NodeWord differ = a ^ b;
  return (a & differ & (~differ + 1)) != 0;
}

struct SmallGraph {
  int n = 0;
  NodeWord neighbors[kMostInWord];
  NodeWord arrow_from[kMostInWord];  // [x]: nodes y with y *-> x
};

// Nodes that may follow on a path that came from `before` to `at`.
WHY_HOST_DEVICE inline NodeWord followers(const SmallGraph& g, int before, int at) {
  NodeWord out = g.neighbors[before];  // triangles
  if (in_word(g.arrow_from[at], before)) out |= g.arrow_from[at];
  return out & g.neighbors[at] & ~word_of(before);
}

// Calls reach(depth, nodes first reached by a PDS-path of that length) for depths 1, 2, ... up to max_depth
// (-1: to the end).
template <class Reach>
WHY_HOST_DEVICE void for_each_depth(const SmallGraph& g, int root, int max_depth, Reach&& reach) {
  // [x]: nodes that a path has just stepped to from x; that any path has
  NodeWord stepped[2][kMostInWord], seen[kMostInWord];
  for (int x = 0; x < g.n; ++x) stepped[0][x] = stepped[1][x] = seen[x] = 0;
  const NodeWord others = first_words(g.n) & ~word_of(root);
  NodeWord known = g.neighbors[root], from = word_of(root);  // `from`: the x with stepped[.][x] != 0
  if (max_depth == 0 || known == 0) return;
  stepped[0][root] = known;
  reach(1, known);
  for (int depth = 2, now = 0; from != 0 && known != others && (max_depth < 0 || depth <= max_depth);
       ++depth, now = 1 - now) {
    NodeWord reached = 0, next_from = 0;
    for (; from != 0; from &= from - 1) {
      const int before = lowest(from);
      for (NodeWord ends = stepped[now][before]; ends != 0; ends &= ends - 1) {
        const int at = lowest(ends);
        const NodeWord to = followers(g, before, at) & ~seen[at] & ~word_of(root);
        if (to == 0) continue;
        seen[at] |= to;
        stepped[1 - now][at] |= to;
        next_from |= word_of(at);
        reached |= to;
      }
      stepped[now][before] = 0;
    }
    from = next_from;
    reached &= ~known;
    known |= reached;
    if (reached != 0) reach(depth, reached);
  }
}

// The set's states, walked from the root without leaving the set: calls reach(depth, nodes at the end of a
// path of that length whose other nodes are in the set) for depths 1, 2, ... up to max_depth.
template <class Reach>
WHY_HOST_DEVICE void for_each_depth_through(const SmallGraph& g, int root, NodeWord set, int max_depth,
                                            Reach&& reach) {
  constexpr int kMostStates = kLargestSmallSet * kLargestSmallSet;
  struct State {
    signed char before, at;
  };
  State level[kMostStates], next[kMostStates];
  NodeWord seen[kMostInWord];
  for (NodeWord rest = set; rest != 0; rest &= rest - 1) seen[lowest(rest)] = 0;
  int states = 0;
  for (NodeWord rest = g.neighbors[root] & set; rest != 0; rest &= rest - 1)
    level[states++] = {static_cast<signed char>(root), static_cast<signed char>(lowest(rest))};
  reach(1, g.neighbors[root]);
  for (int depth = 2; depth <= max_depth && states > 0; ++depth) {
    NodeWord reached = 0;
    int count = 0;
    for (int i = 0; i < states; ++i) {
      const int at = level[i].at;
      const NodeWord to = followers(g, level[i].before, at);
      reached |= to;
      NodeWord inside = to & set & ~seen[at];
      seen[at] |= inside;
      for (; inside != 0; inside &= inside - 1)
        next[count++] = {static_cast<signed char>(at), static_cast<signed char>(lowest(inside))};
    }
    for (int i = 0; i < count; ++i) level[i] = next[i];
    states = count;
    reach(depth, reached);
  }
}

// Is every member of the set (at most kLargestSmallSet of them) reached within it?
WHY_HOST_DEVICE inline bool is_legal(const SmallGraph& g, int root, NodeWord set) {
  NodeWord reached = 0;
  for_each_depth_through(g, root, set, count_in(set), [&](int, NodeWord nodes) { reached |= nodes & set; });
  return reached == set;
}

// The legal sets of one size, 1 .. kLargestSmallSet, out of `allowed`; each once, in an order of its own:
//
//   for (SmallLegalSets sets(graph, root, 3, allowed, depth); sets.next();) use(sets.set(),
//   sets.depth_sum());
//
// A set is grown node by node in one order only: by depth inside the set, then number. The node added last is
// then the farthest, so nothing that was reached before it is reached through it.
class SmallLegalSets {
 public:
  // depth: [n], in the root's tree. Both must outlive it. Only those that begin with one of `first`: all sets
  // come of a partition of `allowed`.
  WHY_HOST_DEVICE SmallLegalSets(const SmallGraph& graph, int root, int size, NodeWord allowed,
                                 const signed char* depth, NodeWord first = ~NodeWord{0})
      : graph_(graph), root_(root), size_(size), allowed_(allowed & ~word_of(root)), depth_(depth) {
    open(0, -1, 0);
    open_[0].candidates[1] &= first;
  }

  WHY_HOST_DEVICE bool next() {
    while (members_ >= 0) {
      Open& level = open_[members_];
      while (level.at <= size_ && level.candidates[level.at] == 0) ++level.at;
      if (level.at > size_) {
        --members_;
        continue;
      }
      const int x = lowest(level.candidates[level.at]);
      level.candidates[level.at] &= level.candidates[level.at] - 1;
      set_ = level.set | word_of(x);
      depth_sum_ = level.depth_sum + depth_[x];
      if (members_ == size_ - 1) return true;
      open(members_ + 1, x, level.at);
    }
    return false;
  }

  WHY_HOST_DEVICE NodeWord set() const { return set_; }
  WHY_HOST_DEVICE int depth_sum() const { return depth_sum_; }

 private:
  // With so many members chosen, which may come next, by their depths inside the set.
  struct Open {
    NodeWord set;
    int depth_sum, at;
    NodeWord candidates[kLargestSmallSet + 1];
  };

  // `last`: the member chosen last, at this depth inside the set.
  WHY_HOST_DEVICE void open(int members, int last, int depth) {
    members_ = members;
    Open& level = open_[members];
    level.set = set_;
    level.depth_sum = depth_sum_;
    level.at = depth > 1 ? depth : 1;
    for (int at = level.at; at <= size_; ++at) level.candidates[at] = 0;
    NodeWord taken = set_;
    for_each_depth_through(graph_, root_, set_, size_, [&](int at, NodeWord reached) {
      NodeWord fresh = reached & allowed_ & ~taken;
      taken |= fresh;
      if (at < level.at) return;
      if (at == depth && last >= 0) fresh &= ~first_words(last + 1);
      level.candidates[at] = fresh;
    });
  }

  const SmallGraph& graph_;
  int root_, size_;
  NodeWord allowed_;
  const signed char* depth_;
  NodeWord set_ = 0;
  int depth_sum_ = 0;
  int members_ = 0;  // chosen; -1: all sets were given
  Open open_[kLargestSmallSet];
};

}  // namespace why
