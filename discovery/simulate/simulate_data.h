// Data from a DAG: what a sample of its observed nodes would be.
//
// The same options and seed give the same numbers on every machine whose exp, log and sqrt round alike: the
// generator and its distributions are Boost's (core/random.h), sums run in a stated order, and no
// multiplication is fused with an addition.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/random.h"
#include "discovery/graph/dag.h"
#include "discovery/simulate/linear_model.h"

namespace why {

struct SimulatedTable {
  int rows = 0;
  std::vector<double> values;  // [rows, observed nodes], in the DAG's order
};

// The same, row after row, for tables that are larger than memory.
class SimulatedRows {
 public:
  virtual ~SimulatedRows() = default;
  virtual std::span<const double> next() = 0;  // [observed nodes], valid until the next call
};

// Linear and Gaussian: a node is the sum of its parents, each times a weight, and of noise.
//
// A selection node is a sum like the others, and the sample holds those who have its mean there, 0: rows are
// drawn from the exact conditional distribution given that all selection nodes are 0, which is Gaussian
// again, so that every m-separation in the DAG is a partial correlation of zero. Nothing is thrown away.
SimulatedTable simulate_gaussian(const Dag& dag, const GaussianModel& model, int rows, const Random& random);
std::unique_ptr<SimulatedRows> gaussian_rows(const Dag& dag, const GaussianModel& model,
                                             const Random& random);  // the DAG must outlive it

// Discrete: a node takes one of `levels` values, 0 ... levels - 1, with probabilities that depend on the
// values of all its parents; each row of that table is drawn uniformly from all probability distributions.
//
// A selection node has two values, 0 and 1, and the sample holds the rows in which all selection nodes are 1:
// others are drawn and thrown away.
struct DiscreteModel {
  int levels = 3;
};
// UserError when a table has more than 10 million entries, or when fewer than one row in 10,000 is selected.
SimulatedTable simulate_discrete(const Dag& dag, const DiscreteModel& model, int rows, const Random& random);
std::unique_ptr<SimulatedRows> discrete_rows(const Dag& dag, const DiscreteModel& model,
                                             const Random& random);

}  // namespace why
