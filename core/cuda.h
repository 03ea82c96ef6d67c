// What every .cu file needs: checked calls, a stream, memory from CUDA's stream-ordered pool, launches.
// Included by .cu files only, which use nothing else of the runtime: tests run them on the CPU
// (tests/cuda_stand_in).
#pragma once

#include <cuda_runtime.h>

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/errors.h"

namespace why::cuda {

// Whoever asked for less could go on.
struct OutOfMemory : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A failed call into CUDA: out of memory, a device lost, a kernel that broke.
inline void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  const std::string what =
      text("CUDA: ", cudaGetErrorString(status), " in ", call, " (", file, ":", line, ")");
  if (status != cudaErrorMemoryAllocation) throw std::runtime_error(what);
  cudaGetLastError();  // or the next call would report it again
  throw OutOfMemory(what);
}

#define WHY_CUDA(call) ::why::cuda::check((call), #call, __FILE__, __LINE__)

// A stream on one device, which is the current one while the stream lives.
class Stream {
 public:
  explicit Stream(int device) {
    WHY_CUDA(cudaGetDevice(&previous_));
    WHY_CUDA(cudaSetDevice(device));
    WHY_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  }
  ~Stream() {
    cudaStreamDestroy(stream_);
    cudaSetDevice(previous_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  cudaStream_t get() const { return stream_; }

 private:
  int previous_ = 0;
  cudaStream_t stream_ = nullptr;
};

// `size` values of device memory, taken and given back in the order of the stream; none for size 0.
template <class T>
class Buffer {
 public:
  Buffer(std::size_t size, cudaStream_t stream) : size_(size), stream_(stream) {
    if (size > 0) WHY_CUDA(cudaMallocAsync(&data_, size * sizeof(T), stream));
  }
  ~Buffer() {
    if (data_) cudaFreeAsync(data_, stream_);
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(other.size_), stream_(other.stream_) {}
  Buffer& operator=(Buffer&&) = delete;

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_;
  cudaStream_t stream_;
};

// The same for whatever outlives the stream: given back by its last owner, when no work on it is left.
template <class T>
std::shared_ptr<T> lasting(std::size_t size, cudaStream_t stream) {
  T* data = nullptr;
  if (size > 0) WHY_CUDA(cudaMallocAsync(&data, size * sizeof(T), stream));
  return {data, [](T* given_back) { cudaFree(given_back); }};
}

template <class T>
Buffer<T> to_device(std::span<const T> values, cudaStream_t stream) {
  Buffer<T> out(values.size(), stream);
  if (!values.empty())
    WHY_CUDA(cudaMemcpyAsync(out.data(), values.data(), values.size_bytes(), cudaMemcpyHostToDevice, stream));
  return out;
}

// Waits for the stream.
template <class T>
std::vector<T> to_host(const Buffer<T>& values, cudaStream_t stream) {
  std::vector<T> out(values.size());
  if (!out.empty())
    WHY_CUDA(
        cudaMemcpyAsync(out.data(), values.data(), out.size() * sizeof(T), cudaMemcpyDeviceToHost, stream));
  WHY_CUDA(cudaStreamSynchronize(stream));
  return out;
}

// Queues the kernel: `blocks` blocks of `threads` threads.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), unsigned blocks, unsigned threads, cudaStream_t stream,
            const Arguments&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim.x = blocks;
  config.blockDim.x = threads;
  config.stream = stream;
  WHY_CUDA(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
}

}  // namespace why::cuda
