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
#include "experiments/runner/metrics.h"
#include "experiments/runner/recommendation_run.h"
#include "experiments/runner/run_folder.h"
#include "models/backend.h"

namespace why {
namespace {

namespace fs = std::filesystem;

InputHashes hash_inputs(const RecommendationRun& run) {
  return {{"model", hash_files(run.model_files)}, {"data", hash_files(run.data_files)}};
}

std::unique_ptr<Model> open_model(const RecommendationRun& run, const RunConfig& config) {
  backend().set_threads(config.threads);
  return backend().load(run.bundle.string(), parse_device(config.device));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void explain_rest(RunFolder& folder, const RecommendationRun& run, Model& model) {
  const std::span<const RecommendationQuery> queries = run.queries;
  Progress progress("explaining", queries.size());
  progress.add(folder.done());
  while (folder.done() < queries.size()) {
    const auto start = std::chrono::steady_clock::now();
    const auto block =
        queries.subspan(folder.done(), std::min(RunFolder::kBlock, queries.size() - folder.done()));
    std::vector<std::string> lines;
    for (const auto& sample : explain_recommendations(model, block, run.options))
      lines.push_back(to_json_line(sample));
    folder.append(lines, seconds_since(start));
    progress.add(block.size());
  }
}

// From the journal alone, so that a continued run gives what an unbroken one gives.
void write_results(const fs::path& folder) {
  std::string metrics = metrics_header();
  SummaryBuilder summary;
  for_each_sample(folder / "samples.jsonl", [&](const Sample& sample) {
    metrics += metrics_rows(sample);
    summary.add(sample);
  });
  write_file(folder / "metrics.csv", metrics);
  write_file(folder / "summary.json", to_json(summary.finish()).dump(2) + "\n");
}

}  // namespace

RunOutcome run_experiment(const RunConfig& config, const std::optional<fs::path>& resume) {
  const RecommendationRun run = open_recommendation_run(config);
  const InputHashes inputs = hash_inputs(run);
  const auto model = open_model(run, config);
  RunFolder folder = resume ? RunFolder::resume(*resume, config, inputs, run.queries.size())
                            : RunFolder::create(config, inputs, backend().versions());
  explain_rest(folder, run, *model);
  write_results(folder.path());
  folder.finish();
  return {folder.path(), write_report(folder.path(), run.titles)};
}

std::string validate_experiment(const RunConfig& config) {
  const RecommendationRun run = open_recommendation_run(config);
  return fmt::format("{} samples of {} users' data in {}, explained on {} ({} items, {} layers, {} heads)",
                     run.queries.size(), config.split, config.data, config.model, run.info.items.size(),
                     run.info.layers, run.info.heads);
}

Verification verify_run(const fs::path& folder) {
  const RunConfig config = config_of_run(folder);
  const RecommendationRun run = open_recommendation_run(config);
  check_same_inputs(inputs_of_run(folder), hash_inputs(run), folder.string());
  const auto model = open_model(run, config);

  Verification out;
  Progress progress("replaying", run.queries.size());
  for_each_sample(folder / "samples.jsonl", [&](const Sample& sample) {
    const auto index = static_cast<std::size_t>(sample.number);
    WHY_CHECK(index < run.queries.size() && run.queries[index].user == sample.user, folder.string(),
              ": sample ", sample.number, " is not the data's user ", sample.user);
    const Replay replay = replay_sample(*model, sample, run.queries[index], run.options);
    ++out.samples;
    out.sets += replay.sets;
    out.flipped += replay.flipped;
    out.same_answer += replay.same_answer;
    out.wrong.insert(out.wrong.end(), replay.wrong.begin(), replay.wrong.end());
    progress.add();
  });
  return out;
}

}  // namespace why
