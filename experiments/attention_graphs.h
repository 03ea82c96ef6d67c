// From one attention head to a causal graph over the tokens: where models and discovery meet.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/device.h"
#include "discovery/explain/tree_candidates.h"
#include "discovery/graph/mixed_graph.h"
#include "discovery/stats/square_matrix.h"
#include "experiments/explanation_options.h"
#include "models/model.h"

namespace why {

// The covariance of the tokens that one of kEstimators takes from a head: [T, T] probabilities, or [T, width]
// outputs for "outputs". UserError for another name, and for NaN or infinite values.
SquareMatrix estimated_covariance(std::span<const float> values, int tokens, const std::string& estimator);

// The graph of one head, [0, H), of attention as its estimator wants it (tasks/mixing.h); `samples` is the
// sample size of the test. Its nodes are the means of groups of tokens, or the tokens themselves where no
// groups are given; ordicd has them in the order of their first tokens, which is one of causes only where
// attention is causal. UserError for attention that is NaN or infinite. Safe to call from several threads.
MixedGraph learn_graph(const Attention& attention, int head, const GraphOptions& options, int samples,
                       const std::vector<std::vector<int>>& groups = {});

// One head of one input, as learn_graph takes it.
struct HeadOfInput {
  const Attention* attention;
  int head;
  const std::vector<std::vector<int>>* groups;
};

// Whether this search learns the graphs of many heads in one launch: all but ordicd do on a CUDA device,
// where this program holds our kernels.
bool learns_together(const GraphOptions& options, Device device);

// The graphs of many heads, as learn_graph has them: where it learns_together, small ones in one launch
// (discovery/search/search_batch.h), and from attention that lies on this device without a way through the
// host (discovery/stats/head_correlations.h); else heads share the threads.
std::vector<MixedGraph> learn_graphs(std::span<const HeadOfInput> heads, const GraphOptions& options,
                                     int samples, Device device, int threads);

// Sentences about graphs, one a head that has a part in the search, that explain nothing: a target (the last
// node) without neighbours, a graph with hardly an edge, one with nearly all of them.
std::vector<std::string> graph_warnings(std::span<const MixedGraph> heads, const SetOptions& options);

HeadChoice head_choice(const SetOptions& options);

}  // namespace why
