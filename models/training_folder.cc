#include "models/training_folder.h"

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr char kOptionsFile[] = "training.yaml";
constexpr char kLogFile[] = "training.jsonl";
constexpr char kStateFile[] = "training.state";
constexpr char kBundleFile[] = "bundle.yaml";

void begin(const fs::path& folder, const std::string& options) {
  FileLock::check_unheld(folder / kLogFile);
  WHY_CHECK(!fs::exists(folder / kOptionsFile), folder.string(),
            " holds an unfinished training; continue it with --resume, or remove it");
  WHY_CHECK(!fs::exists(folder) || (fs::is_directory(folder) && fs::is_empty(folder)), folder.string(),
            " exists and is not an empty folder; choose another output");
  std::error_code failure;
  fs::create_directories(folder, failure);
  WHY_CHECK(!failure, "cannot create ", folder.string(), ": ", failure.message());
  write_file(folder / kOptionsFile, options);
}

void go_on(const fs::path& folder, const std::string& options) {
  WHY_CHECK(fs::exists(folder / kOptionsFile), folder.string(), " holds no unfinished training to resume");
  WHY_CHECK(read_file(folder / kOptionsFile) == options, folder.string(),
            " was begun with other options or other data; they are in ", kOptionsFile);
}

}  // namespace

TrainingFolder::TrainingFolder(const std::string& folder, const std::string& options, bool resume)
    : path_(folder) {
  WHY_CHECK(!fs::exists(path_ / kBundleFile), folder,
            " holds a model already; choose another output, or remove it");
  if (resume)
    go_on(path_, options);
  else
    begin(path_, options);
}

fs::path TrainingFolder::state() const { return path_ / kStateFile; }
bool TrainingFolder::has_state() const { return fs::exists(state()); }

Journal TrainingFolder::open_log(std::size_t lines) const {
  const fs::path log = path_ / kLogFile;
  Journal out = Journal::open(log);
  out.keep(lines);
  return out;
}

void TrainingFolder::finish() const { fs::remove(state()); }

}  // namespace why
