#include "models/torch/torch_error.h"

namespace why {

std::string short_message(const std::exception& error) {
  std::string message = error.what();
  while (message.ends_with('\n')) message.pop_back();
  const bool traceback = message.find("Traceback of TorchScript") != std::string::npos;
  return traceback ? message.substr(message.rfind('\n') + 1) : message.substr(0, message.find('\n'));
}

}  // namespace why
