// What the tests of correlation tests ask about, and how they compare answers.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "core/random.h"
#include "discovery/search/ci_test.h"
#include "discovery/stats/correlation.h"

namespace why {

struct LinearModel {
  int variables;
  double edges;   // probability of each
  double weight;  // of an edge
  int samples;
};

// A random linear model whose last two variables are copies of the first and of its opposite, so that
// degenerate sets are among the questions.
inline Correlation correlation_of(const LinearModel& model, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> table;
  for (int row = 0; row < model.samples; ++row) {
    std::vector<double> x(static_cast<std::size_t>(model.variables));
    Random weights = Random(seed).child("weights");
    for (std::size_t v = 0; v < x.size(); ++v) {
      x[v] = random.normal();
      for (std::size_t u = 0; u < v; ++u)
        if (weights.uniform() < model.edges) x[v] += model.weight * x[u];
    }
    x[x.size() - 2] = x[0];
    x[x.size() - 1] = -x[0];
    table.insert(table.end(), x.begin(), x.end());
  }
  return correlation_from_table(table, model.samples, model.variables);
}

inline void expect_equal(const std::vector<Separation>& found, const std::vector<Separation>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].rank, wanted[i].rank) << i;
    EXPECT_EQ(found[i].p_value, wanted[i].p_value) << i;  // the same bits
    EXPECT_EQ(found[i].tests, wanted[i].tests) << i;
    EXPECT_EQ(found[i].degenerate, wanted[i].degenerate) << i;
  }
}

}  // namespace why
