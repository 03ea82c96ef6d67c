#include "models/torch/torch_error.h"

namespace why {

std::string short_message(const std::exception& error) {
  std::string message = error.what();
  while (message.ends_with('\n')) message.pop_back();
  message.erase(0, message.find_first_not_of('\n'));
  const bool traceback = message.find("Traceback of TorchScript") != std::string::npos;
  message = traceback ? message.substr(message.rfind('\n') + 1) : message.substr(0, message.find('\n'));
  // of a damaged archive it tells which library reads it, and guesses at length how it came about
  for (const std::string reader :
       {"PytorchStreamReader failed reading zip archive: ", "PytorchStreamReader failed "})
    if (message.starts_with(reader)) message.erase(0, reader.size());
  return message.substr(0, message.find(". This is an internal"));
}

}  // namespace why
