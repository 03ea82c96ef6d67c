#include "discovery/stats/partial_correlations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/errors.h"
#include "core/random.h"
#include "tests/available_devices.h"

namespace why {
namespace {

Correlation from_eigen(const Eigen::MatrixXd& covariance) {
  SquareMatrix out(static_cast<int>(covariance.rows()));
  for (int i = 0; i < out.n; ++i)
    for (int j = 0; j < out.n; ++j) out(i, j) = covariance(std::max(i, j), std::min(i, j));
  return correlation_from_covariance(out, 1000);
}

// Random factors of `rank` and independent noise: the smaller the noise, the nearer to singular.
Correlation random_correlation(int n, int rank, double noise, std::uint64_t seed) {
  Random random(seed);
  const Eigen::MatrixXd factors =
      Eigen::MatrixXd::NullaryExpr(n, rank, [&](Eigen::Index, Eigen::Index) { return random.normal(); });
  return from_eigen(factors * factors.transpose() + noise * Eigen::MatrixXd::Identity(n, n));
}

// By inverting the block {x, y, z...} in long double: rho = -P_xy / sqrt(P_xx P_yy).
double by_inverse(const SquareMatrix& matrix, std::vector<int> block) {
  using Wide = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
  const auto size = static_cast<Eigen::Index>(block.size());
  const Wide part = Wide::NullaryExpr(size, size, [&](Eigen::Index i, Eigen::Index j) {
    return matrix(block[static_cast<std::size_t>(i)], block[static_cast<std::size_t>(j)]);
  });
  const Wide p = part.fullPivLu().inverse();
  return static_cast<double>(-p(0, 1) / std::sqrt(p(0, 0) * p(1, 1)));
}

struct Pairs {
  std::vector<int> x, y, z;
  int k;
  PairBatch batch() const { return {x, y, z, k}; }
};

Pairs random_pairs(int n, int k, int count, std::uint64_t seed) {
  Random random(seed);
  Pairs out{{}, {}, {}, k};
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (int i = 0; i < count; ++i) {
    random.shuffle(std::span(order));
    out.x.push_back(order[0]);
    out.y.push_back(order[1]);
    out.z.insert(out.z.end(), order.begin() + 2, order.begin() + 2 + k);
  }
  return out;
}

class PartialCorrelations : public testing::TestWithParam<Device> {
 protected:
  std::vector<PartialCorrelation> of(const Correlation& correlation, const Pairs& pairs) {
    return partial_correlations(correlation, pairs.batch(), GetParam());
  }
  PartialCorrelation of(const Correlation& correlation, int x, int y, std::vector<int> z) {
    const int k = static_cast<int>(z.size());
    return of(correlation, Pairs{{x}, {y}, std::move(z), k}).front();
  }
};

INSTANTIATE_TEST_SUITE_P(Devices, PartialCorrelations, testing::ValuesIn(available_devices()), device_label);

TEST_P(PartialCorrelations, AgreeWithTheInverseForEverySize) {
  const int n = 16;
  const Correlation correlation = random_correlation(n, 2 * n, 0.1, 1);
  for (int k = 0; k <= 14; ++k) {
    const Pairs pairs = random_pairs(n, k, 301, 2);
    const auto found = of(correlation, pairs);
    ASSERT_EQ(found.size(), 301u);
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::vector<int> block = {pairs.x[i], pairs.y[i]};
      block.insert(block.end(), pairs.z.begin() + static_cast<std::ptrdiff_t>(i) * k,
                   pairs.z.begin() + static_cast<std::ptrdiff_t>(i + 1) * k);
      EXPECT_FALSE(found[i].degenerate);
      EXPECT_NEAR(found[i].rho, by_inverse(correlation.matrix, block), 1e-12) << "k = " << k;
    }
  }
}

TEST_P(PartialCorrelations, WorkedByHand) {
  // r12 = .5, r13 = .4, r23 = .2: (.5 - .4*.2) / sqrt((1 - .16)(1 - .04)) = .42 / sqrt(.8064)
  Eigen::Matrix3d r;
  r << 1, .5, .4, .5, 1, .2, .4, .2, 1;
  EXPECT_EQ(of(from_eigen(r), 0, 1, {}).rho, .5);
  EXPECT_NEAR(of(from_eigen(r), 0, 1, {2}).rho, .42 / std::sqrt(.8064), 1e-15);
}

TEST_P(PartialCorrelations, OfAChainVanishGivenTheMiddle) {
  // a -> b -> c with correlations .8 and .5: r_ac = .4
  Eigen::Matrix3d r;
  r << 1, .8, .4, .8, 1, .5, .4, .5, 1;
  EXPECT_NEAR(of(from_eigen(r), 0, 2, {1}).rho, 0, 1e-16);
}

TEST_P(PartialCorrelations, AreTheSameBitsWithXAndYSwapped) {
  const Correlation correlation = random_correlation(12, 5, 1e-3, 3);
  for (int k = 0; k <= 10; ++k) {
    const Pairs pairs = random_pairs(12, k, 200, 4);
    const auto forward = of(correlation, pairs), back = of(correlation, {pairs.y, pairs.x, pairs.z, k});
    for (std::size_t i = 0; i < forward.size(); ++i) EXPECT_EQ(forward[i].rho, back[i].rho) << "k = " << k;
  }
}

TEST_P(PartialCorrelations, KeepNineDigitsNearASingularBlock) {
  // One strong common factor: the condition numbers of the blocks are near 1e6.
  const Correlation correlation = random_correlation(8, 1, 1e-5, 5);
  for (int k = 1; k <= 6; ++k) {
    const Pairs pairs = random_pairs(8, k, 50, 6);
    const auto found = of(correlation, pairs);
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::vector<int> block = {pairs.x[i], pairs.y[i]};
      block.insert(block.end(), pairs.z.begin() + static_cast<std::ptrdiff_t>(i) * k,
                   pairs.z.begin() + static_cast<std::ptrdiff_t>(i + 1) * k);
      EXPECT_FALSE(found[i].degenerate);
      EXPECT_NEAR(found[i].rho, by_inverse(correlation.matrix, block), 1e-9) << "k = " << k;
    }
  }
}

// Variables 0 1 2 3 are independent, 4 equals 0, 5 is -1 times 1, 6 is (2 + 3) / sqrt(2).
Correlation dependent_variables() {
  Eigen::MatrixXd factors = Eigen::MatrixXd::Zero(7, 4);
  factors.topRows(4).setIdentity();
  factors(4, 0) = 1;
  factors(5, 1) = -1;
  factors(6, 2) = factors(6, 3) = std::sqrt(.5);
  return from_eigen(factors * factors.transpose());
}

TEST_P(PartialCorrelations, OfEqualAndOppositeVariablesAreDegenerate) {
  const Correlation r = dependent_variables();
  for (const auto& z : {std::vector<int>{}, {2}, {2, 3}, {1, 2, 3}}) {
    EXPECT_EQ(of(r, 0, 4, z).rho, 1);
    EXPECT_TRUE(of(r, 0, 4, z).degenerate);
  }
  for (const auto& z : {std::vector<int>{}, {2}, {2, 3}, {0, 2, 3}}) {
    EXPECT_EQ(of(r, 1, 5, z).rho, -1);
    EXPECT_TRUE(of(r, 1, 5, z).degenerate);
  }
}

TEST_P(PartialCorrelations, WithASingularConditioningSetAreDegenerate) {
  const Correlation r = dependent_variables();
  for (const auto& z : {std::vector<int>{0, 4}, {4, 0}, {1, 5}, {2, 3, 6}, {6, 3, 2}}) {
    const int x = z[0] == 1 ? 2 : 1, y = z[0] == 0 || z[0] == 4 ? 3 : 0;
    EXPECT_TRUE(std::isnan(of(r, x, y, z).rho));
    EXPECT_TRUE(of(r, x, y, z).degenerate);
  }
}

TEST_P(PartialCorrelations, GivenWhatDeterminesXAreDegenerate) {
  const Correlation r = dependent_variables();
  EXPECT_TRUE(of(r, 0, 1, {4}).degenerate);
  EXPECT_TRUE(of(r, 1, 0, {4}).degenerate);
  EXPECT_TRUE(of(r, 6, 0, {2, 3}).degenerate);
  EXPECT_FALSE(of(r, 6, 0, {2}).degenerate);
}

TEST_P(PartialCorrelations, OfAlmostEqualVariablesAreNotDegenerate) {
  // y = x + noise of one ten-thousandth: 1 - rho^2 is about 1e-8, above the threshold of 1e-10
  Eigen::Matrix2d r;
  r << 1, 1, 1, 1 + 1e-8;
  EXPECT_FALSE(of(from_eigen(r), 0, 1, {}).degenerate);
  r(1, 1) = 1 + 1e-11;
  EXPECT_TRUE(of(from_eigen(r), 0, 1, {}).degenerate);
}

TEST_P(PartialCorrelations, OfTwoVariablesAndOfNoPairs) {
  Eigen::Matrix2d r;
  r << 1, -.25, -.25, 1;
  EXPECT_EQ(of(from_eigen(r), 1, 0, {}).rho, -.25);
  EXPECT_TRUE(of(from_eigen(Eigen::MatrixXd::Ones(1, 1)), Pairs{{}, {}, {}, 3}).empty());
}

TEST_P(PartialCorrelations, AreTheSameBitsOnEveryDeviceAndThreadCount) {
  const Correlation correlation = random_correlation(20, 9, 1e-4, 7);
  for (int k = 0; k <= 12; ++k) {
    const Pairs pairs = random_pairs(20, k, 1027, 8);
    const auto here = of(correlation, pairs), plain = partial_correlations(correlation, pairs.batch(), {}, 3);
    for (std::size_t i = 0; i < here.size(); ++i) EXPECT_EQ(here[i].rho, plain[i].rho) << "k = " << k;
  }
}

TEST(PartialCorrelationsDevice, AnAbsentDeviceIsANamedError) {
  if (has_cuda_kernels()) GTEST_SKIP() << "this program has CUDA kernels";
  EXPECT_THAT(
      [] {
        partial_correlations({SquareMatrix(1), 10}, {}, {Device::Kind::cuda, 0});
      },
      testing::ThrowsMessage<UserError>(
          "device \"cuda:0\" was asked for, but this program was built without CUDA"));
}

TEST(PartialCorrelationsDevice, RefusesVariablesThatAreNotThere) {
  const std::vector<int> x = {0}, y = {3};
  EXPECT_THROW(partial_correlations({SquareMatrix(3), 10}, {x, y, {}, 0}), InternalError);
}

}  // namespace
}  // namespace why
