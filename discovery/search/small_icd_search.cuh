// ICD (icd.h) by a warp.
#pragma once

#include "discovery/search/small_search_warp.cuh"

namespace why::cuda {

class SmallIcd : public SmallWarp {
 public:
  static constexpr int kMostWarps = 1024;  // its registers leave room for eight a multiprocessor

  struct ListedSet {
    NodeWord set;
    int depth_sum;
  };

  struct State : SmallState {
    NodeWord above[kMostInWord];  // possible ancestors, from round 2 on
    signed char depth[kMostInWord][kMostInWord];
    int num_listed;
    ListedSet listed[kMostListed];
  };

  __device__ SmallIcd(const SmallTask& task, State& state, int lane)
      : SmallWarp(task, state, lane), work_(state) {}

  __device__ SmallCounts run() {
    out_.done = n_ < 2 || ask_rounds();
    return out_;
  }

 private:
  // False: to be done on the CPU.
  __device__ bool ask_rounds() {
    if (!ask_unconditionally(Stage::icd_sep)) return false;
    for (int r = 1;; ++r) {
      if (r > 1) orient();  // round 1 looks at no mark
      if (no_edge_is_left()) return true;
      if (r > kLargestSmallSet) return false;
      begin_round(r);
      if (r > task_.limits.max_order) {
        out_.sizes.bounded = has_sets(r);
        return true;
      }
      if (!ask_edges(r)) return false;
      if (out_.tests[r] == 0) return true;  // there was no set
      ++out_.sizes.asked;
    }
  }

  __device__ void orient() {
    if (lane_ == 0) orient_small(work_.marks, task_.sets);
    meet();
  }

  // The graph as it is now, its trees, and who may be an ancestor of whom.
  __device__ void begin_round(int r) {
    SmallWarp::begin_round();
    for (int x = lane_; x < n_; x += kWarp) {
      work_.above[x] = word_of(x) | (work_.marks.neighbors[x] & ~work_.marks.arrow_there[x]);
      signed char* depth = work_.depth[x];
      for (int y = 0; y < n_; ++y) depth[y] = -1;
      depth[x] = 0;
      for_each_depth(work_.graph, x, r, [depth](int at, NodeWord reached) {
        for (; reached != 0; reached &= reached - 1) depth[lowest(reached)] = static_cast<signed char>(at);
      });
    }
    meet();
    for (int y = 0; y < n_; ++y) {  // Warshall
      for (int x = lane_; x < n_; x += kWarp)
        if (x != y && in_word(work_.above[x], y)) work_.above[x] |= work_.above[y];
      meet();
    }
  }

  __device__ NodeWord members_for(int x, int y, int r) const {
    const NodeWord* around = r > 1 ? work_.above : work_.graph.neighbors;
    return (around[x] | around[y]) & ~word_of(x) & ~word_of(y);
  }

  __device__ bool has_sets(int r) const {
    bool any_here = false;
    for (int x = 0; x < n_; ++x)
      for (int y = x + 1 + lane_; y < n_ && !any_here; y += kWarp) {
        if (!in_word(work_.graph.neighbors[x], y)) continue;
        const NodeWord members = members_for(x, y, r);
        any_here = SmallLegalSets(work_.graph, x, r, members, work_.depth[x]).next() ||
                   SmallLegalSets(work_.graph, y, r, members, work_.depth[y]).next();
      }
    return any(any_here);
  }

  // False: to be done on the CPU.
  __device__ bool ask_edges(int r) {
    for (int x = 0; x < n_; ++x)
      for (NodeWord rest = work_.graph.neighbors[x] & ~first_words(x + 1); rest != 0; rest &= rest - 1) {
        const int y = lowest(rest), size = list_sets(x, y, r);
        if (size > kMostListed) return false;
        sort_listed(size);
        const auto set_at = [this](std::int64_t i) { return work_.listed[i].set; };
        if (ask_sets(x, y, r, size, Stage::icd_sep, set_at) == Verdict::given_back) return false;
      }
    meet();
    return true;
  }

  // All sets for the edge, in no order; their number.
  __device__ int list_sets(int x, int y, int r) {
    meet();  // nobody reads the list of another edge
    if (lane_ == 0) work_.num_listed = 0;
    meet();
    const NodeWord members = members_for(x, y, r);
    list_sets_of_end(x, y, r, members);
    list_sets_of_end(y, x, r, members);
    meet();
    return work_.num_listed;
  }

  // Those legal from `end` that are not nearer to the other, or as near to the other where that comes first.
  __device__ void list_sets_of_end(int end, int other, int r, NodeWord members) {
    const int least = other < end ? 0 : 1;
    for (SmallLegalSets sets(work_.graph, end, r, members, work_.depth[end], mine(members)); sets.next();) {
      const int nearer_by = sets.depth_sum() - sum_of_depths(other, sets.set());
      if (nearer_by >= least && is_legal(work_.graph, other, sets.set())) continue;
      const int at = atomicAdd(&work_.num_listed, 1);
      if (at >= kMostListed) break;
      work_.listed[at] = {sets.set(), sets.depth_sum()};
    }
  }

  // Which of these this lane begins its sets with.
  __device__ NodeWord mine(NodeWord members) const {
    NodeWord out = 0;
    for (int i = 0; members != 0; members &= members - 1, ++i)
      if (i % kWarp == lane_) out |= word_of(lowest(members));
    return out;
  }

  // Larger than any sum where some member is not in the tree.
  __device__ int sum_of_depths(int root, NodeWord set) const {
    int out = 0;
    for (; set != 0; set &= set - 1) {
      const int depth = work_.depth[root][lowest(set)];
      out += depth < 0 ? kMostInWord * kMostInWord : depth;
    }
    return out;
  }

  // Batcher's bitonic sort; what is behind the end counts as last.
  __device__ void sort_listed(int size) {
    for (int run = 2; run / 2 < size; run *= 2) {
      for_each_pair(size, run / 2, [&](int i) { return i / run * run + run - 1 - i % run; });
      for (int step = run / 4; step > 0; step /= 2)
        for_each_pair(size, step, [&](int i) { return i + step; });
    }
  }

  // Puts i and partner(i) in order, for every i whose bit `step` is not set.
  template <class Partner>
  __device__ void for_each_pair(int size, int step, Partner&& partner) {
    for (int t = lane_;; t += kWarp) {
      const int i = t / step * 2 * step + t % step;
      if (i >= size) break;
      const int j = partner(i);
      if (j >= size) continue;
      const ListedSet a = work_.listed[i], b = work_.listed[j];
      if (!comes_first(b, a)) continue;
      work_.listed[i] = b;
      work_.listed[j] = a;
    }
    meet();
  }

  __device__ static bool comes_first(const ListedSet& a, const ListedSet& b) {
    return a.depth_sum != b.depth_sum ? a.depth_sum < b.depth_sum : why::comes_first(a.set, b.set);
  }

  State& work_;
};

}  // namespace why::cuda
