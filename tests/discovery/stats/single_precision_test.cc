// What float32 calls dependent for sure, doubles call dependent too.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "discovery/stats/correlation.h"
#include "discovery/stats/partial_correlation.h"

namespace why {
namespace {

constexpr int kVariables = 12, kMostGiven = 8;

// The smaller the noise, the nearer to singular.
SquareMatrix correlations(double noise, Random& random) {
  const int factors = 3, rows = 40;
  std::vector<double> loadings(kVariables * factors), table;
  for (double& loading : loadings) loading = random.normal();
  for (int row = 0; row < rows; ++row) {
    double common[factors];
    for (double& each : common) each = random.normal();
    for (int v = 0; v < kVariables; ++v)
      table.push_back(
          std::inner_product(common, common + factors, &loadings[v * factors], noise * random.normal()));
  }
  return correlation_from_table(table, rows, kVariables).matrix;
}

template <class Real>
class Pair {
 public:
  Pair(const SquareMatrix& matrix, const std::vector<int>& nodes)
      : values_(matrix.values.begin(), matrix.values.end()),
        pair_(values_.data(), matrix.n, nodes[0], nodes[1], kMostGiven, workspace_),
        nodes_(nodes) {}

  // False once a variable is determined by those before it.
  bool condition_on_next() { return pair_.condition_on(nodes_.data() + 2, given_++); }
  double rho() const { return pair_.given(given_).rho; }
  bool is_sure(const SureDependence& sure) const {
    if constexpr (std::is_same_v<Real, float>)
      return pair_.is_sure_given(given_, single_bounds_of(sure));
    else
      return pair_.is_sure_given(given_, bounds_of(sure));
  }

 private:
  std::vector<Real> values_;
  Real workspace_[BasicConditionedPair<Real>::workspace_size(kMostGiven)];
  BasicConditionedPair<Real> pair_;
  const std::vector<int>& nodes_;
  int given_ = 0;
};

// Visits pairs given 0 to 8 variables, in doubles and in singles, of correlations with so much noise.
template <class Visit>
void for_each_pair(double noise, int matrices, const Visit& visit) {
  Random random(11);
  std::vector<int> nodes(kVariables);
  std::iota(nodes.begin(), nodes.end(), 0);
  for (int i = 0; i < matrices; ++i) {
    const SquareMatrix matrix = correlations(noise, random);
    for (int j = 0; j < 20; ++j) {
      random.shuffle(std::span(nodes));
      Pair<double> wide(matrix, nodes);
      Pair<float> narrow(matrix, nodes);
      visit(wide, narrow);
      for (int k = 1; k <= kMostGiven && wide.condition_on_next() && narrow.condition_on_next(); ++k)
        visit(wide, narrow);
    }
  }
}

TEST(SinglePrecision, IsNeverSureWhereDoublesAreNot) {
  for (const double noise : {1., .1, 1e-2, 1e-3, 1e-4, 1e-5}) {
    int yes = 0, asked = 0;
    for_each_pair(noise, 200, [&](const Pair<double>& wide, const Pair<float>& narrow) {
      const double rho = wide.rho();
      if (std::isnan(rho)) return;
      // thresholds on both sides of the very correlation, as near as can be and farther away
      for (const double away : {0., 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2})
        for (const double side : {-1., 1.})
          for (const bool either_sign : {true, false}) {
            const SureDependence sure{std::abs(rho) * (1 + side * away), either_sign};
            ++asked;
            if (!narrow.is_sure(sure)) continue;
            ++yes;
            ASSERT_TRUE(wide.is_sure(sure))
                << "rho " << rho << ", threshold " << sure.above << ", noise " << noise;
          }
    });
    EXPECT_GT(asked, 100'000);
    if (noise >= .1) {
      EXPECT_GT(yes, asked / 50) << noise;
    }
  }
}

TEST(SinglePrecision, IsSureOfNearlyAllThatIsClear) {
  int yes = 0, clear = 0;
  for_each_pair(1, 200, [&](const Pair<double>& wide, const Pair<float>& narrow) {
    const SureDependence sure{.1, true};
    if (!(std::abs(wide.rho()) > .11)) return;
    ++clear;
    yes += narrow.is_sure(sure);
  });
  EXPECT_GT(clear, 10'000);
  EXPECT_GT(yes, clear * .95) << "of " << clear;
}

TEST(SinglePrecision, IsSureOfNothingNextToDegenerate) {
  SquareMatrix matrix(3);
  const auto sure = [&](double xy) {
    matrix(0, 0) = matrix(1, 1) = matrix(2, 2) = 1;
    matrix(0, 1) = matrix(1, 0) = xy;
    const std::vector<int> nodes{0, 1, 2};
    return Pair<float>(matrix, nodes).is_sure({.5, true});
  };
  EXPECT_TRUE(sure(.9));
  EXPECT_TRUE(sure(-.9));
  EXPECT_FALSE(sure(1));
  EXPECT_FALSE(sure(1 - 1e-9));  // a float cannot tell it from 1
  EXPECT_FALSE(sure(.5));
  EXPECT_FALSE(sure(NAN));
}

}  // namespace
}  // namespace why
