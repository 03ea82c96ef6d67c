#include <dlfcn.h>

#include "core/device.h"

namespace why {

int cuda_device_count() {
  static const int count = [] {
    void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!driver) return 0;
    using Init = int (*)(unsigned int);
    using Count = int (*)(int*);
    const auto init = reinterpret_cast<Init>(dlsym(driver, "cuInit"));
    const auto device_count = reinterpret_cast<Count>(dlsym(driver, "cuDeviceGetCount"));
    int found = 0;
    if (!init || !device_count || init(0) != 0 || device_count(&found) != 0) return 0;
    return found;
  }();
  return count;
}

}  // namespace why
