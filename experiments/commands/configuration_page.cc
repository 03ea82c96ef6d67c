#include "experiments/commands/configuration_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "experiments/commands/train_arguments.h"
#include "experiments/report/task_words.h"
#include "experiments/runner/run_list.h"

namespace why {
namespace {

using Keys = std::vector<ConfigKey>;

constexpr const char* kBeginning = R"(# Configuration

Made by `whyformer list --keys` from the tables with which the program reads these files; a test compares the two.

A configuration is a YAML file. An unknown key, a value of another type and one out of range are errors that name file,
line and column. Words behind the file set keys over it, `graph.alpha=1e-3 methods=[cleann,attention]`: a key of a section
has a dot, and a value is read as YAML. `--print-config` of `run` and of `train` prints a file as it is understood, with all
defaults.

`discover`, `explain` and the other commands take options, not files: see their `--help`.
)";

// Of the texts that no Markdown is meant in.
std::string in_cell(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '|' || letter == '<' || letter == '>') out += '\\';
    out += letter;
  }
  return out;
}

std::string default_of(const ConfigKey& key) {
  if (key.allowed.required) return "must be given";
  return key.value == "\"\"" || key.value == "[]" ? "none" : fmt::format("`{}`", key.value);
}

std::string range_of(const Constraint& allowed) {
  const bool low = std::isfinite(allowed.low), high = std::isfinite(allowed.high);
  if (low && high) return fmt::format(", {} to {}", allowed.low, allowed.high);
  if (low) return fmt::format(", {} or more", allowed.low);
  return "";
}

std::string kind_of(const ConfigKey& key) {
  if (key.allowed.choices.empty()) return key.type + range_of(key.allowed);
  std::string out = key.type == "list" ? "list of " : "";
  for (std::size_t i = 0; i < key.allowed.choices.size(); ++i)
    out += fmt::format("{}`{}`", i > 0 ? ", " : "", key.allowed.choices[i]);
  return out;
}

std::string row_of(const ConfigKey& key) {
  return fmt::format("| `{}` | {} | {} | {} |\n", key.path, kind_of(key), default_of(key), in_cell(key.help));
}

bool holds(const Keys& keys, const ConfigKey& key) {
  return std::any_of(keys.begin(), keys.end(), [&](const auto& each) { return row_of(each) == row_of(key); });
}

std::string table_of(const Keys& keys) {
  std::string out = "\n| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const auto& key : keys) out += row_of(key);
  return out;
}

// Several kinds of one file: what all have alike first, then what each has of its own.
struct Kind {
  std::string name;  // a heading
  Keys keys;
};

std::string tables_of(const std::vector<Kind>& kinds) {
  Keys alike;
  for (const auto& key : kinds.front().keys)
    if (std::all_of(kinds.begin(), kinds.end(), [&](const auto& kind) { return holds(kind.keys, key); }))
      alike.push_back(key);
  std::string out = table_of(alike);
  for (const auto& kind : kinds) {
    Keys own;
    for (const auto& key : kind.keys)
      if (!holds(alike, key)) own.push_back(key);
    if (!own.empty()) out += fmt::format("\n### {}\n{}", kind.name, table_of(own));
  }
  return out;
}

Keys keys_of_run(const std::string& task) {
  RunConfig config;
  config.task = task;
  Keys out = describe_keys(config);
  out.front().value = "\"\"";  // the task is no default
  return out;
}

Keys keys_of_architecture(const std::string& architecture) {
  Keys out = keys_of_recommender_training(architecture);
  out.front().allowed.required = true;
  return out;
}

}  // namespace

std::string configuration_page() {
  std::vector<Kind> tasks, recommenders;
  for (const auto& task : kTasks) tasks.push_back({fmt::format("`task: {}`", task), keys_of_run(task)});
  for (const auto* name : {"bert4rec", "sasrec"})
    recommenders.push_back({fmt::format("`architecture: {}`", name), keys_of_architecture(name)});
  Keys classifier = keys_of_classifier_training();
  classifier.front().allowed.required = true;

  std::string out = kBeginning;
  out += "\n## A run: `whyformer run FILE`\n" + tables_of(tasks);
  out += "\n## A list of runs: `whyformer run FILE`\n" + table_of(keys_of_run_list());
  out += "\n## The training of a recommender: `whyformer train FILE`\n" + tables_of(recommenders);
  out += "\n## The training of a classifier: `whyformer train FILE`\n" + table_of(classifier);
  return out;
}

}  // namespace why
