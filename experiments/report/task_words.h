// What the parts of a sample are called, task by task: in its record, and in sentences.
#pragma once

#include <string>
#include <vector>

namespace why {

extern const std::vector<std::string> kTasks;  // "recommendation", "sentiment", "masked-word"

struct TaskWords {
  std::string task;
  bool of_text = false;

  // keys of samples.jsonl, and of metrics.csv, which gives the number of parts under length_key
  std::string source_key, parts_key, answer_key, set_parts_key, length_key;
};

const TaskWords& words_of(const std::string& task);  // one of kTasks

}  // namespace why
