#include "discovery/stats/correlation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <vector>

#include "core/errors.h"
#include "core/random.h"

namespace why {
namespace {

using Table = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::span<const double> span_of(const Table& table) {
  return {table.data(), static_cast<std::size_t>(table.size())};
}

Table random_table(int rows, int columns, std::uint64_t seed) {
  Random random(seed);
  return Table::NullaryExpr(rows, columns, [&] { return random.normal(); });
}

Correlation from_table(const Table& table, int threads = 1) {
  return correlation_from_table(span_of(table), static_cast<int>(table.rows()),
                                static_cast<int>(table.cols()), {}, threads);
}

SquareMatrix square(int n, std::vector<double> values) {
  SquareMatrix out(n);
  out.values = std::move(values);
  return out;
}

TEST(Correlation, OfACovarianceByHand) {
  // 2 / sqrt(4 * 9) = 1/3
  const Correlation r = correlation_from_covariance(square(2, {4, 2, 2, 9}), 100);
  EXPECT_THAT(r.matrix.values, testing::ElementsAre(1, 2.0 / 6.0, 2.0 / 6.0, 1));
  EXPECT_EQ(r.sample_size, 100);
}

TEST(Correlation, OfEqualVariablesIsExactlyOne) {
  Random random(5);
  for (int i = 0; i < 1000; ++i) {
    const double v = random.uniform() + 1e-9;
    EXPECT_EQ(correlation_from_covariance(square(2, {v, v, v, v}), 10).matrix(0, 1), 1);
    EXPECT_EQ(correlation_from_covariance(square(2, {v, -v, -v, v}), 10).matrix(0, 1), -1);
  }
}

TEST(Correlation, NamesTheVariableThatDoesNotVary) {
  const std::vector<std::string> names = {"[CLS]", "good"};
  EXPECT_THAT(
      [&] {
        correlation_from_covariance(square(2, {1, 0, 0, 0}), 10, names);
      },
      testing::ThrowsMessage<UserError>(testing::HasSubstr("variable \"good\" has variance 0")));
  EXPECT_THAT(
      [&] {
        correlation_from_covariance(square(2, {-1, 0, 0, 1}), 10);
      },
      testing::ThrowsMessage<UserError>(testing::HasSubstr("variable number 0")));
}

TEST(Correlation, NamesRowAndColumnOfABadCovariance) {
  const std::vector<std::string> names = {"a", "b"};
  EXPECT_THAT(
      [&] {
        correlation_from_covariance(square(2, {1, std::nan(""), 0, 1}), 10, names);
      },
      testing::ThrowsMessage<UserError>("the covariance of variable \"a\" and variable \"b\" is nan"));
}

class TableCorrelation : public testing::TestWithParam<std::pair<int, int>> {};  // rows, columns

TEST_P(TableCorrelation, AgreesWithEigen) {
  const auto [rows, columns] = GetParam();
  const Table table = random_table(rows, columns, 6);
  const Table centered = table.rowwise() - table.colwise().mean();
  const Eigen::MatrixXd covariance = centered.transpose() * centered;
  const Correlation found = from_table(table);
  EXPECT_EQ(found.sample_size, rows);
  for (int x = 0; x < columns; ++x)
    for (int y = 0; y < columns; ++y)
      EXPECT_NEAR(found.matrix(x, y), covariance(x, y) / std::sqrt(covariance(x, x) * covariance(y, y)),
                  1e-14);
}

INSTANTIATE_TEST_SUITE_P(Sizes, TableCorrelation,
                         testing::Values(std::pair(2, 1), std::pair(2, 2), std::pair(3, 9),
                                         std::pair(500, 17)));

TEST(TableCorrelation, SurvivesALargeMean) {
  // One pass (sum of squares minus square of sum) loses every digit here.
  Table table = random_table(100, 2, 7);
  const double wanted = from_table(table).matrix(0, 1);
  table.array() += 1e8;
  EXPECT_NEAR(from_table(table).matrix(0, 1), wanted, 1e-7);
}

TEST(TableCorrelation, SurvivesAnyUnitOfMeasurement) {
  Table table = random_table(100, 2, 8);
  const double wanted = from_table(table).matrix(0, 1);
  table.col(0) *= 1e200;
  table.col(1) *= 1e-200;
  EXPECT_NEAR(from_table(table).matrix(0, 1), wanted, 1e-14);
}

TEST(TableCorrelation, OfEqualColumnsIsExactlyOne) {
  Table table = random_table(33, 2, 9);
  table.col(1) = table.col(0);
  EXPECT_EQ(from_table(table).matrix(0, 1), 1);
  table.col(1) = -table.col(0);
  EXPECT_EQ(from_table(table).matrix(0, 1), -1);
}

TEST(TableCorrelation, IsTheSameForAnyThreadCount) {
  const Table table = random_table(60, 41, 10);
  EXPECT_EQ(from_table(table, 1).matrix.values, from_table(table, 3).matrix.values);
}

TEST(TableCorrelation, RefusesWhatHasNoCorrelation) {
  const std::vector<std::string> names = {"age", "height"};
  const auto of = [&](std::vector<double> values, int rows) {
    return [=] { correlation_from_table(values, rows, 2, names); };
  };
  EXPECT_THAT(of({1, 2}, 1),
              testing::ThrowsMessage<UserError>("a correlation needs at least 2 rows; the table has 1"));
  // The mean of three times 0.1 is not 0.1 in binary: only equal cells make a column constant.
  EXPECT_THAT(of({1, 0.1, 2, 0.1, 3, 0.1}, 3),
              testing::ThrowsMessage<UserError>("variable \"height\" is constant: every row is 0.1"));
  EXPECT_THAT(of({1, 2, std::numeric_limits<double>::infinity(), 3}, 2),
              testing::ThrowsMessage<UserError>("row 1 (counted from 0) of variable \"age\" is inf"));
  EXPECT_THAT(of({1e308, 2, 1.5e308, 3}, 2),
              testing::ThrowsMessage<UserError>("the values of variable \"age\" are too large to be summed"));
}

TEST(SelectVariables, KeepsTheCorrelationsFormedOverAllColumns) {
  const Correlation all = from_table(random_table(50, 5, 11));
  const std::vector<int> chosen = {4, 1};
  const Correlation some = select_variables(all, chosen);
  EXPECT_EQ(some.num_variables(), 2);
  EXPECT_EQ(some.matrix(0, 1), all.matrix(4, 1));
  EXPECT_EQ(some.matrix(0, 0), 1);
  EXPECT_EQ(some.sample_size, 50);
}

}  // namespace
}  // namespace why
