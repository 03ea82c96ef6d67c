// Where configurations, models and data are found.
#pragma once

#include <filesystem>
#include <string>

namespace why {

// The folder above the program that holds configs/ and checkpoints/; empty when the program was installed
// away from them.
std::filesystem::path project_root();

// A path that the user wrote: relative to the current folder if something is there, else to the project's
// root, so that `configs/quickstart.yaml` and the paths in it work from anywhere. UserError when neither
// holds it; `what` names it ("the model").
std::filesystem::path find_path(const std::string& written, const std::string& what);

}  // namespace why
