// As much of CUDA's runtime as our .cu files use, on the CPU: with this folder before the toolkit's on the
// include path they compile as C++, and their kernels run as they are written, a block after the other, the
// threads of a block in turns between the places where a warp meets, in changing order. It shows wrong
// indices (memory of the device is the heap's, which AddressSanitizer watches; a kernel's own arrays it
// watches up to the first meeting only). It does not show a pointer of the host in a kernel, a missing wait
// for the stream, or anything of speed.
//
// A launch fails where some lanes of a warp wait and the others have gone home or wait for something else,
// and where CUDA would refuse it; a copy where the device's side is not within one allocation.
#pragma once

#include <cstddef>
#include <functional>

#define __global__
#define __device__
#define __host__

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};

struct uint3 {
  unsigned x = 0, y = 0, z = 0;
};

extern thread_local uint3 threadIdx, blockIdx;
extern thread_local dim3 blockDim, gridDim;

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidDevice = 101,
  cudaErrorLaunchFailure = 719
};
enum cudaDeviceAttr { cudaDevAttrSingleToDoublePrecisionPerfRatio = 87 };
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };
struct CUstream_st;
using cudaStream_t = CUstream_st*;
inline constexpr unsigned cudaStreamNonBlocking = 1;

const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaFree(void* data);
cudaError_t cudaFreeAsync(void* data, cudaStream_t stream);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream);

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
};

namespace cuda_stand_in {

// Bytes of device memory that there are; and what is taken now.
void limit_memory(std::size_t bytes);
std::size_t memory_in_use();
// Kernels launched so far, by all threads.
int launches();

cudaError_t allocate(void** data, std::size_t bytes);
cudaError_t run(const cudaLaunchConfig_t& config, const std::function<void()>& thread);

}  // namespace cuda_stand_in

template <class T>
cudaError_t cudaMallocAsync(T** data, std::size_t bytes, cudaStream_t) {
  return cuda_stand_in::allocate(reinterpret_cast<void**>(data), bytes);
}

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments... arguments) {
  return cuda_stand_in::run(*config, [&] { kernel(arguments...); });
}

// Of device code.
inline int min(int a, int b) { return a < b ? a : b; }
inline int __popc(unsigned value) { return __builtin_popcount(value); }
inline int __ffs(int value) { return __builtin_ffs(value); }
inline int atomicAdd(int* at, int value) {  // threads take turns
  *at += value;
  return *at - value;
}
// Of all 32 lanes.
int __reduce_min_sync(unsigned mask, int value);
unsigned __ballot_sync(unsigned mask, int here);
int __shfl_sync(unsigned mask, int value, int lane);
void __syncwarp(unsigned mask = 0xffffffffu);
