#include <fmt/format.h>

#include <memory>

#include "experiments/commands/commands.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/run.h"

namespace why {

void add_verify(CLI::App& app) {
  auto* command = app.add_subcommand("verify", "asks the model again about every set that a run reports");
  const auto folder = std::make_shared<std::string>();
  command->add_option("run", *folder, "a run folder")->required();
  command->callback([folder] {
    const Verification result = verify_run(*folder);
    const TaskWords& words = words_of(result.task);
    fmt::print("{} samples, {} sets: {} change {}, {} to the {} reported\n", result.samples, result.sets,
               result.flipped, words.answer, result.same_answer, words.of_text ? "one" : "item");
    if (!result.all_good())
      throw std::runtime_error(fmt::format("{} of {} sets do not do what {} says, the first of them {}",
                                           result.wrong.size(), result.sets, *folder, result.wrong.front()));
  });
}

}  // namespace why
