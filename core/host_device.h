// Functions that run on the CPU and in CUDA kernels alike.
#pragma once

#ifdef __CUDACC__
#define WHY_HOST_DEVICE __host__ __device__
#else
#define WHY_HOST_DEVICE
#endif
