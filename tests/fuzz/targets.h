// What libFuzzer throws bytes at: each takes any bytes, and may answer with a UserError, never with a crash,
// an assertion, or unbounded time or memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace why {

struct FuzzTarget {
  std::string name;  // of its corpus folder too
  std::function<void(std::string_view bytes)> run;
};

const std::vector<FuzzTarget>& fuzz_targets();

}  // namespace why
