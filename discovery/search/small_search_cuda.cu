#include <algorithm>
#include <iterator>

#include "core/cuda.h"
#include "core/errors.h"
#include "discovery/search/small_fci_search.cuh"
#include "discovery/search/small_icd_search.cuh"
#include "discovery/search/small_search_cuda.h"

namespace why::cuda {
namespace {

constexpr int kWarpsTogether = 4;

struct Problem {
  const double* values;
  std::int64_t pairs;  // where they begin
  int n;
  SmallLimits limits;
};

template <class State>
struct Batch {
  const Problem* problems;
  int count;
  const std::int64_t* binomials;
  State* states;  // one a warp
  int* next;      // problem that no warp has taken
  SmallCounts* counts;
  signed char* stage;
  NodeWord* sets;
  double* rho;
};

// Warps take one problem after the other.
template <class Search>
__global__ void search_graphs(Batch<typename Search::State> batch) {
  const int lane = static_cast<int>(threadIdx.x % kWarp);
  auto& state = batch.states[blockIdx.x * kWarpsTogether + threadIdx.x / kWarp];
  for (;;) {
    int number = lane == 0 ? atomicAdd(batch.next, 1) : 0;
    number = __shfl_sync(0xffffffffu, number, 0);
    if (number >= batch.count) return;
    const Problem& problem = batch.problems[number];
    const SmallTask task{problem.n,
                         problem.limits,
                         problem.values,
                         batch.binomials,
                         batch.stage + problem.pairs,
                         batch.sets + problem.pairs,
                         batch.rho + problem.pairs};
    const SmallCounts counts = Search(task, state, lane).run();
    if (lane == 0) batch.counts[number] = counts;
    __syncwarp();
  }
}

// What goes to the device and comes back.
class Launch {
 public:
  explicit Launch(std::span<const SmallProblem> problems) {
    for (const SmallProblem& problem : problems) {
      moved_.push_back({problem.on_device, pairs_, problem.matrix->n, problem.limits});
      if (!problem.on_device)
        values_.insert(values_.end(), problem.matrix->values.begin(), problem.matrix->values.end());
      pairs_ += num_pairs(problem.matrix->n);
    }
  }

  template <class Search>
  std::vector<SmallOutcome> run(cudaStream_t stream) const {
    const auto pairs = static_cast<std::size_t>(pairs_);
    const int count = static_cast<int>(moved_.size());
    const int blocks = (std::min(count, Search::kMostWarps) + kWarpsTogether - 1) / kWarpsTogether;
    const Buffer<typename Search::State> states(static_cast<std::size_t>(blocks * kWarpsTogether), stream);
    const Buffer<double> values = to_device<double>(values_, stream);
    const std::vector<Problem> placed = placed_in(values.data());
    const Buffer<Problem> problems = to_device<Problem>(placed, stream);
    const Buffer<std::int64_t> binomials = to_device<std::int64_t>(binomials_, stream);
    const int none_taken = 0;
    const Buffer<int> next = to_device<int>({&none_taken, 1}, stream);
    const Buffer<SmallCounts> counts(moved_.size(), stream);
    const Buffer<signed char> stage(pairs, stream);
    const Buffer<NodeWord> sets(pairs, stream);
    const Buffer<double> rho(pairs, stream);
    launch(search_graphs<Search>, static_cast<unsigned>(blocks), kWarp * kWarpsTogether, stream,
           Batch<typename Search::State>{problems.data(), count, binomials.data(), states.data(), next.data(),
                                         counts.data(), stage.data(), sets.data(), rho.data()});
    return taken_apart(to_host(counts, stream), to_host(stage, stream), to_host(sets, stream),
                       to_host(rho, stream));
  }

 private:
  // The problems where those that are copied have their matrices from here on.
  std::vector<Problem> placed_in(const double* values) const {
    std::vector<Problem> out = moved_;
    for (Problem& problem : out)
      if (!problem.values) {
        problem.values = values;
        values += std::ptrdiff_t{problem.n} * problem.n;
      }
    return out;
  }

  static std::int64_t num_pairs(int n) { return std::int64_t{n} * (n - 1) / 2; }

  std::vector<SmallOutcome> taken_apart(const std::vector<SmallCounts>& counts,
                                        const std::vector<signed char>& stage,
                                        const std::vector<NodeWord>& sets,
                                        const std::vector<double>& rho) const {
    std::vector<SmallOutcome> out;
    out.reserve(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto begin = moved_[i].pairs, end = begin + num_pairs(moved_[i].n);
      out.push_back({counts[i],
                     {stage.begin() + begin, stage.begin() + end},
                     {sets.begin() + begin, sets.begin() + end},
                     {rho.begin() + begin, rho.begin() + end}});
    }
    return out;
  }

  std::vector<Problem> moved_;
  std::vector<double> values_;
  std::vector<std::int64_t> binomials_ = binomials_up_to(kMostInWord, kBinomialsInRow);
  std::int64_t pairs_ = 0;
};

template <class Search>
void search_each(std::span<const SmallProblem> problems, cudaStream_t stream,
                 std::vector<SmallOutcome>& out) {
  if (problems.empty()) return;
  try {
    std::vector<SmallOutcome> found = Launch(problems).run<Search>(stream);
    std::move(found.begin(), found.end(), std::back_inserter(out));
  } catch (const OutOfMemory&) {
    const std::size_t half = problems.size() / 2;
    if (half == 0) {
      out.emplace_back();  // not done
      return;
    }
    search_each<Search>(problems.first(half), stream, out);
    search_each<Search>(problems.subspan(half), stream, out);
  }
}

}  // namespace

std::vector<SmallOutcome> search_small_graphs(SmallSearch search, std::span<const SmallProblem> problems,
                                              int index) {
  const Stream stream(index);
  std::vector<SmallOutcome> out;
  out.reserve(problems.size());
  switch (search) {
    case SmallSearch::icd:
      search_each<SmallIcd>(problems, stream.get(), out);
      break;
    case SmallSearch::pc:
      search_each<SmallSkeleton>(problems, stream.get(), out);
      break;
    case SmallSearch::fci:
      search_each<SmallFci>(problems, stream.get(), out);
      break;
  }
  return out;
}

}  // namespace why::cuda
