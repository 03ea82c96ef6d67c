#include "experiments/report/task_words.h"

#include <algorithm>

#include "core/errors.h"
#include "experiments/report/samples.h"

namespace why {
namespace {

const std::vector<TaskWords> kWords = {
    {.task = "recommendation",
     .model_kind = "recommender",
     .of_text = false,
     .source_key = "user",
     .parts_key = "history",
     .answer_key = "recommended",
     .set_parts_key = "items",
     .length_key = "history",
     .sample = "user",
     .part = "item",
     .answer = "the recommendation",
     .says = "recommends",
     .say = "recommend",
     .target = "recommended",
     .ranks_tell = true},
    {.task = "sentiment",
     .model_kind = "classifier",
     .of_text = true,
     .source_key = "source",
     .parts_key = "parts",
     .answer_key = "answer",
     .set_parts_key = "parts",
     .length_key = "length",
     .sample = "text",
     .part = "word",
     .answer = "the verdict",
     .says = "says",
     .say = "say",
     .target = "verdict"},
    {.task = "masked-word",
     .model_kind = "masked-lm",
     .of_text = true,
     .source_key = "source",
     .parts_key = "parts",
     .answer_key = "answer",
     .set_parts_key = "parts",
     .length_key = "length",
     .sample = "text",
     .part = "word",
     .answer = "the predicted word",
     .says = "predicts",
     .say = "predict",
     .target = "predicted",
     .ranks_tell = true},
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

TaskWords words_of(const Sample& sample) {
  TaskWords out = words_of(sample.task);
  if (sample.text) out.part = sample.text->unit;
  return out;
}

const std::string& task_of_kind(const std::string& model_kind) {
  const auto found = std::find_if(kWords.begin(), kWords.end(),
                                  [&](const auto& words) { return words.model_kind == model_kind; });
  WHY_CHECK(found != kWords.end(), "a model of kind ", model_kind,
            " gives no answer that could be explained");
  return found->task;
}

}  // namespace why
