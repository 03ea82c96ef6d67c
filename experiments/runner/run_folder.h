// What a run leaves behind:
//
//   config.yaml        as resolved
//   environment.json   versions, device, threads, seed, hashes of model and data, how many samples there are
//                      to be, when and how long: of each session, brought up to date after each block
//   samples.jsonl      a line a sample, written in blocks: the journal from which a killed run continues
//   timings.jsonl      seconds of each block
//   metrics.csv, summary.json, figures/, report.html
//
// The same configuration, model and data on the same machine give the same bytes, killed and continued or
// not, in all but environment.json and timings.jsonl.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/records.h"
#include "experiments/runner/run_config.h"

namespace why {

// SHA-256 by file, as environment.json holds them: {"model": {"bundle.yaml": "…"}, "data": {…}}.
using InputHashes = std::map<std::string, std::map<std::string, std::string>>;

std::map<std::string, std::string> hash_files(const std::vector<std::filesystem::path>& files);

class RunFolder {
 public:
  static constexpr std::size_t kBlock = 16;  // samples a block

  // A fresh folder: config.output, or runs/<name>/<UTC time>-<hash>. UserError when it exists and is not
  // empty (but for what a run leaves that is killed before it begins), or cannot be made.
  static RunFolder create(const RunConfig& config, const InputHashes& inputs,
                          const std::map<std::string, std::string>& versions, std::size_t num_samples);

  // Continues in `path`. UserError, which names the difference, when the folder holds no run or a run of
  // another configuration, model or data, and while another process runs in it.
  static RunFolder resume(const std::filesystem::path& path, const RunConfig& config,
                          const InputHashes& inputs, std::size_t num_samples);

  // For a rank that is not the first: checks what resume checks and changes nothing. Returns the samples in
  // whole blocks.
  static std::size_t look(const std::filesystem::path& path, const RunConfig& config,
                          const InputHashes& inputs, std::size_t num_samples);
  // Is there a run whose last session has come to its end?
  static bool is_finished(const std::filesystem::path& path);
  // UserError, which names the difference, when the folder holds no run or a run of another configuration.
  static void check_can_resume(const std::filesystem::path& path, const RunConfig& config);

  const std::filesystem::path& path() const { return path_; }
  std::size_t done() const { return done_; }  // samples in whole blocks

  // UserError when the folder was moved or removed meanwhile, here and in finish.
  void append(std::span<const std::string> lines, double seconds);
  void check_in_place() const { samples_.check_in_place(); }

  // Notes in environment.json that the run has come to its end.
  void finish();

 private:
  RunFolder(std::filesystem::path path, std::size_t done, Journal samples, Journal timings);

  void note_session(bool finished);

  std::filesystem::path path_;
  std::size_t done_;
  Journal samples_, timings_;
  double seconds_ = 0;  // of this session's blocks
  std::size_t session_samples_ = 0;
};

// runs/<name>/<UTC time>-<hash>, which is not there yet; the hash is of `contents`.
std::filesystem::path fresh_run_folder(const std::string& name, const std::string& contents);

// A new folder, or one that is there and empty. UserError otherwise.
void make_empty_folder(const std::filesystem::path& path);

inline constexpr char kRunListFile[] = "runs.yaml";  // of a folder of several runs

// The runs that a folder holds: itself, or those that its list names and that have begun; of the others it is
// said that they have not. UserError when there is no such folder, or no run in it.
struct RunsInFolder {
  std::vector<std::filesystem::path> folders;  // in the order of the list
  std::vector<std::string> warnings;
};
RunsInFolder runs_in_folder(const std::filesystem::path& folder);

// The configuration that a run folder holds. UserError when there is none.
RunConfig config_of_run(const std::filesystem::path& folder);

// The hashes that environment.json holds.
InputHashes inputs_of_run(const std::filesystem::path& folder);

// Throws UserError that names the first file which differs: "the data has changed since: ml-100k.inter".
void check_same_inputs(const InputHashes& before, const InputHashes& now, const std::string& folder);

}  // namespace why
