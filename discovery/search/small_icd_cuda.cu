#include <algorithm>
#include <iterator>

#include "core/cuda.h"
#include "discovery/search/small_icd_cuda.h"
#include "discovery/search/small_marks.h"
#include "discovery/stats/partial_correlation.h"

namespace why::cuda {
namespace {

constexpr int kWarp = 32;
constexpr int kWarpsTogether = 4;
constexpr int kMostWarps = 1024;  // the kernel's registers leave room for eight a multiprocessor
constexpr unsigned kAllLanes = 0xffffffffu;

struct Problem {
  std::int64_t values, pairs;  // where its matrix and its pairs begin
  int n, last_order;
  bool positive_only;
  double below[kLargestSmallSet + 1], above[kLargestSmallSet + 1];
};

struct Outcome {
  std::int64_t tests[kLargestSmallSet + 1];
  std::int64_t degenerate;
  int rounds;
  bool done, bounded;
};

struct ListedSet {
  NodeWord set;
  int depth_sum;
};

// A warp's memory.
struct Workspace {
  SmallMarks marks;
  SmallGraph graph;             // at the start of the round
  NodeWord above[kMostInWord];  // possible ancestors, from round 2 on
  signed char depth[kMostInWord][kMostInWord];
  int num_listed;
  ListedSet listed[kMostListed];
};

struct Batch {
  const Problem* problems;
  int count;
  const double* values;
  Workspace* workspaces;
  int* next;  // problem that no warp has taken
  Outcome* outcomes;
  signed char* order;
  NodeWord* sets;
  double* rho;
};

__device__ bool comes_first(const ListedSet& a, const ListedSet& b) {
  return a.depth_sum != b.depth_sum ? a.depth_sum < b.depth_sum : why::comes_first(a.set, b.set);
}

enum class Answer { none, dependent, independent, doubtful };

// All lanes of a warp run each of its functions together, with the same arguments.
class Search {
 public:
  __device__ Search(const Batch& batch, int number, Workspace& work, int lane)
      : problem_(batch.problems[number]),
        values_(batch.values + problem_.values),
        n_(problem_.n),
        work_(work),
        lane_(lane),
        order_(batch.order + problem_.pairs),
        sets_(batch.sets + problem_.pairs),
        rho_(batch.rho + problem_.pairs) {}

  __device__ void run(Outcome& result) {
    for (int k = 0; k <= kLargestSmallSet; ++k) out_.tests[k] = 0;
    out_.degenerate = 0;
    out_.rounds = 0;
    out_.bounded = false;
    out_.done = n_ < 2 || ask_rounds();
    if (lane_ == 0) result = out_;
  }

 private:
  // False: to be done on the CPU.
  __device__ bool ask_rounds() {
    if (!ask_unconditionally()) return false;
    for (int r = 1;; ++r) {
      if (r > 1) orient();  // round 1 looks at no mark
      ++out_.rounds;
      if (no_edge_is_left()) return true;
      if (r > kLargestSmallSet) return false;
      begin_round(r);
      if (r > problem_.last_order) {
        out_.bounded = has_sets(r);
        return true;
      }
      if (!ask_edges(r)) return false;
      if (out_.tests[r] == 0) return true;  // there was no set
    }
  }

  __device__ bool no_edge_is_left() const {
    for (int x = 0; x < n_; ++x)
      if (work_.marks.neighbors[x] != 0) return false;
    return true;
  }

  __device__ bool ask_unconditionally() {
    bool clear = true;
    for (int y = 1; y < n_; ++y)
      for (int first = 0; first < y; first += kWarp) {
        const int x = first + lane_;
        PartialCorrelation r;
        Answer answer = Answer::none;
        if (x < y) {
          r = residual_correlation(1, 1, values_[static_cast<std::int64_t>(x) * n_ + y]);
          answer = decide(r, 0);
          const bool separated = answer == Answer::independent;
          keep(x, y, separated ? 0 : -1, 0, separated ? r.rho : 0);
        }
        clear &= !any(answer == Answer::doubtful);
        out_.tests[0] += count(answer != Answer::none);
        out_.degenerate += count(is_degenerate(r, answer));
      }
    meet();
    for (int x = lane_; x < n_; x += kWarp) {
      NodeWord neighbors = 0;
      for (int y = 0; y < n_; ++y)
        if (y != x && order_[pair_index(x, y)] < 0) neighbors |= word_of(y);
      work_.marks.neighbors[x] = neighbors;
      work_.marks.arrow_here[x] = work_.marks.arrow_there[x] = 0;
    }
    if (lane_ == 0) work_.marks.n = work_.graph.n = n_;
    meet();
    return clear;
  }

  __device__ void orient() {
    if (lane_ == 0) orient_small(work_.marks, sets_);
    meet();
  }

  // The graph as it is now, its trees, and who may be an ancestor of whom.
  __device__ void begin_round(int r) {
    for (int x = lane_; x < n_; x += kWarp) {
      work_.graph.neighbors[x] = work_.marks.neighbors[x];
      work_.graph.arrow_from[x] = work_.marks.arrow_here[x];
      work_.above[x] = word_of(x) | (work_.marks.neighbors[x] & ~work_.marks.arrow_there[x]);
    }
    meet();
    for (int x = lane_; x < n_; x += kWarp) {
      signed char* depth = work_.depth[x];
      for (int y = 0; y < n_; ++y) depth[y] = -1;
      depth[x] = 0;
      for_each_depth(work_.graph, x, r, [depth](int at, NodeWord reached) {
        for (; reached != 0; reached &= reached - 1) depth[lowest(reached)] = static_cast<signed char>(at);
      });
    }
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
        if (!ask_listed(x, y, r, size)) return false;
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

  // False: an answer is in doubt.
  __device__ bool ask_listed(int x, int y, int r, int size) {
    for (int first = 0; first < size; first += kWarp) {
      const int i = first + lane_;
      PartialCorrelation answered;
      Answer answer = Answer::none;
      if (i < size) {
        answered = correlation(x, y, work_.listed[i].set, r);
        answer = decide(answered, r);
      }
      const unsigned separate = lanes(answer == Answer::independent);
      const int winner = separate != 0 ? __ffs(static_cast<int>(separate)) - 1 : kWarp;
      const bool counts = lane_ <= winner && answer != Answer::none;
      if (any(counts && answer == Answer::doubtful)) return false;
      out_.tests[r] += count(counts);
      out_.degenerate += count(counts && is_degenerate(answered, answer));
      if (winner == kWarp) continue;
      if (lane_ == winner) {
        keep(x, y, r, work_.listed[i].set, answered.rho);
        work_.marks.neighbors[x] &= ~word_of(y);
        work_.marks.neighbors[y] &= ~word_of(x);
      }
      break;
    }
    return true;
  }

  __device__ PartialCorrelation correlation(int x, int y, NodeWord set, int k) const {
    int z[kLargestSmallSet];
    double workspace[ConditionedPair::workspace_size(kLargestSmallSet)];
    for (int i = 0; set != 0; set &= set - 1, ++i) z[i] = lowest(set);
    return partial_correlation(values_, n_, x, y, z, k, workspace);
  }

  // As FisherZ and StudentT decide.
  __device__ Answer decide(const PartialCorrelation& r, int k) const {
    if (problem_.positive_only && r.rho <= 0) return Answer::independent;
    if (r.degenerate) return Answer::dependent;
    const double size = fabs(r.rho);
    if (size < problem_.below[k]) return Answer::independent;
    return size > problem_.above[k] ? Answer::dependent : Answer::doubtful;
  }

  __device__ static bool is_degenerate(const PartialCorrelation& r, Answer answer) {
    return r.degenerate && answer == Answer::dependent;
  }

  __device__ void keep(int x, int y, int k, NodeWord set, double rho) {
    const int pair = pair_index(x, y);
    order_[pair] = static_cast<signed char>(k);
    sets_[pair] = set;
    rho_[pair] = rho;
  }

  __device__ static void meet() { __syncwarp(); }
  __device__ static unsigned lanes(bool here) { return __ballot_sync(kAllLanes, here); }
  __device__ static bool any(bool here) { return lanes(here) != 0; }
  __device__ static int count(bool here) { return __popc(lanes(here)); }

  const Problem& problem_;
  const double* values_;
  int n_;
  Workspace& work_;
  int lane_;
  signed char* order_;
  NodeWord* sets_;
  double* rho_;
  Outcome out_;  // each lane has it
};

// Warps take one problem after the other.
__global__ void search_graphs(Batch batch) {
  const int lane = static_cast<int>(threadIdx.x % kWarp);
  Workspace& work = batch.workspaces[blockIdx.x * kWarpsTogether + threadIdx.x / kWarp];
  for (;;) {
    int number = lane == 0 ? atomicAdd(batch.next, 1) : 0;
    number = __shfl_sync(kAllLanes, number, 0);
    if (number >= batch.count) return;
    Search(batch, number, work, lane).run(batch.outcomes[number]);
    __syncwarp();
  }
}

// What goes to the device and comes back.
class Launch {
 public:
  explicit Launch(std::span<const SmallIcdProblem> problems) {
    for (const SmallIcdProblem& problem : problems) {
      Problem moved{static_cast<std::int64_t>(values_.size()),
                    pairs_,
                    problem.matrix->n,
                    problem.last_order,
                    problem.positive_only,
                    {},
                    {}};
      std::ranges::copy(problem.below, moved.below);
      std::ranges::copy(problem.above, moved.above);
      moved_.push_back(moved);
      values_.insert(values_.end(), problem.matrix->values.begin(), problem.matrix->values.end());
      pairs_ += num_pairs(moved.n);
    }
  }

  std::vector<SmallIcdOutcome> run(cudaStream_t stream) const {
    const auto pairs = static_cast<std::size_t>(pairs_);
    const int count = static_cast<int>(moved_.size());
    const int blocks = (std::min(count, kMostWarps) + kWarpsTogether - 1) / kWarpsTogether;
    const Buffer<Workspace> workspaces(static_cast<std::size_t>(blocks * kWarpsTogether), stream);
    const Buffer<Problem> problems = to_device<Problem>(moved_, stream);
    const Buffer<double> values = to_device<double>(values_, stream);
    const int none_taken = 0;
    const Buffer<int> next = to_device<int>({&none_taken, 1}, stream);
    const Buffer<Outcome> outcomes(moved_.size(), stream);
    const Buffer<signed char> order(pairs, stream);
    const Buffer<NodeWord> sets(pairs, stream);
    const Buffer<double> rho(pairs, stream);
    launch(search_graphs, static_cast<unsigned>(blocks), kWarp * kWarpsTogether, stream,
           Batch{problems.data(), count, values.data(), workspaces.data(), next.data(), outcomes.data(),
                 order.data(), sets.data(), rho.data()});
    return taken_apart(to_host(outcomes, stream), to_host(order, stream), to_host(sets, stream),
                       to_host(rho, stream));
  }

 private:
  static std::int64_t num_pairs(int n) { return std::int64_t{n} * (n - 1) / 2; }

  std::vector<SmallIcdOutcome> taken_apart(const std::vector<Outcome>& outcomes,
                                           const std::vector<signed char>& order,
                                           const std::vector<NodeWord>& sets,
                                           const std::vector<double>& rho) const {
    std::vector<SmallIcdOutcome> out(outcomes.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Outcome& from = outcomes[i];
      SmallIcdOutcome& to = out[i];
      to.done = from.done;
      to.rounds = from.rounds;
      to.bounded = from.bounded;
      std::ranges::copy(from.tests, to.tests);
      to.degenerate = from.degenerate;
      const auto begin = moved_[i].pairs, end = begin + num_pairs(moved_[i].n);
      to.order.assign(order.begin() + begin, order.begin() + end);
      to.sets.assign(sets.begin() + begin, sets.begin() + end);
      to.rho.assign(rho.begin() + begin, rho.begin() + end);
    }
    return out;
  }

  std::vector<Problem> moved_;
  std::vector<double> values_;
  std::int64_t pairs_ = 0;
};

void search(std::span<const SmallIcdProblem> problems, cudaStream_t stream,
            std::vector<SmallIcdOutcome>& out) {
  if (problems.empty()) return;
  try {
    std::vector<SmallIcdOutcome> found = Launch(problems).run(stream);
    std::move(found.begin(), found.end(), std::back_inserter(out));
  } catch (const OutOfMemory&) {
    const std::size_t half = problems.size() / 2;
    if (half == 0) {
      out.emplace_back();  // not done
      return;
    }
    search(problems.first(half), stream, out);
    search(problems.subspan(half), stream, out);
  }
}

}  // namespace

std::vector<SmallIcdOutcome> search_small_graphs(std::span<const SmallIcdProblem> problems, int index) {
  const Stream stream(index);
  std::vector<SmallIcdOutcome> out;
  out.reserve(problems.size());
  search(problems, stream.get(), out);
  return out;
}

}  // namespace why::cuda
