// A linear structural equation model on a DAG: each node is the sum of its parents, each times a weight, and
// of noise of its own. What gaussian_rows draws from and render_attention renders.
#pragma once

#include <vector>

#include "core/random.h"
#include "discovery/graph/dag.h"

namespace why {

struct GaussianModel {
  double least_weight = 0.5, most_weight = 1.5;  // uniform between the two, of either sign
  double least_noise = 1, most_noise = 1;        // standard deviation, uniform between the two
};

struct LinearModel {
  struct Weight {
    Node parent;
    double value;
  };
  std::vector<std::vector<Weight>> weights;  // [nodes]
  std::vector<double> noise;                 // [nodes] standard deviations
};

// UserError for ranges that are none.
LinearModel draw_linear_model(const Dag& dag, const GaussianModel& model, Random random);

// All nodes, each behind its parents.
std::vector<Node> parents_first(const Dag& dag);

}  // namespace why
