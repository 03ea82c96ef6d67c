#include "tests/cuda_stand_in/cuda_runtime.h"

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

thread_local uint3 threadIdx, blockIdx;
thread_local dim3 blockDim, gridDim;

namespace cuda_stand_in {
namespace {

constexpr unsigned kWarp = 32;
constexpr std::size_t kStack = std::size_t{256} << 10;

// The threads of one block, as contexts that take turns.
class Block {
 public:
  explicit Block(unsigned threads) : threads_(threads) {
    for (Thread& thread : threads_) thread.stack = std::make_unique_for_overwrite<char[]>(kStack);
  }

  // False where lanes of a warp part.
  bool run(const std::function<void()>& body) {
    body_ = &body;
    running_ = this;
    for (Thread& thread : threads_) start(thread);
    bool together = true;
    while (together && run_each()) together = release_warps();
    running_ = nullptr;
    return together;
  }

  // Called by a thread of the block: every lane's value, after all lanes of its warp came here.
  static std::array<int, kWarp> exchange(int value) {
    Block& block = *running_;
    Thread& mine = block.threads_[block.current_];
    mine.offered[mine.meetings % 2] = value;
    const unsigned which = mine.meetings++ % 2;  // the next meeting's values must not overwrite these
    mine.waits = true;
    swapcontext(&mine.context, &block.scheduler_);
    std::array<int, kWarp> out{};
    const unsigned first = block.current_ / kWarp * kWarp;
    for (unsigned lane = 0; lane < kWarp; ++lane) out[lane] = block.threads_[first + lane].offered[which];
    return out;
  }

 private:
  struct Thread {
    ucontext_t context{};
    std::unique_ptr<char[]> stack;
    bool done = false, waits = false;
    unsigned meetings = 0;
    std::array<int, 2> offered{};
  };

  static void enter() {
    (*running_->body_)();
    running_->threads_[running_->current_].done = true;
  }

  void start(Thread& thread) {
    thread.done = thread.waits = false;
    thread.meetings = 0;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = kStack;
    thread.context.uc_link = &scheduler_;
    makecontext(&thread.context, &Block::enter, 0);
  }

  // Runs every thread until it waits or is done, whole warps in another order each time, lest a missing
  // meeting goes unnoticed; false when all are done.
  bool run_each() {
    const auto count = static_cast<unsigned>(threads_.size());
    turn_ = count % kWarp == 0 ? (turn_ * 5 + 7) % kWarp : 0;
    for (unsigned i = 0; i < count; ++i) {
      current_ = i ^ turn_;
      if (threads_[current_].done) continue;
      threadIdx = {.x = current_};
      swapcontext(&scheduler_, &threads_[current_].context);
    }
    return std::any_of(threads_.begin(), threads_.end(), [](const Thread& thread) { return !thread.done; });
  }

  bool release_warps() {
    for (std::size_t first = 0; first < threads_.size(); first += kWarp) {
      const std::size_t end = std::min(first + kWarp, threads_.size());
      const bool waits = threads_[first].waits;
      if (waits && end - first < kWarp) return false;
      for (std::size_t i = first; i < end; ++i) {
        if (threads_[i].waits != waits || threads_[i].meetings != threads_[first].meetings) return false;
        threads_[i].waits = false;
      }
    }
    return true;
  }

  static thread_local Block* running_;
  std::vector<Thread> threads_;
  ucontext_t scheduler_{};  // without a stack, so that sanitizers keep theirs
  unsigned current_ = 0, turn_ = 0;
  const std::function<void()>* body_ = nullptr;
};

thread_local Block* Block::running_ = nullptr;

struct Memory {
  std::mutex mutex;
  std::map<void*, std::size_t> taken;
  std::size_t in_use = 0, limit = SIZE_MAX;
};
Memory& memory() {
  static Memory out;
  return out;
}

std::atomic<int> launch_count{0};

}  // namespace

void limit_memory(std::size_t bytes) {
  const std::lock_guard lock(memory().mutex);
  memory().limit = bytes;
}

std::size_t memory_in_use() {
  const std::lock_guard lock(memory().mutex);
  return memory().in_use;
}

int launches() { return launch_count; }

cudaError_t allocate(void** data, std::size_t bytes) {
  const std::lock_guard lock(memory().mutex);
  if (bytes > memory().limit || memory().in_use > memory().limit - bytes) return cudaErrorMemoryAllocation;
  *data = std::malloc(bytes);
  if (*data == nullptr) return cudaErrorMemoryAllocation;
  std::memset(*data, 0xCB, bytes);  // whoever reads what was not written shall notice
  memory().taken[*data] = bytes;
  memory().in_use += bytes;
  return cudaSuccess;
}

// Is this the device's, all of it?
bool is_taken(const void* data, std::size_t bytes) {
  const std::lock_guard lock(memory().mutex);
  auto next = memory().taken.upper_bound(const_cast<void*>(data));
  if (next == memory().taken.begin()) return false;
  const auto& [begin, size] = *std::prev(next);
  const auto offset =
      static_cast<std::size_t>(static_cast<const char*>(data) - static_cast<const char*>(begin));
  return offset <= size && bytes <= size - offset;
}

cudaError_t run(const cudaLaunchConfig_t& config, const std::function<void()>& thread) {
  constexpr unsigned kMostThreads = 1024;
  const auto is_line = [](const dim3& size) { return size.x > 0 && size.y == 1 && size.z == 1; };
  if (!is_line(config.gridDim) || !is_line(config.blockDim) || config.blockDim.x > kMostThreads)
    return cudaErrorInvalidValue;
  ++launch_count;
  gridDim = config.gridDim;
  blockDim = config.blockDim;
  Block block(blockDim.x);
  for (blockIdx = {}; blockIdx.x < gridDim.x; ++blockIdx.x)
    if (!block.run(thread)) return cudaErrorLaunchFailure;
  return cudaSuccess;
}

}  // namespace cuda_stand_in

using namespace cuda_stand_in;

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorLaunchFailure:
      return "the lanes of a warp parted";
  }
  return "?";
}

cudaError_t cudaGetLastError() { return cudaSuccess; }

cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) { return device == 0 ? cudaSuccess : cudaErrorInvalidDevice; }
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (device != 0) return cudaErrorInvalidDevice;
  if (attribute != cudaDevAttrSingleToDoublePrecisionPerfRatio) return cudaErrorInvalidValue;
  *value = 32;
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = nullptr;
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }

cudaError_t cudaFree(void* data) { return data ? cudaFreeAsync(data, nullptr) : cudaSuccess; }

cudaError_t cudaFreeAsync(void* data, cudaStream_t) {
  const std::lock_guard lock(memory().mutex);
  const auto found = memory().taken.find(data);
  if (found == memory().taken.end()) std::abort();  // given back twice, or never taken
  memory().in_use -= found->second;
  memory().taken.erase(found);
  std::free(data);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t) {
  if (bytes > 0 && !is_taken(kind == cudaMemcpyHostToDevice ? to : from, bytes)) return cudaErrorInvalidValue;
  if (bytes > 0) std::memcpy(to, from, bytes);
  return cudaSuccess;
}

namespace {

auto exchange_in_warp(unsigned mask, int value) {
  if (mask != 0xffffffffu) std::abort();
  return Block::exchange(value);
}

}  // namespace

int __reduce_min_sync(unsigned mask, int value) {
  const auto values = exchange_in_warp(mask, value);
  return *std::min_element(values.begin(), values.end());
}

unsigned __ballot_sync(unsigned mask, int here) {
  unsigned out = 0, bit = 1;
  for (const int value : exchange_in_warp(mask, here)) {
    if (value != 0) out |= bit;
    bit <<= 1;
  }
  return out;
}

int __shfl_sync(unsigned mask, int value, int lane) {
  return exchange_in_warp(mask, value)[static_cast<std::size_t>(lane)];
}

void __syncwarp(unsigned mask) { exchange_in_warp(mask, 0); }

namespace why {

int cuda_device_count() { return 1; }  // in place of core/cuda_driver.cc

}  // namespace why
