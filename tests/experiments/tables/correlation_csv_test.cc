#include "experiments/tables/correlation_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"

namespace why {
namespace {

using testing::ElementsAre;

void expect_error(const std::string& contents, const std::string& message) {
  EXPECT_THAT([&] { parse_correlation(contents, "r.csv", 100); }, testing::ThrowsMessage<UserError>(message))
      << contents;
}

TEST(CorrelationCsv, ReadsAMatrix) {
  const NamedCorrelation read = parse_correlation("a,b\n1,.5\n.5,1\n", "r.csv", 100);
  EXPECT_THAT(read.names, ElementsAre("a", "b"));
  EXPECT_EQ(read.correlation.sample_size, 100);
  EXPECT_THAT(read.correlation.matrix.values, ElementsAre(1, .5, .5, 1));
}

TEST(CorrelationCsv, EvensOutRounding) {
  const NamedCorrelation read = parse_correlation("a,b\n.9999999999,1.0000000001\n1,1\n", "r.csv", 9);
  EXPECT_THAT(read.correlation.matrix.values, ElementsAre(1, 1, 1, 1));
  const auto r = parse_correlation("a,b\n1,.5000000\n.5000002,1\n", "r.csv", 9).correlation.matrix;
  EXPECT_EQ(r(0, 1), r(1, 0));
  EXPECT_NEAR(r(0, 1), .5000001, 1e-15);
}

TEST(CorrelationCsv, NamesThePairThatIsWrong) {
  expect_error("a,b\n1,.5\n.4,1\n",
               "r.csv: the matrix is not symmetric: between \"a\" and \"b\" stand 0.5 and 0.4");
  expect_error("a,b\n1,1.5\n1.5,1\n", "r.csv: the correlation of \"a\" and \"b\" is 1.5, outside [-1, 1]");
  expect_error("a,b\n1,.5\n.5,4\n", "r.csv: the correlation of \"b\" with itself is 4, not 1");
  expect_error("a,b\n1,.5\n", "r.csv: a correlation matrix of 2 variables needs 2 rows; this one has 1");
  expect_error(
      "a,b\n1,.5\nnan,1\n",
      "r.csv:3: column \"a\" holds \"nan\"; leave out or fill in rows with missing or infinite values");
}

TEST(CorrelationCsv, TellsIndefiniteFromSingular) {
  const auto indefinite = [](const char* contents) {
    return is_indefinite(parse_correlation(contents, "r.csv", 9).correlation);
  };
  EXPECT_FALSE(indefinite("a\n1\n"));
  EXPECT_FALSE(indefinite("a,b\n1,1\n1,1\n"));  // singular
  // a and b nearly equal, b and c nearly equal, a and c nearly opposite
  EXPECT_TRUE(indefinite("a,b,c\n1,.9,-.9\n.9,1,.9\n-.9,.9,1\n"));
}

}  // namespace
}  // namespace why
