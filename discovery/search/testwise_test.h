// Independence of jointly Gaussian variables in a table with gaps: each question is answered from the rows
// that are complete for its own variables ("test-wise deletion").
//
// Sound when values are missing at random with respect to the question, and then loses fewer rows than
// leaving out every row with a gap; but answers about different variables rest on different rows, so they may
// contradict each other. `samples` tells on how many.
//
// A question costs O(rows (k + 2)^2): means, products of deviations and one partial correlation.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/stats/partial_correlation.h"

namespace why {

struct TestwiseOptions {
  double alpha = 0.01;
  bool exact = false;  // Student's t instead of Fisher's z
};

class TestwiseTest : public CiTest {
 public:
  // values: [rows, columns], NaN where one is missing. UserError unless 0 < alpha < 1.
  TestwiseTest(std::span<const double> values, int rows, int columns, const TestwiseOptions& options = {});

  int num_nodes() const override { return columns_; }
  // Degenerate: fewer complete rows than the test needs, one of the variables constant on them, or
  // partial_correlation.h's reasons.
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override;
  int max_order() const override;
  std::optional<int> samples(Node x, Node y, std::span<const Node> z) const override;

 private:
  const double* column(Node x) const {
    return values_.data() + static_cast<std::ptrdiff_t>(x) * static_cast<std::ptrdiff_t>(rows_);
  }

  int rows_, columns_;
  TestwiseOptions options_;
  std::vector<double> values_;  // [columns, rows], each column shifted and scaled into [-1, 1]
};

}  // namespace why
