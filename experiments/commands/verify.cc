#include <fmt/format.h>

#include <memory>

#include "experiments/commands/commands.h"
#include "experiments/report/markup.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/run.h"
#include "experiments/runner/run_folder.h"

namespace why {
namespace {

void print(const Verification& result) {
  const TaskWords& words = words_of(result.task);
  fmt::print("{}, {}: {} change {}, {} to the {} reported, {} with the margin reported\n",
             counted(result.samples, "sample"), counted(result.sets, "set"), result.flipped, words.answer,
             result.same_answer, words.of_text ? "one" : "item", result.same_margin);
}

void verify(const std::string& folder) {
  const RunsInFolder runs = runs_in_folder(folder);
  print_warnings(runs.warnings);
  std::string bad;
  for (const auto& run : runs.folders) {
    const Verification result = verify_run(run);
    if (runs.folders.size() > 1) fmt::print("{}: ", run.filename().string());
    print(result);
    print_warnings(result.warnings);
    if (bad.empty() && !result.all_good())
      bad = fmt::format("{} of {} sets do not do what {} says, the first of them {}", result.wrong.size(),
                        result.sets, run.string(), result.wrong.front());
  }
  if (!bad.empty()) throw std::runtime_error(bad);
}

}  // namespace

void add_verify(CLI::App& app) {
  auto* command =
      app.add_subcommand("verify",
                         "asks the model again about every set that a run reports: same answer, same "
                         "margin (within 0.0001 of the score, or of 1)");
  const auto folder = std::make_shared<std::string>();
  command->add_option("RUN_DIR", *folder, "the folder of a run, or of several")->required();
  command->callback([folder] { verify(*folder); });
}

}  // namespace why
