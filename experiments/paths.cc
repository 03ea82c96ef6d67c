#include "experiments/paths.h"

#include "core/errors.h"

namespace why {

namespace fs = std::filesystem;

fs::path project_root() {
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  if (failure) return {};
  for (fs::path folder = program.parent_path(); folder != folder.parent_path(); folder = folder.parent_path())
    if (fs::is_directory(folder / "configs", failure) && fs::is_directory(folder / "checkpoints", failure))
      return folder;
  return {};
}

fs::path find_path(const std::string& written, const std::string& what) {
  std::error_code ignored;
  WHY_CHECK(!written.empty(), what, " is not named");
  const fs::path path(written);
  if (fs::exists(path, ignored)) return path;
  const fs::path root = project_root();
  if (path.is_relative() && !root.empty()) {
    if (fs::exists(root / path, ignored)) return root / path;
    throw UserError(text(what, " ", written, " does not exist, neither here nor in ", root.string()));
  }
  throw UserError(text(what, " ", written, " does not exist"));
}

}  // namespace why
