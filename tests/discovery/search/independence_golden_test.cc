// p-values against NumPy and SciPy (tests/discovery/golden/make_independence_tests.py).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/discrete_test.h"
#include "discovery/search/testwise_test.h"

namespace why {
namespace {

using Json = nlohmann::json;

Json golden(const char* kind) {
  const std::string source = std::getenv("WHYFORMER_SOURCE");
  return Json::parse(read_file(source + "/tests/discovery/golden/independence_tests.json"))[kind];
}

std::vector<double> numbers(const Json& table) {
  std::vector<double> out;
  for (const auto& row : table)
    for (const auto& cell : row) out.push_back(cell.is_null() ? NAN : cell.get<double>());
  return out;
}

void expect_close(double found, double wanted) { EXPECT_NEAR(found, wanted, 1e-11 + 1e-10 * wanted); }

TEST(IndependenceGolden, TestwiseFisherAndStudentAreSciPys) {
  const Json json = golden("numbers");
  const std::vector<double> table = numbers(json["table"]);
  const TestwiseTest fisher(table, 60, 5), student(table, 60, 5, {.alpha = .01, .exact = true});
  int asked = 0, fewer = 0;
  for (const auto& each : json["answers"]) {
    const auto z = each["z"].get<std::vector<Node>>();
    const Node x = each["x"], y = each["y"];
    expect_close(fisher.ask(x, y, z).p_value, each["fisher_z"]);
    expect_close(student.ask(x, y, z).p_value, each["t"]);
    EXPECT_EQ(fisher.ask(y, x, z).p_value, fisher.ask(x, y, z).p_value);
    EXPECT_EQ(student.ask(x, y, z).independent, each["t"] > .01);
    EXPECT_EQ(fisher.samples(x, y, z), each["rows"]);
    fewer += each["rows"] < 60;
    ++asked;
  }
  EXPECT_EQ(asked, 80);
  EXPECT_GT(fewer, 40);
}

// The same from the correlation matrix of the complete rows.
TEST(IndependenceGolden, CompleteRowsGiveWhatTheirCorrelationGives) {
  const Json json = golden("numbers");
  std::vector<double> complete;
  int rows = 0;
  for (const auto& row : json["table"]) {
    if (std::ranges::any_of(row, [](const Json& cell) { return cell.is_null(); })) continue;
    for (const auto& cell : row) complete.push_back(cell);
    ++rows;
  }
  const Correlation correlation = correlation_from_table(complete, rows, 5);
  const CorrelationTest fisher(correlation), student = CorrelationTest::exact(correlation, .01);
  const TestwiseTest testwise_fisher(complete, rows, 5),
      testwise_student(complete, rows, 5, {.alpha = .01, .exact = true});
  EXPECT_EQ(fisher.samples(0, 1, {}), rows);
  EXPECT_EQ(student.max_order(), testwise_student.max_order());
  EXPECT_EQ(fisher.max_order(), testwise_fisher.max_order());
  for (const auto& each : json["answers"]) {
    const auto z = each["z"].get<std::vector<Node>>();
    const Node x = each["x"], y = each["y"];
    expect_close(testwise_fisher.ask(x, y, z).p_value, fisher.ask(x, y, z).p_value);
    expect_close(testwise_student.ask(x, y, z).p_value, student.ask(x, y, z).p_value);
  }
}

TEST(IndependenceGolden, GSquaredAndChiSquaredAreSciPys) {
  const Json json = golden("categories");
  Categories data;
  data.rows = static_cast<int>(json["table"].size());
  data.levels = {2, 4, 3, 3};
  for (std::size_t column = 0; column < 4; ++column)
    for (const auto& row : json["table"]) data.codes.push_back(row[column]);
  int asked = 0;
  for (const auto& each : json["answers"]) {
    const auto z = each["z"].get<std::vector<Node>>();
    const Node x = each["x"], y = each["y"];
    for (const auto& [name, statistic] :
         {std::pair("g2", ContingencyStatistic::g2), std::pair("chi2", ContingencyStatistic::chi2)}) {
      const double rows = each["rows"], cells = each["cells"];
      // exactly enough rows for the cells, and one too few
      const DiscreteTest enough(data, {.statistic = statistic, .rows_per_cell = rows / cells}),
          too_few(data, {.statistic = statistic, .rows_per_cell = (rows + 1) / cells});
      expect_close(enough.ask(x, y, z).p_value, each[name]["p"]);
      EXPECT_TRUE(too_few.ask(x, y, z).degenerate);
      EXPECT_EQ(enough.samples(x, y, z), each["rows"]);
    }
    ++asked;
  }
  EXPECT_EQ(asked, 24);
}

TEST(TestwiseTest, KeepsTheEdgeWhereRowsAreTooFewOrConstant) {
  // columns: a, b with four rows in common; c constant on them; d a copy of a
  const std::vector<double> table = {1, 2, 5, 1, 2, 5,   5, 2, 3,   1, 5, 3,
                                     4, 6, 5, 4, 9, NAN, 7, 9, NAN, 1, 8, 1};
  const TestwiseTest test(table, 6, 4);
  EXPECT_EQ(test.samples(0, 1, {}), 4);
  EXPECT_FALSE(test.ask(0, 1, {}).degenerate);
  for (const std::vector<Node>& z : std::vector<std::vector<Node>>{{2}, {3}, {2, 3}}) {
    EXPECT_TRUE(test.ask(0, 1, z).degenerate);
    EXPECT_FALSE(test.ask(0, 1, z).independent);
  }
  EXPECT_TRUE(test.ask(0, 3, {}).degenerate);
  const std::vector<double> gaps = {1, NAN, NAN, 1, 2, NAN, NAN, 2};
  EXPECT_TRUE(TestwiseTest(gaps, 4, 2).ask(0, 1, {}).degenerate);  // no row in common
}

}  // namespace
}  // namespace why
