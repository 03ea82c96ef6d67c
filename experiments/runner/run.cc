#include "experiments/runner/run.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/files.h"
#include "core/progress.h"
#include "experiments/report/report.h"
#include "experiments/report/run_summary.h"
#include "experiments/report/samples.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/metrics.h"
#include "experiments/runner/run_folder.h"
#include "experiments/runner/task_run.h"
#include "models/backend.h"

namespace why {
namespace {

namespace fs = std::filesystem;

InputHashes hash_inputs(const TaskRun& run) {
  return {{"model", run.model_hashes}, {"data", run.data_hashes}};
}

std::unique_ptr<Model> open_model(const TaskRun& run, const RunConfig& config) {
  backend().set_threads(config.threads);
  return backend().load(run.bundle.string(), parse_device(config.device));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<std::string> explain_block(const TaskRun& run, Model& model, std::size_t first,
                                       std::size_t count) {
  std::vector<Subject> subjects;
  for (std::size_t i = 0; i < count; ++i) subjects.push_back(run.subject(model, first + i));
  std::vector<std::string> lines;
  for (const auto& sample : explain(model, std::move(subjects), run.options))
    lines.push_back(to_json_line(sample));
  return lines;
}

void explain_rest(RunFolder& folder, const TaskRun& run, Model& model) {
  Progress progress("explaining", run.num_samples());
  progress.add(folder.done());
  while (folder.done() < run.num_samples()) {
    const auto start = std::chrono::steady_clock::now();
    const std::size_t count = std::min(RunFolder::kBlock, run.num_samples() - folder.done());
    const auto lines = explain_block(run, model, folder.done(), count);
    folder.append(lines, seconds_since(start));
    progress.add(count);
  }
}

// From the journal alone, so that a continued run gives what an unbroken one gives.
void write_results(const fs::path& folder, const std::string& task) {
  std::string metrics = metrics_header(task);
  SummaryBuilder summary(task);
  for_each_sample(folder / "samples.jsonl", [&](const Sample& sample) {
    metrics += metrics_rows(sample);
    summary.add(sample);
  });
  write_file(folder / "metrics.csv", metrics);
  write_file(folder / "summary.json", to_json(summary.finish()).dump(2) + "\n");
}

}  // namespace

RunOutcome run_experiment(const RunConfig& config, const std::optional<fs::path>& resume) {
  const auto run = open_task_run(config);
  const InputHashes inputs = hash_inputs(*run);
  const auto model = open_model(*run, config);
  RunFolder folder = resume ? RunFolder::resume(*resume, config, inputs, run->num_samples())
                            : RunFolder::create(config, inputs, backend().versions());
  explain_rest(folder, *run, *model);
  write_results(folder.path(), config.task);
  folder.finish();
  return {folder.path(), write_report(folder.path(), run->titles)};
}

std::string validate_experiment(const RunConfig& config) { return open_task_run(config)->in_words(); }

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
    out.wrong.insert(out.wrong.end(), replayed.wrong.begin(), replayed.wrong.end());
    progress.add();
  });
  WHY_CHECK(out.samples > 0, folder.string(), " holds no sample yet, so there is nothing to verify");
  return out;
}

}  // namespace why
