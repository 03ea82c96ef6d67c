// Independence of jointly Gaussian variables: partial correlation, and Fisher's z or Student's t.
//
//   CorrelationTest test(correlation_from_table(values, rows, columns), {.alpha = 0.01});
//   icd(test, options);
//
// A set is taken in ascending order however it is listed, so its answer is one answer; x and y may be
// swapped. Batches give the bits of `ask`, and share the factor of what consecutive sets have in common: the
// next subset of a pool usually costs O(k^2).
#pragma once

#include <utility>
#include <variant>

#include "discovery/search/ci_test.h"
#include "discovery/stats/correlation.h"
#include "discovery/stats/fisher_z.h"
#include "discovery/stats/student_t.h"

namespace why {

class CorrelationTest : public CiTest {
 public:
  // Fisher's z.
  explicit CorrelationTest(Correlation correlation, const FisherZOptions& options = {});
  // Student's t.
  static CorrelationTest exact(Correlation correlation, double alpha);

  int num_nodes() const override { return correlation_.num_variables(); }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override;

  // N - 4 (Fisher) or N - 3 (Student), but at least 0: with too few samples every question is degenerate.
  int max_order() const override;
  std::optional<int> samples(Node, Node, std::span<const Node>) const override {
    return correlation_.sample_size;
  }

  std::vector<Separation> separate(std::span<const PoolTask> tasks) const override;
  std::vector<Separation> separate(std::span<const ListTask> tasks) const override;

  const Correlation& correlation() const { return correlation_; }

  // One task, in this thread.
  Separation separate_here(const ListTask& task) const;

  // What is dependent given k variables without a second look.
  SureDependence sure_dependence(int k) const;
  // The size of a correlation below which it is independent without one.
  double sure_independence(int k) const;

  // Of a partial correlation given k variables.
  double p_value(const PartialCorrelation& r, int k) const;

 private:
  using Significance = std::variant<FisherZ, StudentT>;

  CorrelationTest(Correlation correlation, Significance significance)
      : correlation_(std::move(correlation)), significance_(std::move(significance)) {}

  template <class Task>
  std::vector<Separation> separate_all(std::span<const Task> tasks) const;

  Correlation correlation_;
  Significance significance_;
};

}  // namespace why
