// Independence of categorical variables: G2 or chi-squared within the strata that the conditioning set makes
// (contingency.h has the formulas and the rule for degrees of freedom).
//
// A question is answered from the rows that are complete for its variables. It is degenerate, so that its
// edge stays and is counted, where
//   - there are fewer than rows_per_cell rows for each cell that could be filled (contingency.h): the
//     asymptotic distribution would not hold (Cochran 1954 asks for five expected a cell)
//   - in no stratum do both variables vary: nothing was tested
//   - the strata and categories would make a table of more than 16 million cells
//
// A question costs O(rows + cells). Batches share the strata of what consecutive sets have in common.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/stats/categories.h"
#include "discovery/stats/contingency.h"

namespace why {

struct DiscreteOptions {
  double alpha = 0.01;
  ContingencyStatistic statistic = ContingencyStatistic::g2;
  double rows_per_cell = 5;  // 0 answers whatever varies
};

class DiscreteTest : public CiTest {
 public:
  // UserError unless 0 < alpha < 1.
  explicit DiscreteTest(Categories data, const DiscreteOptions& options = {});

  int num_nodes() const override { return data_.num_variables(); }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override;
  std::optional<int> samples(Node x, Node y, std::span<const Node> z) const override;
  std::vector<Separation> separate(std::span<const PoolTask> tasks) const override;
  std::vector<Separation> separate(std::span<const ListTask> tasks) const override;

 private:
  class Strata;
  template <class Task>
  Separation separate_one(const Task& task) const;

  Categories data_;
  DiscreteOptions options_;
};

}  // namespace why
