#include "discovery/stats/covariance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <limits>
#include <vector>

#include "core/errors.h"
#include "core/random.h"

namespace why {
namespace {

using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Floats random_rows(int n, int m, std::uint64_t seed) {
  Random random(seed);
  return Floats::NullaryExpr(n, m, [&] { return static_cast<float>(random.uniform()); });
}

// A row for every token, summing to 1, as softmax gives.
Floats random_attention(int n, std::uint64_t seed) {
  const Floats weights = random_rows(n, n, seed);
  return weights.array().colwise() / weights.rowwise().sum().array();
}

std::span<const float> span_of(const Floats& rows) {
  return {rows.data(), static_cast<std::size_t>(rows.size())};
}

void expect_equal(const SquareMatrix& found, const Eigen::MatrixXd& wanted) {
  ASSERT_EQ(found.n, wanted.rows());
  for (int i = 0; i < found.n; ++i)
    for (int j = 0; j < found.n; ++j) {
      EXPECT_NEAR(found(i, j), wanted(i, j), 1e-14) << "at " << i << ", " << j;
      EXPECT_EQ(found(i, j), found(j, i));
    }
}

class Covariance : public testing::TestWithParam<int> {};  // number of tokens

TEST_P(Covariance, OfAttentionIsTheProductWithItsTranspose) {
  const Floats attention = random_attention(GetParam(), 1);
  const Eigen::MatrixXd a = attention.cast<double>();
  expect_equal(attention_covariance(span_of(attention), GetParam()), a * a.transpose());
}

TEST_P(Covariance, OfCenteredAttentionTakesColumnMeansAway) {
  const Floats attention = random_attention(GetParam(), 2);
  Eigen::MatrixXd a = attention.cast<double>();
  a.rowwise() -= a.colwise().mean().eval();
  expect_equal(centered_attention_covariance(span_of(attention), GetParam()), a * a.transpose());
}

TEST_P(Covariance, OfOutputsTakesRowMeansAway) {
  const Floats outputs = random_rows(GetParam(), 5, 3);
  Eigen::MatrixXd z = outputs.cast<double>();
  z.colwise() -= z.rowwise().mean().eval();
  expect_equal(output_covariance(span_of(outputs), GetParam(), 5), z * z.transpose());
}

INSTANTIATE_TEST_SUITE_P(Tokens, Covariance, testing::Values(1, 2, 7, 8, 9, 23, 64));

TEST(Covariance, WorkedByHand) {
  // A = [.5 .5; .25 .75]
  const std::vector<float> a = {0.5f, 0.5f, 0.25f, 0.75f};
  EXPECT_THAT(attention_covariance(a, 2).values, testing::ElementsAre(0.5, 0.5, 0.5, 0.625));
  // column means .375 .625, deviations +-.125
  EXPECT_THAT(centered_attention_covariance(a, 2).values,
              testing::ElementsAre(0.03125, -0.03125, -0.03125, 0.03125));
}

TEST(Covariance, AConstantOutputRowHasNoVarianceAtAll) {
  // 0.1f is not a binary fraction: the mean of 7 of them differs from it in the last digits
  const std::vector<float> outputs(7, 0.1f);
  EXPECT_EQ(output_covariance(outputs, 1, 7)(0, 0), 0);
}

TEST(Covariance, EqualAttentionRowsHaveNoCenteredVariance) {
  const std::vector<float> rows = {0.1f, 0.3f, 0.6f, 0.1f, 0.3f, 0.6f, 0.1f, 0.3f, 0.6f};
  for (const double value : centered_attention_covariance(rows, 3).values) EXPECT_EQ(value, 0);
}

TEST(Covariance, NamesTheBadEntry) {
  std::vector<float> attention(9, 1.0f / 3);
  attention[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(
      [&] { attention_covariance(attention, 3); },
      testing::ThrowsMessage<UserError>("the attention holds nan at row 1, column 2 (counted from 0)"));
  attention[5] = std::numeric_limits<float>::infinity();
  EXPECT_THAT([&] { output_covariance(attention, 3, 3); },
              testing::ThrowsMessage<UserError>(
                  "the attention output holds inf at row 1, column 2 (counted from 0)"));
}

TEST(SumOfProducts, IsTheSameForAnyThreadCount) {
  Random random(4);
  std::vector<double> samples(37 * 51);
  for (auto& value : samples) value = random.normal();
  EXPECT_EQ(sum_of_products(samples, 37, 51, 1).values, sum_of_products(samples, 37, 51, 4).values);
}

// Words of two, one and three pieces: M·C·Mᵀ by Eigen; and averaging the attention rows first gives the same.
TEST(MeanCovariance, IsTheCovarianceOfTheMeans) {
  const std::vector<float> attention{.50f, .20f, .10f, .10f, .05f, .05f, .10f, .60f, .10f, .10f, .05f, .05f,
                                     .00f, .10f, .70f, .10f, .05f, .05f, .25f, .25f, .25f, .25f, .00f, .00f,
                                     .05f, .05f, .10f, .20f, .30f, .30f, .90f, .02f, .02f, .02f, .02f, .02f};
  const std::vector<std::vector<int>> groups{{1, 2}, {4}, {0, 3, 5}};
  const auto out = mean_covariance(attention_covariance(attention, 6), groups);

  Eigen::MatrixXd tokens(6, 6), means = Eigen::MatrixXd::Zero(3, 6);
  for (int i = 0; i < 36; ++i) tokens(i / 6, i % 6) = attention[static_cast<std::size_t>(i)];
  for (int g = 0; g < 3; ++g)
    for (const int member : groups[static_cast<std::size_t>(g)])
      means(g, member) = 1.0 / static_cast<double>(groups[static_cast<std::size_t>(g)].size());
  const Eigen::MatrixXd words = means * tokens, expected = words * words.transpose();
  ASSERT_EQ(out.n, 3);
  for (int g = 0; g < 3; ++g)
    for (int h = 0; h < 3; ++h) EXPECT_NEAR(out(g, h), expected(g, h), 1e-14);
  EXPECT_EQ(out(0, 2), out(2, 0));
}

}  // namespace
}  // namespace why
