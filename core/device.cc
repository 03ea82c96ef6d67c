#include "core/device.h"

#include <charconv>

#include "core/errors.h"

namespace why {

std::string Device::name() const { return is_cuda() ? text("cuda:", index) : "cpu"; }

bool has_cuda_kernels() {
#ifdef WHYFORMER_HAS_CUDA
  return true;
#else
  return false;
#endif
}

void check_kernels_for(const Device& device) {
  WHY_CHECK(!device.is_cuda() || has_cuda_kernels(), "device \"", device.name(),
            "\" was asked for, but this program was built without CUDA");
}

Device parse_device(std::string_view name) {
  if (name == "cpu") return {};
  if (name == "auto") return cuda_device_count() > 0 ? Device{Device::Kind::cuda, 0} : Device{};

  int index = 0;
  if (name != "cuda") {
    const auto digits = name.substr(name.starts_with("cuda:") ? 5 : 0);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    WHY_CHECK(name.starts_with("cuda:") && error == std::errc() && end == digits.data() + digits.size() &&
                  index >= 0,
              "unknown device \"", name, "\"; known: cpu, cuda, cuda:N, auto");
  }
  const int count = cuda_device_count();
  WHY_CHECK(count > 0, "device \"", name,
            "\" was asked for, but there is no CUDA device (no driver answers)");
  WHY_CHECK(index < count, "device \"", name, "\" was asked for, but there are only ", count,
            " CUDA devices");
  return {Device::Kind::cuda, index};
}

}  // namespace why
