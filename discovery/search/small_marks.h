// Orienting graphs of up to 64 nodes by R0-R4 (orientation.h) in words, the same on the CPU and in CUDA
// kernels. Only marks come of it, no reasons and no conflicts: what a search needs between its rounds.
#pragma once

#include "discovery/graph/small_pds.h"

namespace why {

struct SmallMarks {
  int n = 0;
  NodeWord neighbors[kMostInWord];
  // [x]: nodes y whose edge to x has this mark at x, and at y; what has neither is a circle
  NodeWord arrow_here[kMostInWord], arrow_there[kMostInWord];
  NodeWord tail_here[kMostInWord], tail_there[kMostInWord];
};

// Where the set of a pair stands in an array of all pairs of nodes.
WHY_HOST_DEVICE inline int pair_index(int x, int y) {
  const int low = x < y ? x : y, high = x < y ? y : x;
  return high * (high - 1) / 2 + low;
}

WHY_HOST_DEVICE inline NodeWord circle_here(const SmallMarks& m, int x) {
  return m.neighbors[x] & ~m.arrow_here[x] & ~m.tail_here[x];
}
WHY_HOST_DEVICE inline bool is_circle_at(const SmallMarks& m, int x, int other) {
  return in_word(circle_here(m, x), other);
}
WHY_HOST_DEVICE inline NodeWord parents(const SmallMarks& m, int x) {  // y --> x
  return m.arrow_here[x] & m.tail_there[x];
}

// Makes the circle at y of the edge x - y an arrowhead or a tail; true if it did. Other marks stay.
WHY_HOST_DEVICE inline bool put_arrow(SmallMarks& m, int x, int y) {
  if (!is_circle_at(m, y, x)) return false;
  m.arrow_here[y] |= word_of(x);
  m.arrow_there[x] |= word_of(y);
  return true;
}
WHY_HOST_DEVICE inline bool put_tail(SmallMarks& m, int x, int y) {
  if (!is_circle_at(m, y, x)) return false;
  m.tail_here[y] |= word_of(x);
  m.tail_there[x] |= word_of(y);
  return true;
}
WHY_HOST_DEVICE inline bool put_directed(SmallMarks& m, int from, int to) {
  const bool tail = put_tail(m, to, from);
  return put_arrow(m, from, to) || tail;
}
WHY_HOST_DEVICE inline bool put_bidirected(SmallMarks& m, int x, int y) {
  const bool arrow = put_arrow(m, y, x);
  return put_arrow(m, x, y) || arrow;
}

// Calls use(b, c) for every b o-* c; use may change marks. True if one of the calls returned true.
template <class Use>
WHY_HOST_DEVICE bool for_each_circle(SmallMarks& m, Use&& use) {
  bool changed = false;
  for (int b = 0; b < m.n; ++b)
    for (NodeWord rest = circle_here(m, b); rest != 0; rest &= rest - 1) {
      const int c = lowest(rest);
      if (is_circle_at(m, b, c)) changed |= use(b, c);
    }
  return changed;
}

// The rules as orientation_rules.cc draws them.

WHY_HOST_DEVICE inline void rule0(SmallMarks& m, const NodeWord* sets) {
  for (int y = 1; y < m.n; ++y)
    for (int x = 0; x < y; ++x) {
      if (in_word(m.neighbors[x], y)) continue;
      const NodeWord between = m.neighbors[x] & m.neighbors[y];
      for (NodeWord rest = between & ~sets[pair_index(x, y)]; rest != 0; rest &= rest - 1) {
        const int z = lowest(rest);
        put_arrow(m, x, z);
        put_arrow(m, y, z);
      }
    }
}

WHY_HOST_DEVICE inline bool rule1(SmallMarks& m) {
  return for_each_circle(m, [&](int b, int c) {
    const NodeWord a = m.arrow_here[b] & ~word_of(c) & ~m.neighbors[c];
    return a != 0 && put_directed(m, b, c);
  });
}

WHY_HOST_DEVICE inline bool rule2(SmallMarks& m) {
  return for_each_circle(m, [&](int c, int a) {
    const NodeWord b = m.arrow_there[a] & m.arrow_here[c] & (m.tail_here[a] | m.tail_there[c]);
    return b != 0 && put_arrow(m, a, c);
  });
}

WHY_HOST_DEVICE inline bool rule3(SmallMarks& m) {
  return for_each_circle(m, [&](int b, int d) {
    const NodeWord ends = m.arrow_here[b] & circle_here(m, d);
    for (NodeWord rest = ends; rest != 0; rest &= rest - 1) {
      const int x = lowest(rest);
      if ((ends & ~word_of(x) & ~m.neighbors[x]) != 0) return put_arrow(m, d, b);
    }
    return false;
  });
}

// The first node of a discriminating path <d, ..., a, b, c> for b, or -1.
WHY_HOST_DEVICE inline int discriminating_end(const SmallMarks& m, int a, int b, int c) {
  const NodeWord between = parents(m, c);
  NodeWord taken = word_of(a);
  signed char queue[kMostInWord];
  queue[0] = static_cast<signed char>(a);
  for (int i = 0, count = 1; i < count; ++i) {
    const int q = queue[i];
    const NodeWord ends = m.arrow_here[q] & ~word_of(b) & ~word_of(c) & ~m.neighbors[c];
    if (ends != 0) return lowest(ends);
    NodeWord next = m.arrow_here[q] & m.arrow_there[q] & between & ~taken;
    taken |= next;
    for (; next != 0; next &= next - 1) queue[count++] = static_cast<signed char>(lowest(next));
  }
  return -1;
}

WHY_HOST_DEVICE inline bool rule4(SmallMarks& m, const NodeWord* sets) {
  return for_each_circle(m, [&](int b, int c) {
    bool changed = false;
    for (NodeWord rest = parents(m, c) & m.arrow_there[b]; rest != 0; rest &= rest - 1) {
      if (!is_circle_at(m, b, c)) break;  // done by another a
      const int a = lowest(rest), d = discriminating_end(m, a, b, c);
      if (d < 0) continue;
      if (in_word(sets[pair_index(d, c)], b)) {
        changed |= put_directed(m, b, c);
      } else {
        changed |= put_bidirected(m, a, b);
        changed |= put_bidirected(m, b, c);
      }
    }
    return changed;
  });
}

// Forgets all marks and applies R0. sets: [pair_index] what separates those that are not adjacent.
WHY_HOST_DEVICE inline void orient_small_colliders(SmallMarks& m, const NodeWord* sets) {
  for (int x = 0; x < m.n; ++x) m.arrow_here[x] = m.arrow_there[x] = m.tail_here[x] = m.tail_there[x] = 0;
  rule0(m, sets);
}

// The same, and then R1-R4 to their fixpoint.
WHY_HOST_DEVICE inline void orient_small(SmallMarks& m, const NodeWord* sets) {
  orient_small_colliders(m, sets);
  while (rule1(m) || rule2(m) || rule3(m) || rule4(m, sets)) {
  }
}

}  // namespace why
