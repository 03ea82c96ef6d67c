// What the parts of a sample are called, task by task: in its record, and in sentences.
#pragma once

#include <string>
#include <vector>

namespace why {

struct Sample;

extern const std::vector<std::string> kTasks;  // "recommendation", "sentiment", "masked-word"

struct TaskWords {
  std::string task;
  std::string model_kind;  // of the bundles that it takes
  bool of_text = false;

  // keys of samples.jsonl, and of metrics.csv, which gives the number of parts under length_key
  std::string source_key, parts_key, answer_key, set_parts_key, length_key;

  std::string sample;       // "user", "text"
  std::string part;         // "item", "word"; a text may also be taken apart into pieces or sentences
  std::string answer;       // "the recommendation", "the verdict"
  std::string says, say;    // of the model: "recommends", "recommend"
  std::string target;       // what the answer's node is called in a drawing: "recommended"
  bool ranks_tell = false;  // does the place of a replacement in the original top 10 say anything?
};

const TaskWords& words_of(const std::string& task);  // one of kTasks

// With the sample's own parts: of a text, its unit.
TaskWords words_of(const Sample& sample);

// The task that bundles of this kind are for. UserError for a kind that no task takes.
const std::string& task_of_kind(const std::string& model_kind);

}  // namespace why
