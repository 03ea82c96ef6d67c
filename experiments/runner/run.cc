#include "experiments/runner/run.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "core/errors.h"
#include "core/progress.h"
#include "experiments/report/report.h"
#include "experiments/report/samples.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/block_explainer.h"
#include "experiments/runner/run_folder.h"
#include "experiments/runner/shared_blocks.h"
#include "experiments/runner/task_run.h"
#include "models/backend.h"

namespace why {
namespace {

namespace fs = std::filesystem;

InputHashes hash_inputs(const TaskRun& run) {
  return {{"model", run.model_hashes}, {"data", run.data_hashes}};
}

// Ranks on one machine take its CUDA devices in turn.
Device device_of(const RunConfig& config, const Rank& rank) {
  Device device = parse_device(config.device);
  if (device.is_cuda() && !rank.is_alone()) device.index = (device.index + rank.local) % cuda_device_count();
  return device;
}

std::unique_ptr<Model> open_model(TaskRun& run, const RunConfig& config, const Rank& rank = {}) {
  backend().set_threads(config.threads);
  run.options.device = device_of(config, rank);
  auto model = backend().load(run.bundle.string(), run.options.device);
  check_served(run.options, *model);
  return model;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void explain_rest(RunFolder& folder, std::size_t num_samples, BlockExplainer& explainer) {
  Progress progress("explaining", num_samples);
  progress.add(folder.done());
  const auto block_at = [&](std::size_t first) { return SharedBlocks::block_at(first, num_samples); };
  while (const auto block = block_at(folder.done())) {
    const auto start = std::chrono::steady_clock::now();
    const auto lines = explainer.explain(*block, block_at(block->first + block->count));
    folder.append(lines, seconds_since(start));
    progress.add(block->count);
  }
}

// Blocks of this rank, as long as there are any.
void explain_share(SharedBlocks& blocks, BlockExplainer& explainer, Progress* progress = nullptr) {
  for (std::size_t shown = 0; const auto block = blocks.next();) {
    if (progress) progress->add(blocks.samples_done() - std::exchange(shown, blocks.samples_done()));
    const auto start = std::chrono::steady_clock::now();
    const auto lines = explainer.explain(*block, blocks.behind(*block));
    blocks.append(*block, lines, seconds_since(start));
  }
}

// The rest of a run with other ranks, or after them: of all blocks that any rank wrote, in order.
void explain_rest_with_others(RunFolder& folder, const Rank& rank, std::size_t num_samples,
                              BlockExplainer& explainer) {
  SharedBlocks blocks(folder.path(), rank, folder.done(), num_samples);
  Progress progress("explaining", num_samples);
  explain_share(blocks, explainer, &progress);
  while (folder.done() < num_samples) {
    const auto written = blocks.read(folder.done() / RunFolder::kBlock);
    folder.append(written.lines, written.seconds);
  }
  fs::remove_all(SharedBlocks::folder_in(folder.path()));
}

// Waits until the first rank has made the folder; false when the run in it is over already.
bool has_begun(const fs::path& folder, const Rank& rank) {
  constexpr auto kLongest = std::chrono::minutes(10);
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  while (!fs::exists(SharedBlocks::folder_in(folder))) {
    if (RunFolder::is_finished(folder)) return false;
    WHY_CHECK(std::chrono::steady_clock::now() < deadline, "rank ", rank.number, " has waited ",
              kLongest.count(), " minutes for rank 0 to begin the run in ", folder.string());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

RunOutcome help_to_explain(const RunConfig& config, const fs::path& path, const Rank& rank,
                           const TaskRun& run, BlockExplainer& explainer) {
  if (has_begun(path, rank)) {
    const auto done = RunFolder::look(path, config, hash_inputs(run), run.num_samples());
    SharedBlocks blocks(path, rank, done, run.num_samples());
    explain_share(blocks, explainer);
  }
  return {path, {}};
}

}  // namespace

RunOutcome run_experiment(const RunConfig& config, const std::optional<fs::path>& resume, const Rank& rank) {
  const fs::path named = resume.value_or(config.output);
  check_shared_folder(rank, named);
  const auto run = open_task_run(config);
  const InputHashes inputs = hash_inputs(*run);
  const auto model = open_model(*run, config, rank);
  BlockExplainer explainer(*run, *model);
  if (!rank.is_first()) return help_to_explain(config, named, rank, *run, explainer);

  RunFolder folder = resume ? RunFolder::resume(*resume, config, inputs, run->num_samples())
                            : RunFolder::create(config, inputs, backend().versions(), run->num_samples());
  if (rank.is_alone() && !fs::exists(SharedBlocks::folder_in(folder.path())))
    explain_rest(folder, run->num_samples(), explainer);
  else
    explain_rest_with_others(folder, rank, run->num_samples(), explainer);
  folder.check_in_place();
  // from the journal alone, so that a continued run gives what an unbroken one gives
  write_results(folder.path());
  folder.finish();
  return {folder.path(), write_report(folder.path(), run->titles)};
}

std::string validate_experiment(const RunConfig& config, const std::optional<fs::path>& resume) {
  const auto run = open_task_run(config);
  if (resume) RunFolder::look(*resume, config, hash_inputs(*run), run->num_samples());
  return run->in_words();
}

Verification verify_run(const fs::path& folder) {
  const RunConfig config = config_of_run(folder);
  const auto run = open_task_run(config);
  check_same_inputs(inputs_of_run(folder), hash_inputs(*run), folder.string());
  const auto model = open_model(*run, config);

  Verification out;
  out.task = config.task;
  Progress progress("replaying", run->num_samples());
  for_each_sample(folder / "samples.jsonl", [&](const Sample& sample) {
    const auto index = static_cast<std::size_t>(sample.number);
    WHY_CHECK(index < run->num_samples() && run->source(index) == sample.source, folder.string(), ": sample ",
              sample.number, " is not the data's ", words_of(config.task).source_key, " ", sample.source);
    const Replay replayed = replay(run->subject(*model, index), sample);
    ++out.samples;
    out.sets += replayed.sets;
    out.flipped += replayed.flipped;
    out.same_answer += replayed.same_answer;
    out.same_margin += replayed.same_margin;
    out.wrong.insert(out.wrong.end(), replayed.wrong.begin(), replayed.wrong.end());
    progress.add();
  });
  WHY_CHECK(out.samples > 0, folder.string(), " holds no sample yet, so there is nothing to verify");
  if (const auto note = unfinished_note(folder, out.samples); !note.empty()) out.warnings.push_back(note);
  if (out.sets == 0) out.warnings.push_back("the run reports no set, so the model was asked nothing");
  return out;
}

}  // namespace why
