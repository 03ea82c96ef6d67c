// Where things are computed. Devices are chosen here and nowhere else; the rest of the program is handed a
// Device.
#pragma once

#include <string>
#include <string_view>

namespace why {

struct Device {
  enum class Kind { cpu, cuda } kind = Kind::cpu;
  int index = 0;  // of the CUDA device

  bool is_cuda() const { return kind == Kind::cuda; }
  std::string name() const;  // "cpu", "cuda:0"
  friend bool operator==(const Device&, const Device&) = default;
};

// Number of CUDA devices whose driver answers; 0 without a driver. Asks libcuda at run time, so that the
// program starts on machines without it.
int cuda_device_count();

// Whether this program holds our own CUDA kernels (it was built where there was a CUDA compiler).
bool has_cuda_kernels();

// UserError for a CUDA device in a program that holds none.
void check_kernels_for(const Device& device);

// "cpu", "cuda", "cuda:1", or "auto" (cuda where there is one). UserError for another word and for a CUDA
// device that is not there.
Device parse_device(std::string_view name);

}  // namespace why
