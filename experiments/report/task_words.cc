#include "experiments/report/task_words.h"

#include <algorithm>

#include "core/errors.h"

namespace why {
namespace {

const std::vector<TaskWords> kWords = {
    {.task = "recommendation",
     .of_text = false,
     .source_key = "user",
     .parts_key = "history",
     .answer_key = "recommended",
     .set_parts_key = "items",
     .length_key = "history"},
};

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& words : kWords) out.push_back(words.task);
  return out;
}

}  // namespace

const std::vector<std::string> kTasks = names();

const TaskWords& words_of(const std::string& task) {
  const auto found =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& words) { return words.task == task; });
  WHY_ASSERT(found != kWords.end());
  return *found;
}

}  // namespace why
