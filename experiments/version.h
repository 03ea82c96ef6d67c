// What this program was built from.
#pragma once

#include <string>

namespace why {

std::string version();       // "0.1.0"
std::string build_commit();  // "f594fd5", "f594fd5-dirty", or "unknown" outside a git checkout

}  // namespace why
