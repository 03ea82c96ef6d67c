#include "discovery/simulate/simulate_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "discovery/graph/m_separation.h"
#include "discovery/graph/notation.h"
#include "discovery/search/correlation_test.h"
#include "discovery/stats/correlation.h"

namespace why {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<double> column(const SimulatedTable& table, std::size_t x) {
  const std::size_t width = table.values.size() / static_cast<std::size_t>(table.rows);
  std::vector<double> out;
  for (std::size_t row = 0; row < static_cast<std::size_t>(table.rows); ++row)
    out.push_back(table.values[row * width + x]);
  return out;
}

double covariance(const std::vector<double>& a, const std::vector<double>& b) {
  double mean_a = 0, mean_b = 0, sum = 0;
  const auto n = static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) mean_a += a[i] / n, mean_b += b[i] / n;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / n;
}

constexpr GaussianModel kUnit{1, 1, 1, 1};  // weights of +1 or -1, noise of 1

TEST(SimulateGaussian, HasTheCovarianceOfTheModel) {
  const NamedDag named = parse_dag("observed: A B C\nA --> B\nB --> C\n", "dag");
  const SimulatedTable table = simulate_gaussian(named.dag, kUnit, 40'000, Random(1));
  const auto a = column(table, 0), b = column(table, 1), c = column(table, 2);
  EXPECT_NEAR(covariance(a, a), 1, 0.03);
  EXPECT_NEAR(covariance(b, b), 2, 0.06);
  EXPECT_NEAR(covariance(c, c), 3, 0.09);
  EXPECT_NEAR(std::abs(covariance(a, c)), 1, 0.05);
}

// X1 and X2 add up to S; given S = 0, their covariance is that of (X1, X2) minus the regression on S:
// 1 - 1/3 on the diagonal, -+1/3 beside it.
TEST(SimulateGaussian, ConditionsOnSelectionExactly) {
  const NamedDag named = parse_dag("observed: A B\nselection: S\nA --> S\nB --> S\n", "dag");
  const SimulatedTable table = simulate_gaussian(named.dag, kUnit, 40'000, Random(2));
  const auto a = column(table, 0), b = column(table, 1);
  EXPECT_NEAR(covariance(a, a), 2.0 / 3, 0.02);
  EXPECT_NEAR(covariance(b, b), 2.0 / 3, 0.02);
  EXPECT_NEAR(std::abs(covariance(a, b)), 1.0 / 3, 0.02);
}

// On 60,000 rows Fisher's z must see every m-connection's absence: alpha is small, so what is separated is
// found independent, selection and latent nodes or not.
template <class Simulate>
void expect_independences(Simulate&& simulate, std::uint64_t seed) {
  Random random(seed);
  int separated = 0, connected = 0, seen = 0;
  for (int round = 0; round < 12; ++round) {
    const Dag dag = random_dag({6, 2, 2, 0.3}, random);
    const SimulatedTable table = simulate(dag, random.child("data", static_cast<std::uint64_t>(round)));
    const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f"};
    const CorrelationTest test(correlation_from_table(table.values, table.rows, 6, names, 1),
                               {.alpha = 1e-6});
    const MSeparation truth(dag);
    for (Node x = 0; x < 6; ++x)
      for (Node y = x + 1; y < 6; ++y)
        for (Node z = 0; z < 6; ++z) {
          if (z == x || z == y) continue;
          const std::vector<Node> given = {z};
          const bool independent = test.ask(x, y, given).independent;
          if (truth.separated(x, y, given)) {
            ++separated;
            EXPECT_TRUE(independent) << "graph " << round << ": " << x << " " << y << " given " << z;
          } else {
            ++connected;
            seen += !independent;
          }
        }
  }
  EXPECT_GT(separated, 50);
  EXPECT_GT(seen, connected * 3 / 4);
}

TEST(SimulateGaussian, EveryMSeparationIsAPartialCorrelationOfZero) {
  expect_independences(
      [](const Dag& dag, const Random& random) { return simulate_gaussian(dag, {}, 60'000, random); }, 7);
}

// The conditional distributions of B given A, in the rows with the selection node at 1.
TEST(SimulateDiscrete, IndependenceAndDependenceAreThoseOfTheGraph) {
  const auto chi_squared = [](const char* dag) {
    const SimulatedTable table = simulate_discrete(parse_dag(dag, "dag").dag, {3}, 30'000, Random(5));
    double counts[3][3] = {}, rows[3] = {}, columns[3] = {}, sum = 0;
    const auto a = column(table, 0), b = column(table, 1);
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto x = static_cast<std::size_t>(a[i]), y = static_cast<std::size_t>(b[i]);
      ++counts[x][y], ++rows[x], ++columns[y];
    }
    for (int x = 0; x < 3; ++x)
      for (int y = 0; y < 3; ++y) {
        const double expected = rows[x] * columns[y] / 30'000;
        EXPECT_GT(expected, 50);
        sum += (counts[x][y] - expected) * (counts[x][y] - expected) / expected;
      }
    return sum;
  };
  // 23.5 is the 1 - 1e-4 quantile with 4 degrees of freedom
  EXPECT_LT(chi_squared("observed: A B\n"), 23.5);
  EXPECT_LT(chi_squared("observed: A B\nselection: S\nA --> S\n"), 23.5);
  EXPECT_GT(chi_squared("observed: A B\nA --> B\n"), 200);
  EXPECT_GT(chi_squared("observed: A B\nselection: S\nA --> S\nB --> S\n"), 200);
  EXPECT_GT(chi_squared("observed: A B\nlatent: L\nL --> A\nL --> B\n"), 100);
}

TEST(SimulateDiscrete, ValuesAreTheLevels) {
  const NamedDag named = parse_dag("observed: A B\nA --> B\n", "dag");
  const SimulatedTable table = simulate_discrete(named.dag, {4}, 500, Random(1));
  for (const double value : table.values) EXPECT_THAT(value, testing::AnyOf(0, 1, 2, 3));
}

// The same on every machine: these numbers were drawn once and written down.
TEST(Simulate, TheSeedDecides) {
  const Dag dag = parse_dag("observed: A B\nlatent: L\nselection: S\nL --> A\nA --> B\nB --> S\n", "dag").dag;
  const SimulatedTable table = simulate_gaussian(dag, {}, 2, Random(1));
  const double written[] = {-0.893964, -1.00874, 1.97875, 0.227873};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(table.values[i], written[i], 1e-5);
  EXPECT_EQ(table.values, simulate_gaussian(dag, {}, 2, Random(1)).values);
  EXPECT_NE(table.values, simulate_gaussian(dag, {}, 2, Random(2)).values);
  EXPECT_THAT(simulate_discrete(dag, {3}, 4, Random(1)).values, testing::ElementsAre(1, 2, 0, 0, 0, 2, 0, 0));
}

TEST(Simulate, SaysWhatCannotBe) {
  const Dag dag = parse_dag("observed: A B\nA --> B\n", "dag").dag;
  EXPECT_THAT([&] { simulate_gaussian(dag, {}, 0, Random(1)); },
              ThrowsMessage<UserError>("a simulation needs at least 1 sample, not 0"));
  EXPECT_THAT(
      [&] {
        simulate_gaussian(dag, {2, 1, 1, 1}, 1, Random(1));
      },
      ThrowsMessage<UserError>("weights from 2 to 1 are no range of sizes"));
  EXPECT_THAT(
      [&] {
        simulate_gaussian(dag, {1, 1, 0, 1}, 1, Random(1));
      },
      ThrowsMessage<UserError>("noise from 0 to 1 is no range of standard deviations above 0"));
  EXPECT_THAT([&] { simulate_discrete(dag, {1}, 1, Random(1)); },
              ThrowsMessage<UserError>("discrete variables have 2 to 100 levels, not 1"));
  std::string hub = "observed: H";
  for (int i = 0; i < 20; ++i) hub += text(" p", i);
  hub += '\n';
  for (int i = 0; i < 20; ++i) hub += text("p", i, " --> H\n");
  EXPECT_THAT([&] { simulate_discrete(parse_dag(hub, "dag").dag, {3}, 1, Random(1)); },
              ThrowsMessage<UserError>(HasSubstr("node 1 has 20 parents of 3 levels")));
  std::string strict = "observed: A\nselection:";
  for (int i = 0; i < 60; ++i) strict += text(" s", i);
  strict += '\n';
  for (int i = 0; i < 60; ++i) strict += text("A --> s", i, "\n");
  EXPECT_THAT([&] { simulate_discrete(parse_dag(strict, "dag").dag, {3}, 1, Random(1)); },
              ThrowsMessage<UserError>(HasSubstr("fewer than one row in 10000")));
}

}  // namespace
}  // namespace why
