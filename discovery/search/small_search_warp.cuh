// What a warp does in every search of a small graph (small_search_cuda.h): questions, 32 at a time, and what
// comes of them. Searches derive from it.
#pragma once

#include "discovery/search/sep_sets.h"
#include "discovery/search/small_marks.h"
#include "discovery/search/small_search_cuda.h"
#include "discovery/stats/partial_correlation.h"

namespace why::cuda {

inline constexpr int kWarp = 32;
inline constexpr int kBinomialsInRow = kLargestSmallSet + 1;

// One problem, and where its answers go.
struct SmallTask {
  int n;
  const SmallLimits& limits;
  const double* values;           // [n, n]
  const std::int64_t* binomials;  // binomials_up_to(kMostInWord, kBinomialsInRow)
  // as in SmallOutcome
  signed char* stage;
  NodeWord* sets;
  double* rho;
};

// A warp's memory; searches add to it.
struct SmallState {
  SmallMarks marks;
  SmallGraph graph;  // at the start of the round
};

// All lanes of a warp run each of its functions together, with the same arguments.
class SmallWarp {
 protected:
  enum class Verdict { none_separates, separated, given_back };

  __device__ SmallWarp(const SmallTask& task, SmallState& state, int lane)
      : task_(task), n_(task.n), state_(state), lane_(lane) {}

  // Asks about every pair given nothing; the graph is then what is left. False: an answer is in doubt.
  __device__ bool ask_unconditionally(Stage stage) {
    bool clear = true;
    for (int y = 1; y < n_; ++y)
      for (int first = 0; first < y; first += kWarp) {
        const int x = first + lane_;
        PartialCorrelation r;
        Answer answer = Answer::none;
        if (x < y) {
          r = residual_correlation(1, 1, task_.values[static_cast<std::int64_t>(x) * n_ + y]);
          answer = decide(r, 0);
          const bool separated = answer == Answer::independent;
          keep(x, y, separated ? static_cast<int>(stage) : -1, 0, separated ? r.rho : 0);
        }
        clear &= !any(answer == Answer::doubtful);
        out_.tests[0] += count(answer != Answer::none);
        out_.degenerate += count(is_degenerate(r, answer));
      }
    meet();
    for (int x = lane_; x < n_; x += kWarp) {
      NodeWord neighbors = 0;
      for (int y = 0; y < n_; ++y)
        if (y != x && task_.stage[pair_index(x, y)] < 0) neighbors |= word_of(y);
      state_.marks.neighbors[x] = neighbors;
      state_.marks.arrow_here[x] = state_.marks.arrow_there[x] = 0;
    }
    if (lane_ == 0) state_.marks.n = state_.graph.n = n_;
    meet();
    ++out_.sizes.asked;
    return clear;
  }

  // Asks about the sets set_at(0) ... set_at(size - 1) of k nodes until one separates, whose edge is removed.
  template <class SetAt>
  __device__ Verdict ask_sets(int x, int y, int k, std::int64_t size, Stage stage, SetAt&& set_at) {
    for (std::int64_t first = 0; first < size; first += kWarp) {
      NodeWord set = 0;
      PartialCorrelation r;
      Answer answer = Answer::none;
      if (first + lane_ < size) {
        set = set_at(first + lane_);
        r = correlation(x, y, set, k);
        answer = decide(r, k);
      }
      const unsigned separate = lanes(answer == Answer::independent);
      const int winner = separate != 0 ? __ffs(static_cast<int>(separate)) - 1 : kWarp;
      const bool counts = lane_ <= winner && answer != Answer::none;
      if (any(counts && answer == Answer::doubtful)) return Verdict::given_back;
      out_.tests[k] += count(counts);
      out_.degenerate += count(counts && is_degenerate(r, answer));
      if (winner == kWarp) continue;
      if (lane_ == winner) {
        keep(x, y, static_cast<int>(stage), set, r.rho);
        disconnect(x, y);
      }
      return Verdict::separated;
    }
    return Verdict::none_separates;
  }

  __device__ bool no_edge_is_left() const {
    for (int x = 0; x < n_; ++x)
      if (state_.marks.neighbors[x] != 0) return false;
    return true;
  }

  // The graph as it is now, for PDS-paths and for going through its edges while they are removed.
  __device__ void begin_round() {
    for (int x = lane_; x < n_; x += kWarp) {
      state_.graph.neighbors[x] = state_.marks.neighbors[x];
      state_.graph.arrow_from[x] = state_.marks.arrow_here[x];
    }
    meet();
  }

  __device__ static void meet() { __syncwarp(); }
  __device__ static bool any(bool here) { return lanes(here) != 0; }

  const SmallTask& task_;
  int n_;
  SmallState& state_;
  int lane_;
  SmallCounts out_;  // each lane has it

 private:
  enum class Answer { none, dependent, independent, doubtful };

  __device__ PartialCorrelation correlation(int x, int y, NodeWord set, int k) const {
    int z[kLargestSmallSet];
    double workspace[ConditionedPair::workspace_size(kLargestSmallSet)];
    for (int i = 0; set != 0; set &= set - 1, ++i) z[i] = lowest(set);
    return partial_correlation(task_.values, n_, x, y, z, k, workspace);
  }

  // As FisherZ and StudentT decide.
  __device__ Answer decide(const PartialCorrelation& r, int k) const {
    if (task_.limits.positive_only && r.rho <= 0) return Answer::independent;
    if (r.degenerate) return Answer::dependent;
    const double size = fabs(r.rho);
    if (size < task_.limits.below[k]) return Answer::independent;
    return size > task_.limits.above[k] ? Answer::dependent : Answer::doubtful;
  }

  __device__ static bool is_degenerate(const PartialCorrelation& r, Answer answer) {
    return r.degenerate && answer == Answer::dependent;
  }

  __device__ void keep(int x, int y, int stage, NodeWord set, double rho) {
    const int pair = pair_index(x, y);
    task_.stage[pair] = static_cast<signed char>(stage);
    task_.sets[pair] = set;
    task_.rho[pair] = rho;
  }

  __device__ void disconnect(int x, int y) {
    state_.marks.neighbors[x] &= ~word_of(y);
    state_.marks.neighbors[y] &= ~word_of(x);
  }

  __device__ static unsigned lanes(bool here) { return __ballot_sync(0xffffffffu, here); }
  __device__ static int count(bool here) { return __popc(lanes(here)); }
};

}  // namespace why::cuda
