#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "core/cuda.h"
#include "core/errors.h"
#include "discovery/stats/covariance_steps.h"
#include "discovery/stats/head_correlations_cuda.h"

namespace why::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kBlocksAHead = 4;
constexpr std::size_t kMostWork = std::size_t{1} << 25;  // doubles at a time

// One head; all pointers are the device's.
struct Task {
  const float* values = nullptr;  // [n, m]
  int n = 0, m = 0, variables = 0;
  const int* groups = nullptr;     // [variables + 1]: where each begins among the tokens that follow
  double* means = nullptr;         // of rows [n] or columns [m], as the estimator wants them
  double* samples = nullptr;       // [m, n]: the transpose of `values`, without the means
  double* covariance = nullptr;    // [n, n]
  double* of_variables = nullptr;  // [variables, variables]; `covariance` where there are no groups
  double* correlation = nullptr;   // [variables, variables]
  int* given_back = nullptr;
};

// kBlocksAHead blocks work on a head; each of their threads takes entries kStep apart.
constexpr int kStep = kThreads * kBlocksAHead;
__device__ const Task& task_of_block(const Task* tasks) { return tasks[blockIdx.x / kBlocksAHead]; }
__device__ int first_entry() {
  return static_cast<int>(blockIdx.x % kBlocksAHead) * kThreads + static_cast<int>(threadIdx.x);
}

__device__ bool is_finite(double value) { return fabs(value) < INFINITY; }

__global__ void find_row_means(const Task* tasks) {
  const Task& task = task_of_block(tasks);
  for (int i = first_entry(); i < task.n; i += kStep)
    task.means[i] = mean_of(task.values + std::int64_t{i} * task.m, task.m, 1);
}

__global__ void find_column_means(const Task* tasks) {
  const Task& task = task_of_block(tasks);
  for (int j = first_entry(); j < task.m; j += kStep)
    task.means[j] = mean_of(task.values + j, task.n, task.m);
}

__global__ void take_samples(const Task* tasks, Estimator estimator) {
  const Task& task = task_of_block(tasks);
  const std::int64_t count = std::int64_t{task.n} * task.m;
  for (std::int64_t i = first_entry(); i < count; i += kStep) {
    const std::int64_t column = i / task.n, row = i % task.n;
    const double value = task.values[row * task.m + column];
    if (!is_finite(value)) *task.given_back = 1;
    task.samples[i] = estimator == Estimator::attention
                          ? value
                          : deviation(value, task.means[estimator == Estimator::outputs ? row : column]);
  }
}

// The lower triangle of a matrix, an entry a thread: set(x, y) for y <= x.
template <class Set>
__device__ void for_each_entry(int n, Set&& set) {
  const std::int64_t count = std::int64_t{n} * n;
  for (std::int64_t i = first_entry(); i < count; i += kStep) {
    const int x = static_cast<int>(i / n), y = static_cast<int>(i % n);
    if (y <= x) set(x, y);
  }
}

__device__ void set_both(double* matrix, int n, int x, int y, double value) {
  matrix[std::int64_t{x} * n + y] = matrix[std::int64_t{y} * n + x] = value;
}

__global__ void sum_products(const Task* tasks) {
  const Task& task = task_of_block(tasks);
  for_each_entry(task.n, [&](int x, int y) {
    double sum = 0;
    const double* sample = task.samples;
    for (int t = 0; t < task.m; ++t, sample += task.n) sum += sample[x] * sample[y];
    set_both(task.covariance, task.n, x, y, sum);
  });
}

__global__ void take_means_of_groups(const Task* tasks) {
  const Task& task = task_of_block(tasks);
  if (task.groups == nullptr) return;
  const int *begin = task.groups, *tokens = task.groups + task.variables + 1;
  for_each_entry(task.variables, [&](int x, int y) {
    set_both(task.of_variables, task.variables, x, y,
             covariance_of_means(task.covariance, task.n, tokens + begin[x], begin[x + 1] - begin[x],
                                 tokens + begin[y], begin[y + 1] - begin[y]));
  });
}

__global__ void correlate(const Task* tasks) {
  const Task& task = task_of_block(tasks);
  const auto covariance = [&](int x, int y) {
    return task.of_variables[std::int64_t{x} * task.variables + y];
  };
  for_each_entry(task.variables, [&](int x, int y) {
    const double value = covariance(x, y), variance = covariance(x, x);
    if (!is_finite(value) || !has_correlation(variance)) *task.given_back = 1;
    set_both(task.correlation, task.variables, x, y,
             x == y ? 1 : correlation_of(value, variance, covariance(y, y)));
  });
}

std::size_t squared(int n) { return static_cast<std::size_t>(n) * static_cast<std::size_t>(n); }

std::size_t num_means(const HeadValues& head) { return static_cast<std::size_t>(std::max(head.n, head.m)); }

std::size_t work_size(const HeadValues& head) {
  return num_means(head) + head.size() + squared(head.n) +
         (head.has_groups() ? squared(head.num_variables()) : 0);
}

// The groups of all heads, each list of groups once.
class GroupTable {
 public:
  explicit GroupTable(std::span<const HeadValues> heads) {
    for (std::size_t i = 0; i < heads.size(); ++i) {
      const bool again = i > 0 && heads[i].groups == heads[i - 1].groups && heads[i].n == heads[i - 1].n;
      if (heads[i].has_groups() && !again) add(*heads[i].groups, heads[i].n);
      begin_.push_back(last_);
    }
  }

  const std::vector<int>& values() const { return values_; }
  std::size_t begin_of(std::size_t head) const { return begin_[head]; }

 private:
  void add(const std::vector<std::vector<int>>& groups, int n) {
    last_ = values_.size();
    values_.push_back(0);
    for (const auto& group : groups) values_.push_back(values_.back() + static_cast<int>(group.size()));
    for (const auto& group : groups) {
      WHY_ASSERT(!group.empty());
      for (const int token : group) WHY_ASSERT(token >= 0 && token < n);
      values_.insert(values_.end(), group.begin(), group.end());
    }
  }

  std::vector<int> values_;
  std::vector<std::size_t> begin_;  // of each head's groups
  std::size_t last_ = 0;
};

// One batch.
class Launch {
 public:
  Launch(std::span<const HeadValues> heads, Estimator estimator, cudaStream_t stream)
      : heads_(heads),
        estimator_(estimator),
        stream_(stream),
        work_(sum(heads, work_size), stream),
        kept_(lasting<double>(sum(heads, kept_size), stream)),
        table_(heads),
        groups_(to_device<int>(table_.values(), stream)),
        none_(heads.size()),
        given_back_(to_device<int>(none_, stream)) {}

  std::vector<Correlation> run(int sample_size, int index) {
    const std::vector<Task> tasks = make_tasks();
    const Buffer<Task> moved = to_device<Task>(tasks, stream_);
    const auto blocks = static_cast<unsigned>(tasks.size()) * kBlocksAHead;
    const auto queue = [&](auto kernel, const auto&... more) {
      launch(kernel, blocks, kThreads, stream_, moved.data(), more...);
    };
    if (estimator_ == Estimator::outputs) queue(find_row_means);
    if (estimator_ == Estimator::centered) queue(find_column_means);
    queue(take_samples, estimator_);
    queue(sum_products);
    if (!table_.values().empty()) queue(take_means_of_groups);
    queue(correlate);
    return taken_apart(sample_size, index);
  }

 private:
  static std::size_t kept_size(const HeadValues& head) { return squared(head.num_variables()); }

  template <class Size>
  static std::size_t sum(std::span<const HeadValues> heads, Size size) {
    std::size_t out = 0;
    for (const HeadValues& head : heads) out += size(head);
    return out;
  }

  std::vector<Task> make_tasks() const {
    std::vector<Task> out;
    double *work = work_.data(), *kept = kept_.get();
    const auto take = [](double*& from, std::size_t size) { return std::exchange(from, from + size); };
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      const HeadValues& head = heads_[i];
      Task task{.values = head.values, .n = head.n, .m = head.m, .variables = head.num_variables()};
      task.means = take(work, num_means(head));
      task.samples = take(work, head.size());
      task.covariance = task.of_variables = take(work, squared(head.n));
      if (head.has_groups()) {
        task.groups = groups_.data() + table_.begin_of(i);
        task.of_variables = take(work, squared(task.variables));
      }
      task.correlation = take(kept, kept_size(head));
      task.given_back = given_back_.data() + i;
      out.push_back(task);
    }
    return out;
  }

  // Waits for the stream.
  std::vector<Correlation> taken_apart(int sample_size, int index) const {
    std::vector<double> values(sum(heads_, kept_size));
    WHY_CUDA(cudaMemcpyAsync(values.data(), kept_.get(), values.size() * sizeof(double),
                             cudaMemcpyDeviceToHost, stream_));
    const std::vector<int> given_back = to_host(given_back_, stream_);
    std::vector<Correlation> out(heads_.size());
    std::ptrdiff_t begin = 0;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      const auto size = static_cast<std::ptrdiff_t>(kept_size(heads_[i]));
      if (given_back[i] == 0) {
        out[i] = {SquareMatrix(heads_[i].num_variables()),
                  sample_size,
                  {kept_, kept_.get() + begin},
                  {Device::Kind::cuda, index}};
        std::copy_n(values.begin() + begin, size, out[i].matrix.values.begin());
      }
      begin += size;
    }
    return out;
  }

  std::span<const HeadValues> heads_;
  Estimator estimator_;
  cudaStream_t stream_;
  Buffer<double> work_;
  std::shared_ptr<double> kept_;
  GroupTable table_;
  Buffer<int> groups_;
  std::vector<int> none_;  // zeros
  Buffer<int> given_back_;
};

// As many of the first heads as kMostWork has room for, at least one.
std::size_t num_together(std::span<const HeadValues> heads) {
  std::size_t count = 0, work = 0;
  while (count < heads.size() && (count == 0 || work + work_size(heads[count]) <= kMostWork))
    work += work_size(heads[count++]);
  return count;
}

}  // namespace

std::vector<Correlation> correlate_heads(std::span<const HeadValues> heads, Estimator estimator,
                                         int sample_size, int index) {
  if (heads.empty()) return {};
  const Stream stream(index);
  std::vector<Correlation> out;
  out.reserve(heads.size());
  for (std::size_t most = heads.size(); !heads.empty();) {
    const std::size_t count = std::min(most, num_together(heads));
    try {
      auto found = Launch(heads.first(count), estimator, stream.get()).run(sample_size, index);
      std::move(found.begin(), found.end(), std::back_inserter(out));
    } catch (const OutOfMemory&) {
      most = count / 2;
      if (most > 0) continue;
      out.emplace_back();
      most = 1;
    }
    heads = heads.subspan(count);
  }
  return out;
}

std::shared_ptr<const float> copy_of(std::span<const float> values, int index) {
  const Stream stream(index);
  const std::shared_ptr<float> out = lasting<float>(values.size(), stream.get());
  WHY_CUDA(
      cudaMemcpyAsync(out.get(), values.data(), values.size_bytes(), cudaMemcpyHostToDevice, stream.get()));
  WHY_CUDA(cudaStreamSynchronize(stream.get()));
  return out;
}

std::vector<float> values_of(const HeadValues& head, int index) {
  const Stream stream(index);
  std::vector<float> out(head.size());
  WHY_CUDA(cudaMemcpyAsync(out.data(), head.values, out.size() * sizeof(float), cudaMemcpyDeviceToHost,
                           stream.get()));
  WHY_CUDA(cudaStreamSynchronize(stream.get()));
  return out;
}

}  // namespace why::cuda
