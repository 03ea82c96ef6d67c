// LibTorch's exceptions in one sentence.
#pragma once

#include <exception>
#include <string>

namespace why {

// What happened, without the C++ stack that LibTorch adds below, the traceback of TorchScript above, and what
// a reader of archives guesses about the reason.
std::string short_message(const std::exception& error);

}  // namespace why
