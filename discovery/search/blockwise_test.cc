#include "discovery/search/blockwise_test.h"

#include <algorithm>

#include "core/errors.h"
#include "core/parallel.h"
#include "discovery/search/first_separating.h"
#ifdef WHYFORMER_HAS_CUDA
#include "discovery/stats/set_blocks_cuda.h"
#endif

namespace why {
namespace {

constexpr std::int64_t kMostBlocks = 1 << 18;  // in one batch: 9 MB

bool goes_in_blocks(int k) { return k >= 1 && k <= kLargestBlockSet; }
bool goes_in_blocks(const PoolTask& task) {
  return goes_in_blocks(task.k) && (task.ascending || std::ranges::is_sorted(task.pool));
}
bool goes_in_blocks(const ListTask& task) { return goes_in_blocks(task.k); }

std::span<const Node> nodes_of(const PoolTask& task) { return task.pool; }
std::span<const Node> nodes_of(const ListTask& task) { return task.sets; }

SetBlock block_of(const PoolTask& task, std::int64_t at, std::int64_t first, int count) {
  return {task.x, task.y, at, first, static_cast<int>(task.pool.size()), count};
}
SetBlock block_of(const ListTask& task, std::int64_t at, std::int64_t first, int count) {
  return {task.x, task.y, at + first * task.k, 0, 0, count};
}

// The sets with ranks first .. first + count - 1, one after the other.
std::vector<Node> sets_of(const PoolTask& task, std::int64_t first, std::int64_t count) {
  const int m = static_cast<int>(task.pool.size());
  std::vector<int> positions = first_subset(m);
  positions = subset_at(positions, task.k, first);
  std::vector<Node> out;
  do {
    for (const int position : positions) out.push_back(task.pool[static_cast<std::size_t>(position)]);
  } while (--count > 0 && next_subset(positions, m));
  return out;
}
std::vector<Node> sets_of(const ListTask& task, std::int64_t first, std::int64_t count) {
  const auto k = static_cast<std::size_t>(task.k);
  const auto sets =
      task.sets.subspan(static_cast<std::size_t>(first) * k, static_cast<std::size_t>(count) * k);
  return {sets.begin(), sets.end()};
}

// The tasks of one size of sets, asked about in rounds of blocks; more blocks a task in each round.
template <class Task>
class Rounds {
 public:
  Rounds(const CorrelationTest& test, SetScanner& scanner, std::span<const Task> tasks,
         std::vector<Separation>& out)
      : test_(test), scanner_(scanner), tasks_(tasks), out_(out), at_(tasks.size()) {}

  void run(std::vector<std::size_t> open) {
    k_ = tasks_[open.front()].k;
    for (const std::size_t task : open) {
      at_[task] = static_cast<std::int64_t>(nodes_.size());
      const auto nodes = nodes_of(tasks_[task]);
      nodes_.insert(nodes_.end(), nodes.begin(), nodes.end());
    }
    for (blocks_each_ = 1; !open.empty() && !test_.stop_requested(); blocks_each_ *= 4) {
      // as many tasks as fit into a batch; the others wait for their turn in this round
      std::vector<std::size_t> still_open;
      for (std::size_t begin = 0; begin < open.size() && !test_.stop_requested();) {
        const std::size_t end = add_blocks(open, begin);
        ask(still_open);
        begin = end;
      }
      open = std::move(still_open);
    }
  }

 private:
  struct Piece {  // of one task: blocks begin .. end - 1
    std::size_t task, begin, end;
  };

  std::size_t add_blocks(const std::vector<std::size_t>& open, std::size_t begin) {
    blocks_.clear();
    pieces_.clear();
    for (; begin < open.size() && static_cast<std::int64_t>(blocks_.size()) < kMostBlocks; ++begin) {
      const std::size_t number = open[begin];
      const Task& task = tasks_[number];
      const std::size_t first_block = blocks_.size();
      std::int64_t next = out_[number].tests;
      for (std::int64_t i = 0; i < blocks_each_ && next < total_sets(task) &&
                               static_cast<std::int64_t>(blocks_.size()) < kMostBlocks;
           ++i) {
        const auto count = static_cast<int>(std::min<std::int64_t>(kSetsInBlock, total_sets(task) - next));
        blocks_.push_back(block_of(task, at_[number], next, count));
        next += count;
      }
      pieces_.push_back({number, first_block, blocks_.size()});
    }
    return begin;
  }

  void ask(std::vector<std::size_t>& still_open) {
    const auto doubts = scanner_.first_in_doubt({k_, test_.sure_dependence(k_), nodes_, blocks_});
    parallel_for(pieces_.size(), test_.threads, [&](std::size_t i) { take(pieces_[i], doubts); });
    for (const Piece& piece : pieces_) {
      const Separation& found = out_[piece.task];
      if (!found && found.tests < total_sets(tasks_[piece.task])) still_open.push_back(piece.task);
    }
  }

  void take(const Piece& piece, const std::vector<int>& doubts) const {
    Separation& out = out_[piece.task];
    for (std::size_t b = piece.begin; b < piece.end && !out && !test_.stop_requested(); ++b) {
      out.tests += doubts[b];
      if (doubts[b] < blocks_[b].count) ask_on_cpu(piece.task, blocks_[b].count - doubts[b]);
    }
    const Task& task = tasks_[piece.task];
    if (!out && out.tests == total_sets(task))
      out.p_value = test_.ask(task.x, task.y, sets_of(task, out.tests - 1, 1)).p_value;
  }

  // The next sets of a task, which are in doubt or come after one that is.
  void ask_on_cpu(std::size_t number, int count) const {
    const Task& task = tasks_[number];
    Separation& out = out_[number];
    const std::vector<Node> sets = sets_of(task, out.tests, count);
    const ListTask rest{task.x, task.y, sets, k_, count};
    const Separation found = test_.separate_here(rest);
    if (found) out.rank = out.tests + found.rank;
    out.p_value = found.p_value;
    out.tests += found.tests;
    out.degenerate += found.degenerate;
  }

  const CorrelationTest& test_;
  SetScanner& scanner_;
  std::span<const Task> tasks_;
  std::vector<Separation>& out_;
  int k_ = 0;
  std::int64_t blocks_each_ = 1;
  std::vector<Node> nodes_;       // of all tasks
  std::vector<std::int64_t> at_;  // where a task's begin
  std::vector<SetBlock> blocks_;
  std::vector<Piece> pieces_;
};

template <class Task>
std::int64_t sets_for_blocks(std::span<const Task> tasks, std::int64_t enough) {
  std::int64_t total = 0;
  for (const Task& task : tasks) {
    if (total >= enough) break;
    if (goes_in_blocks(task)) total += std::min(total_sets(task), enough);
  }
  return total;
}

}  // namespace

BlockwiseTest::BlockwiseTest(CorrelationTest test, const MakeScanner& make_scanner, std::int64_t least_sets)
    : CorrelationTest(std::move(test)),
      scanner_(make_scanner(correlation().matrix)),
      least_sets_(least_sets) {}

template <class Task>
std::vector<Separation> BlockwiseTest::separate_all(std::span<const Task> tasks) const {
  if (sets_for_blocks(tasks, least_sets_) < least_sets_) return CorrelationTest::separate(tasks);
  std::vector<Separation> out(tasks.size());
  std::vector<std::vector<std::size_t>> by_size(kLargestBlockSet + 1);
  std::vector<Task> others;
  std::vector<std::size_t> other_numbers;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!goes_in_blocks(tasks[i])) {
      others.push_back(tasks[i]);
      other_numbers.push_back(i);
    } else if (total_sets(tasks[i]) > 0) {
      by_size[static_cast<std::size_t>(tasks[i].k)].push_back(i);
    }
  }
  const auto of_others = CorrelationTest::separate(std::span<const Task>(others));
  for (std::size_t i = 0; i < others.size(); ++i) out[other_numbers[i]] = of_others[i];
  for (auto& numbers : by_size)
    if (!numbers.empty()) Rounds<Task>(*this, *scanner_, tasks, out).run(std::move(numbers));
  return out;
}

std::vector<Separation> BlockwiseTest::separate(std::span<const PoolTask> tasks) const {
  return separate_all(tasks);
}

std::vector<Separation> BlockwiseTest::separate(std::span<const ListTask> tasks) const {
  return separate_all(tasks);
}

std::unique_ptr<CorrelationTest> on_device(CorrelationTest test, Device device) {
  check_kernels_for(device);
#ifdef WHYFORMER_HAS_CUDA
  if (device.is_cuda())
    return std::make_unique<BlockwiseTest>(std::move(test), [device](const SquareMatrix& matrix) {
      return cuda::make_scanner(matrix, device.index, cuda::fast_precision(device.index));
    });
#endif
  return std::make_unique<CorrelationTest>(std::move(test));
}

}  // namespace why
