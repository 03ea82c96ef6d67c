#include "models/backend.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "core/errors.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr char kLibrary[] = "libwhyformer_torch.so";
constexpr char kFactory[] = "whyformer_make_backend";

fs::path find_library() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  for (const auto& folder : {here, here.parent_path(), here.parent_path() / "lib"})
    if (fs::exists(folder / kLibrary)) return folder / kLibrary;
  throw UserError(text("models need ", kLibrary, ", which is not beside the program in ", here.string(),
                       ": run scripts/setup, or configure with WHYFORMER_TORCH=ON"));
}

// OpenMP's threads wait for each other by spinning, and where other work has one of the cores that is most of
// the time (seen: 60 histories of three films explained in 7 to 20 s on two threads, asleep in 1). So they
// sleep after some microseconds, unless the user said how they are to wait. libgomp looks when it is opened,
// which LibTorch does.
void let_waiting_threads_sleep() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "1000", 0);
}

Backend* open_backend() {
  let_waiting_threads_sleep();
  const fs::path path = find_library();
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = ::dlerror();
    throw UserError(text("cannot open ", path.string(), ": ", reason ? reason : "no reason given",
                         "; run scripts/setup, which installs LibTorch"));
  }
  using Factory = Backend* (*)();
  const auto factory = reinterpret_cast<Factory>(::dlsym(library, kFactory));
  WHY_CHECK(factory, path.string(), " is not this program's library; build both together");
  return factory();
}

}  // namespace

Backend& backend() {
  static Backend* const opened =
      open_backend();  // never deleted: LibTorch does not survive its own exit order
  return *opened;
}

}  // namespace why
