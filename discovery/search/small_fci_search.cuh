// The adjacency search of PC-stable (skeleton.h), and what FCI asks behind it (fci.h), by a warp.
#pragma once

#include "discovery/search/small_search_warp.cuh"
#include "discovery/stats/set_blocks.h"

namespace why::cuda {

class SmallSkeleton : public SmallWarp {
 public:
  static constexpr int kMostWarps = 4096;  // its registers leave room for 24 a multiprocessor

  struct State : SmallState {
    NodeWord pools[kMostInWord];    // of each node, without itself
    signed char pool[kMostInWord];  // the candidates that are asked about now, ascending
  };

  __device__ SmallSkeleton(const SmallTask& task, State& state, int lane)
      : SmallWarp(task, state, lane), work_(state) {}

  __device__ SmallCounts run() {
    out_.done = n_ < 2 || ask_adjacencies();
    return out_;
  }

 protected:
  enum class Size { asked, last, given_back };

  // False, here and below: to be done on the CPU.
  __device__ bool ask_adjacencies() {
    if (!ask_unconditionally(Stage::adjacency)) return false;
    for (;;) {
      for (int x = lane_; x < n_; x += kWarp) work_.pools[x] = work_.marks.neighbors[x];
      const Size size = ask_size(out_.sizes.asked, task_.limits.max_order, Stage::adjacency, out_.sizes);
      if (size != Size::asked) return size == Size::last;
    }
  }

  // Asks about the sets of k nodes out of the pools, if there are some, if they may be asked.
  __device__ Size ask_size(int k, int max_order, Stage stage, SmallSizes& sizes) {
    begin_round();
    if (!has_pool_of_size(k)) return Size::last;
    if (k > max_order) {
      sizes.bounded = true;
      return Size::last;
    }
    if (k > kLargestSmallSet || !ask_edges(k, stage)) return Size::given_back;
    ++sizes.asked;
    return Size::asked;
  }

  State& work_;

 private:
  __device__ NodeWord candidates(int x, int y) const { return work_.pools[x] & ~word_of(y); }

  __device__ bool has_pool_of_size(int k) const {
    for (int x = 0; x < n_; ++x)
      for (NodeWord rest = work_.graph.neighbors[x]; rest != 0; rest &= rest - 1)
        if (count_in(candidates(x, lowest(rest))) >= k) return true;
    return false;
  }

  __device__ bool ask_edges(int k, Stage stage) {
    for (int x = 0; x < n_; ++x)
      for (NodeWord rest = work_.graph.neighbors[x] & ~first_words(x + 1); rest != 0; rest &= rest - 1)
        if (!ask_edge(x, lowest(rest), k, stage)) return false;
    meet();
    return true;
  }

  // Sets at x, then at y unless all of these were among them.
  __device__ bool ask_edge(int x, int y, int k, Stage stage) {
    const NodeWord at_x = candidates(x, y), at_y = candidates(y, x);
    Verdict verdict = ask_pool(x, y, at_x, k, stage);
    if (verdict == Verdict::none_separates && (at_y & ~at_x) != 0) verdict = ask_pool(x, y, at_y, k, stage);
    return verdict != Verdict::given_back;
  }

  __device__ Verdict ask_pool(int x, int y, NodeWord pool, int k, Stage stage) {
    const int m = count_in(pool);
    const std::int64_t sets = task_.binomials[m * kBinomialsInRow + k];
    if (sets > task_.limits.max_tests - num_tests()) return Verdict::given_back;
    list_pool(pool);
    return ask_sets(x, y, k, sets, stage, [this, m, k](std::int64_t rank) { return set_at(m, k, rank); });
  }

  __device__ std::int64_t num_tests() const {
    std::int64_t out = 0;
    for (int k = 0; k <= kLargestSmallSet; ++k) out += out_.tests[k];
    return out;
  }

  __device__ void list_pool(NodeWord pool) {
    meet();  // nobody reads the one before
    for (int x = lane_; x < n_; x += kWarp)
      if (in_word(pool, x)) work_.pool[count_in(pool & first_words(x))] = static_cast<signed char>(x);
    meet();
  }

  __device__ NodeWord set_at(int m, int k, std::int64_t rank) const {
    int at[kLargestSmallSet];
    place_subset(at, m, k, rank, task_.binomials, kBinomialsInRow);
    NodeWord out = 0;
    for (int i = 0; i < k; ++i) out |= word_of(work_.pool[at[i]]);
    return out;
  }
};

class SmallFci : public SmallSkeleton {
 public:
  using SmallSkeleton::SmallSkeleton;

  __device__ SmallCounts run() {
    out_.done = n_ < 2 || (ask_adjacencies() && ask_possible_d_sep());
    return out_;
  }

 private:
  __device__ bool ask_possible_d_sep() {
    orient_colliders();
    take_possible_d_sep();
    for (;;) {
      const Size size =
          ask_size(out_.pds.asked + 1, task_.limits.max_pds_order, Stage::possible_d_sep, out_.pds);
      if (size != Size::asked) return size == Size::last;
    }
  }

  __device__ void orient_colliders() {
    if (lane_ == 0) orient_small_colliders(work_.marks, task_.sets);
    meet();
  }

  // Pools of the graph as it is now; the stage's edges may all have sets out of them.
  __device__ void take_possible_d_sep() {
    begin_round();
    for (int x = lane_; x < n_; x += kWarp) {
      NodeWord pool = 0;
      for_each_depth(work_.graph, x, -1, [&pool](int, NodeWord reached) { pool |= reached; });
      work_.pools[x] = pool;
    }
    meet();
  }
};

}  // namespace why::cuda
