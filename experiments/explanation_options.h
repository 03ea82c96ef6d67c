// What the user chooses about an explanation; the same keys in a configuration and as options of `explain`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "experiments/searches.h"
#include "models/model.h"

namespace why {

// Of a head's attention; and those that ask the model for more.
inline const std::vector<std::string> kEstimators = {"attention", "outputs", "centered"};
inline const std::vector<std::string> kModelEstimators = {"attention", "outputs", "centered", "rollout",
                                                          "gradient"};

// From one head's attention to its causal graph.
struct GraphOptions {
  std::string search = "icd";  // one of kSearches; ordicd needs causal attention
  double alpha = 1e-5;         // independent iff p > alpha
  // Sample size of the test: "hidden" (the model's width), "head_dim" (a head's), or a number.
  std::string samples = "hidden";
  // one of kModelEstimators: A·Aᵀ, A·V, A without its column means; the others tasks/mixing.h
  std::string estimator = "attention";
  int layer = -1;              // whose attention: from 0, or from the end below 0
  int max_order = 3;           // largest conditioning set; -1: no bound
  bool positive_only = false;  // r <= 0 counts as independent, as in the reference of 2023
};

// How a part of the input is taken away.
//
//   remove  "delete"          from the sequence
//   mask    "mask"            the mask token in its place
//   pad     "pad"             the padding token in its place, attended to like any other
//   hide    "attention-mask"  it stays, but no token may attend to it
//
// "auto" stands for the task's own: delete for recommendation, mask for sentiment, pad for masked-word
// (another mask would be another question; padding is what the reference's notebook takes).
enum class Removal { remove, mask, pad, hide };

// From graphs to the smallest sets.
struct SetOptions {
  std::string heads = "union";   // "union", "each", or a head's number
  std::string removal = "auto";  // see Removal
  int max_set_size = 3;
  int max_calls = 500;  // model calls a sample
};

struct ExplanationOptions {
  GraphOptions graph;
  SetOptions sets;
};

extern const std::vector<std::string> kRemovals;

// The operator that is meant by one of kRemovals in this task (one of kTasks).
Removal parse_removal(const std::string& name, const std::string& task);

// Puts the task's own values in the place of "auto".
void resolve(ExplanationOptions& options, const std::string& task);

void describe(Fields& fields, GraphOptions& options);
void describe(Fields& fields, SetOptions& options);
void describe(Fields& fields, ExplanationOptions& options);

// What describe cannot see: whether the words that may also be numbers are one or the other, and whether the
// model can do what is asked. UserError names the key.
void check(const ExplanationOptions& options);
void check(const ExplanationOptions& options, const BundleInfo& model);

// What is known of a model once it is loaded: ordicd wants one whose attention is causal.
void check_search(const GraphOptions& options, const BundleInfo& loaded);

// `layer` from 0.
int layer_of(const GraphOptions& options, const BundleInfo& model);

// The number that `samples` stands for with this model.
int sample_size(const GraphOptions& options, const BundleInfo& model);

// The head that `heads` names; empty for "union" and "each".
std::optional<int> single_head(const SetOptions& options);

}  // namespace why
