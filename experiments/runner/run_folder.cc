#include "experiments/runner/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "core/parallel.h"
#include "experiments/runner/run_list.h"
#include "experiments/version.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr char kConfig[] = "config.yaml", kEnvironment[] = "environment.json", kSamples[] = "samples.jsonl",
               kTimings[] = "timings.jsonl";

std::string utc_now(const char* format) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format(fmt::runtime(format), fmt::gmtime(now));
}

// The configuration as a run folder keeps it. Where the folder is does not belong to what it holds.
std::string resolved(RunConfig config) {
  config.output.clear();
  return to_yaml(config);
}

Json read_environment(const fs::path& folder) {
  const fs::path path = folder / kEnvironment;
  Json out = Json::parse(read_file(path), nullptr, false);
  const auto is_object = [](const Json& each) { return each.is_object(); };
  WHY_CHECK(out.is_object() && out.contains("inputs") && out.contains("sessions") &&
                out["sessions"].is_array() &&
                std::all_of(out["sessions"].begin(), out["sessions"].end(), is_object),
            path.string(), " is damaged: it does not hold what a run writes");
  return out;
}

void write_environment(const fs::path& folder, const Json& environment) {
  write_file(folder / kEnvironment, environment.dump(2) + "\n");
}

void begin_session(Json& environment) {
  environment["sessions"].push_back({{"started", utc_now("{:%FT%TZ}")}, {"samples", 0}, {"seconds", 0}});
}

// "graph.alpha: 0.01" of both, where they differ first.
void check_same_config(const RunConfig& before, const RunConfig& now, const std::string& folder) {
  auto keys = [](const RunConfig& config) {
    RunConfig copy = config;
    copy.output.clear();
    return describe_keys(copy);
  };
  const auto old_keys = keys(before), new_keys = keys(now);
  for (std::size_t i = 0; i < old_keys.size(); ++i)
    WHY_CHECK(old_keys[i].value == new_keys[i].value, "cannot resume ", folder, ": its ", old_keys[i].path,
              " is ", old_keys[i].value, ", not ", new_keys[i].value);
}

// Whole lines of the journal. UserError unless they are samples 0, 1, ...: what was put in or taken out would
// be cut off, or explained with other settings, in silence.
std::size_t samples_in(const fs::path& path) {
  if (!fs::exists(path)) return 0;
  const auto lines = whole_lines(path);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string begin = text("{\"sample\":", i);
    const bool as_written = lines[i].starts_with(begin) &&
                            std::string_view(",}").find(lines[i][begin.size()]) != std::string_view::npos;
    WHY_CHECK(as_written, path.string(), ":", i + 1, ": sample ", i,
              " should stand here: the file is not as the run wrote it");
  }
  return lines.size();
}

// What config.yaml held when the run began, but for the places of model and data, whose contents have hashes.
constexpr char kConfigHash[] = "config";

std::string hash_of_settings(const std::string& yaml) {
  std::istringstream lines(yaml);
  std::string kept;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("model:") && !line.starts_with("data:")) kept += line + "\n";
  return sha256(kept);
}

void check_config_is_untouched(const fs::path& folder) {
  const Json environment = read_environment(folder);
  const auto hash = environment.find(kConfigHash);  // earlier versions kept none
  WHY_CHECK(hash == environment.end() || *hash == hash_of_settings(read_file(folder / kConfig)),
            "cannot resume ", folder.string(), ": its ", kConfig,
            " was changed since the run began, and its samples are of the configuration before");
}

void check_same_run(const fs::path& folder, const RunConfig& config, const InputHashes& inputs) {
  RunFolder::check_can_resume(folder, config);
  check_config_is_untouched(folder);
  check_same_inputs(inputs_of_run(folder), inputs, folder.string());
}

// What a run leaves that is killed before its configuration is written.
bool is_unbegun(const fs::path& folder) {
  std::error_code failure;
  const bool has_empty_journal = fs::file_size(folder / kSamples, failure) == 0 && !failure;
  if (!has_empty_journal) return false;
  for (fs::directory_iterator each(folder, failure), end; !failure && each != end; each.increment(failure)) {
    const std::string name = each->path().filename().string();
    if (name != kSamples && name != kEnvironment && !name.starts_with(text(kEnvironment, ".tmp")) &&
        !name.starts_with(text(kConfig, ".tmp")))
      return false;
  }
  return !failure;
}

// A folder for a new run, which no other process gets any more: its journal, locked.
Journal claim_folder(const fs::path& folder) {
  if (!is_unbegun(folder)) {
    FileLock::check_unheld(folder / kSamples);  // a run that is alive is not to be continued
    make_empty_folder(folder);
  }
  Journal samples = Journal::open(folder / kSamples);
  WHY_CHECK(!fs::exists(folder / kConfig), "another process has begun a run in ", folder.string());
  return samples;
}

std::size_t whole_blocks(std::size_t lines, std::size_t num_samples) {
  return lines >= num_samples ? num_samples : lines / RunFolder::kBlock * RunFolder::kBlock;
}

}  // namespace

fs::path fresh_run_folder(const std::string& name, const std::string& contents) {
  const std::string hash = sha256(contents).substr(0, 6);
  const fs::path path = fs::path("runs") / name / (utc_now("{:%Y%m%dT%H%M%SZ}-") + hash);
  fs::path free = path;
  for (int i = 2; fs::exists(free); ++i) free = path.string() + fmt::format("-{}", i);  // started together
  return free;
}

void make_empty_folder(const fs::path& path) {
  std::error_code failure;
  if (fs::exists(path, failure)) {
    WHY_CHECK(fs::is_directory(path, failure), "cannot write a run to ", path.string(), ": it is a file");
    const bool empty = fs::is_empty(path, failure);
    WHY_CHECK(!failure, "cannot read ", path.string(), ": ", failure.message());
    WHY_CHECK(empty, path.string(), " exists and is not empty; continue the run in it with --resume ",
              path.string(), ", or name another folder");
    return;
  }
  fs::create_directories(path, failure);
  WHY_CHECK(!failure, "cannot make the run folder ", path.string(), ": ", failure.message());
}

std::map<std::string, std::string> hash_files(const std::vector<fs::path>& files) {
  std::map<std::string, std::string> out;
  for (const auto& file : files) out[file.filename().string()] = sha256_file(file);
  return out;
}

RunFolder::RunFolder(fs::path path, std::size_t done, Journal samples, Journal timings)
    : path_(std::move(path)), done_(done), samples_(std::move(samples)), timings_(std::move(timings)) {}

RunFolder RunFolder::create(const RunConfig& config, const InputHashes& inputs,
                            const std::map<std::string, std::string>& versions, std::size_t num_samples) {
  const fs::path path = config.output.empty()
                            ? fresh_run_folder(config.name, resolved(config) + Json(inputs).dump())
                            : fs::path(config.output);
  Journal samples = claim_folder(path);
  Json environment = {{"program", version()},      {"commit", build_commit()},
                      {"libraries", versions},     {"device", config.device},
                      {"threads", config.threads}, {"hardware_threads", hardware_threads()},
                      {"seed", config.seed},       {"samples", num_samples},
                      {"inputs", inputs},          {kConfigHash, hash_of_settings(resolved(config))},
                      {"sessions", Json::array()}};
  begin_session(environment);
  write_environment(path, environment);
  write_file(path / kConfig, resolved(config));  // last: with it, the folder is a run's
  return {path, 0, std::move(samples), Journal::open(path / kTimings)};
}

void RunFolder::check_can_resume(const fs::path& path, const RunConfig& config) {
  check_same_config(config_of_run(path), config, path.string());
}

RunFolder RunFolder::resume(const fs::path& path, const RunConfig& config, const InputHashes& inputs,
                            std::size_t num_samples) {
  check_same_run(path, config, inputs);
  Journal samples = Journal::open(path / kSamples), timings = Journal::open(path / kTimings);
  const std::size_t done = whole_blocks(samples_in(path / kSamples), num_samples);
  samples.keep(done);
  timings.keep(whole_lines(path / kTimings).size());

  Json environment = read_environment(path);
  begin_session(environment);
  write_environment(path, environment);
  return {path, done, std::move(samples), std::move(timings)};
}

std::size_t RunFolder::look(const fs::path& path, const RunConfig& config, const InputHashes& inputs,
                            std::size_t num_samples) {
  check_same_run(path, config, inputs);
  return whole_blocks(samples_in(path / kSamples), num_samples);
}

bool RunFolder::is_finished(const fs::path& path) {
  if (!fs::exists(path / kConfig)) return false;
  const Json sessions = read_environment(path).at("sessions");
  return !sessions.empty() && sessions.back().contains("finished");
}

void RunFolder::append(std::span<const std::string> lines, double seconds) {
  samples_.append(lines);
  const std::string timing =
      Json{{"first", done_}, {"samples", lines.size()}, {"seconds", std::round(seconds * 1e4) / 1e4}}.dump();
  timings_.append(std::span(&timing, 1));
  done_ += lines.size();
  session_samples_ += lines.size();
  seconds_ += seconds;
  note_session(false);
}

void RunFolder::finish() {
  check_in_place();
  note_session(true);
}

// What a killed session did stands there too.
void RunFolder::note_session(bool finished) {
  Json environment = read_environment(path_);
  Json& session = environment["sessions"].back();
  if (finished) session["finished"] = utc_now("{:%FT%TZ}");
  session["samples"] = session_samples_;
  session["seconds"] = std::round(seconds_ * 1e3) / 1e3;
  double all_sessions = 0;
  for (const auto& each : environment["sessions"]) all_sessions += each.value("seconds", 0.0);
  environment["seconds"] = all_sessions;
  write_environment(path_, environment);
}

namespace {

void check_run_folder(const fs::path& folder) {
  std::error_code ignored;
  WHY_CHECK(fs::is_directory(folder, ignored), "there is no run folder ", folder.string());
  WHY_CHECK(!fs::exists(folder / kRunListFile, ignored), folder.string(),
            " holds several runs; name the folder of one in it (run --resume takes it alone, without a "
            "configuration)");
  WHY_CHECK(fs::exists(folder / kConfig, ignored), folder.string(), " holds no run: there is no ", kConfig,
            " in it");
}

}  // namespace

RunsInFolder runs_in_folder(const fs::path& folder) {
  std::error_code ignored;
  RunsInFolder out;
  if (!fs::exists(folder / kRunListFile, ignored)) {
    check_run_folder(folder);
    out.folders.push_back(folder);
    return out;
  }
  for (const auto& config : load_run_list((folder / kRunListFile).string()).runs) {
    const fs::path run = folder / config.name;
    if (fs::exists(run / kConfig, ignored))
      out.folders.push_back(run);
    else
      out.warnings.push_back(text("the run ", config.name, " has not begun; `whyformer run --resume ",
                                  folder.string(), "` begins it"));
  }
  WHY_CHECK(!out.folders.empty(), "no run of the list in ", folder.string(), " has begun");
  return out;
}

RunConfig config_of_run(const fs::path& folder) {
  check_run_folder(folder);
  return load_run_config((folder / kConfig).string());
}

InputHashes inputs_of_run(const fs::path& folder) {
  try {
    return read_environment(folder).at("inputs").get<InputHashes>();
  } catch (const Json::exception&) {
    throw UserError(text((folder / kEnvironment).string(), " is damaged: its inputs are no hashes by file"));
  }
}

void check_same_inputs(const InputHashes& before, const InputHashes& now, const std::string& folder) {
  std::set<std::string> kinds;
  for (const auto& [kind, files] : before) kinds.insert(kind);
  for (const auto& [kind, files] : now) kinds.insert(kind);
  for (const auto& kind : kinds) {
    const auto hashes = [&](const InputHashes& inputs) {
      const auto found = inputs.find(kind);
      return found == inputs.end() ? std::map<std::string, std::string>{} : found->second;
    };
    const auto then = hashes(before), today = hashes(now);
    std::set<std::string> files;
    for (const auto& [file, hash] : then) files.insert(file);
    for (const auto& [file, hash] : today) files.insert(file);
    for (const auto& file : files) {
      const auto a = then.find(file), b = today.find(file);
      WHY_CHECK(a != then.end(), "the ", kind, " has changed since the run in ", folder, ": ", file,
                " is new");
      WHY_CHECK(b != today.end(), "the ", kind, " has changed since the run in ", folder, ": ", file,
                " is gone");
      WHY_CHECK(a->second == b->second, "the ", kind, " has changed since the run in ", folder, ": ", file,
                " is another");
    }
  }
}

}  // namespace why
