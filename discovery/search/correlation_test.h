// Independence of jointly Gaussian variables: partial correlation and Fisher's z.
//
//   CorrelationTest test(correlation_from_table(values, rows, columns), {.alpha = 0.01});
//   icd(test, options);
//
// A set is taken in ascending order however it is listed, so its answer is one answer; x and y may be
// swapped. Batches give the bits of `ask`, and share the factor of what consecutive sets have in common: the
// next subset of a pool usually costs O(k^2).
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/stats/correlation.h"
#include "discovery/stats/fisher_z.h"

namespace why {

class CorrelationTest : public CiTest {
 public:
  explicit CorrelationTest(Correlation correlation, const FisherZOptions& options = {});

  int num_nodes() const override { return correlation_.num_variables(); }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override;

  // N - 4, but at least 0: with fewer than 4 samples every question is degenerate.
  int max_order() const override;

  std::vector<Separation> separate(std::span<const PoolTask> tasks) const override;
  std::vector<Separation> separate(std::span<const ListTask> tasks) const override;

  const Correlation& correlation() const { return correlation_; }

 private:
  template <class Task>
  Separation separate_one(const Task& task) const;

  Correlation correlation_;
  FisherZ fisher_;
};

}  // namespace why
