// libFuzzer's entry; TARGET is set by CMake, one program a target.
#include "core/errors.h"
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& target : why::fuzz_targets())
    if (target.name == TARGET) try {
        target.run({reinterpret_cast<const char*>(data), size});
      } catch (const why::UserError&) {  // an answer
      }
  return 0;
}
