// One input as every task hands it to the search for explanations. A task (recommendation.h, text_task.h)
// makes subjects; what follows is the same for all:
//
//   CLEANN    attention with the answer in place -> a causal graph a head -> sets of parts
//   others    the input as it was asked -> one score a part (rankings.h) -> sets of parts
//
// -> those without which the answer is another, each verified on the model. Beside CLEANN stands what the
// same search finds without the graphs' knowledge (discovery/explain/controls.h) and, where it can be
// afforded, the smallest set there is. All methods share the verdicts; what each would have cost alone is
// counted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/errors.h"
#include "experiments/explanation_options.h"
#include "experiments/report/samples.h"
#include "experiments/tasks/answer.h"
#include "models/model.h"

namespace why {

struct TaskOptions {
  ExplanationOptions explanation;
  std::vector<std::string> methods = {"cleann"};  // see experiments/methods.h
  std::vector<std::string> controls;              // of CLEANN: "permuted", "random"
  int exhaustive_calls = 0;                       // 0: no exhaustive search
  int exhaustive_parts = 0;                       // none for inputs of more parts; 0: no such bound
  bool aopc = false;                              // measure the rankings (Sample::rankings)
  int instead_of = -1;  // the output that an answer must become to count as another; -1: any
  std::uint64_t seed = 1;
  Device device = {};  // for the graphs; the model has its own ...
  int threads = 1;     // ... and its own threads
};

struct Subject {
  Sample sample;      // all but graphs and methods
  Sequence observed;  // what attention is read from
  // Tokens of each part, then those of the target; a node's variable is their mean. Empty: each token of
  // `observed` is a node, and the last is the target.
  std::vector<std::vector<int>> nodes;
  Sequence asked;                               // what was answered
  std::vector<std::vector<int>> tokens;         // of `asked`, those of each part
  int reads_at = 0;                             // the token of `asked` where the answer is read
  std::unique_ptr<ModelJudge> judge;            // candidate i is part i
  std::function<std::string(int)> output_name;  // as `answer` and `top10` name it
  std::vector<int> top;                         // the outputs of `top10`
  std::size_t batch_size = 64;                  // sets asked at once
};

// How an error names an input: "user 7", "dev.tsv:3"; empty where its source is.
std::string place_of(const std::string& task, const std::string& source);

// Calls `work`. A UserError of it names `place`, unless that is empty.
template <class Work>
auto told_of(const std::string& place, Work&& work) {
  try {
    return work();
  } catch (const UserError& error) {
    throw UserError(place.empty() ? error.what() : text(place, ": ", error.what()));
  }
}

// UserError for a method or a search that this model cannot serve, which shows when it is loaded.
void check_served(const TaskOptions& options, const Model& model);

// Subjects and the graphs of their heads, [subjects][heads]: none where no method reads graphs.
struct LearnedSubjects {
  std::vector<Subject> subjects;
  std::vector<std::vector<MixedGraph>> graphs;
};

// Reads attention and learns graphs. UserError for what check_served refuses. Every subject is computed in
// passes of its own, so it does not depend on its neighbours; several at once let the graphs share threads.
LearnedSubjects learn(Model& model, std::vector<Subject> subjects, const TaskOptions& options);

// One sample a subject.
std::vector<Sample> explain(Model& model, const LearnedSubjects& subjects, const TaskOptions& options);
std::vector<Sample> explain(Model& model, std::vector<Subject> subjects, const TaskOptions& options);

class SharedBatches;

// The same with the sets of all subjects in one batch (shared_batches.h); the subjects were made with this
// model. Which sets change an answer, and all that CLEANN, its controls and the exhaustive search report, is
// as above. A method that goes by scores or margins may order near-equal parts otherwise, in their last
// digits, and so find other sets. The first failure ends all.
std::vector<Sample> explain_together(SharedBatches& model, const LearnedSubjects& subjects,
                                     const TaskOptions& options);

// A replay of what a sample reports: each set of each method, asked again alone.
struct Replay {
  std::int64_t sets = 0;         // reported
  std::int64_t flipped = 0;      // of these: the answer is another
  std::int64_t same_answer = 0;  // of these: the one reported, at the rank reported, by the parts reported
  std::int64_t same_margin =
      0;  // of these: with the margin reported, within kNearTie of the score (answer.h)
  std::vector<std::string> wrong;  // the others, "user 4, cleann: 50 and 71"
};
Replay replay(const Subject& subject, const Sample& reported);

// Six significant digits: what a float holds, without the last ones, which differ between machines.
double rounded(float value);

}  // namespace why
