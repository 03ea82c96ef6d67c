#include "discovery/stats/student_t.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"

namespace why {
namespace {

PartialCorrelation rho(double value) { return {value, false}; }

TEST(StudentT, WorkedByHand) {
  // df = 2: p = 1 - |t| / sqrt(2 + t^2) = 1 - |rho|;  df = 1: p = 1 - 2 asin(|rho|) / pi
  EXPECT_NEAR(StudentT(4, .05).p_value(rho(.3), 0), .7, 1e-15);
  EXPECT_NEAR(StudentT(9, .05).p_value(rho(-.3), 5), .7, 1e-15);
  EXPECT_NEAR(StudentT(3, .05).p_value(rho(.5), 0), 2.0 / 3, 1e-15);
  // the table's t(10) at .05 two-sided is 2.228139
  const double t = 2.228138851986274;
  EXPECT_NEAR(StudentT(12, .05).p_value(rho(t / std::sqrt(10 + t * t)), 0), .05, 1e-14);
  EXPECT_EQ(StudentT(12, .05).p_value(rho(0), 0), 1);
}

TEST(StudentT, KeepsStrongDependencesInOrder) {
  const StudentT test(2000, .01);
  EXPECT_GT(test.p_value(rho(.5), 0), test.p_value(rho(.51), 0));
  EXPECT_GT(test.p_value(rho(.51), 0), 0);
}

TEST(StudentT, DecidesAsPDoesEvenAtTheCrossing) {
  int independent = 0, asked = 0;
  for (const int samples : {3, 4, 10, 100, 5000})
    for (const double alpha : {1e-5, .01, .3}) {
      const StudentT test(samples, alpha);
      for (int k = 0; k <= std::min(test.max_order(), 40); k += 1 + k / 3) {
        double low = 0, high = 1;  // the crossing, and steps around it
        for (int i = 0; i < 60; ++i) {
          const double middle = (low + high) / 2;
          (test.p_value(rho(middle), k) > alpha ? low : high) = middle;
        }
        for (const double step : {0.0, 1e-16, -1e-16, 1e-13, -1e-13, 1e-9, -1e-9, 1e-3, -1e-3}) {
          const double r = low + step;
          if (r < 0 || r >= 1) continue;
          const bool wanted = test.p_value(rho(r), k) > alpha;
          EXPECT_EQ(test.decide(rho(r), k).independent, wanted) << samples << " " << k << " " << step;
          EXPECT_EQ(test.decide(rho(-r), k).independent, wanted);
          independent += wanted;
          ++asked;
        }
      }
    }
  EXPECT_GT(independent, asked / 10);
  EXPECT_LT(independent, 9 * asked / 10);
}

TEST(StudentT, KeepsTheEdgeOfWhatItCannotAnswer) {
  const StudentT test(5, .01);
  EXPECT_EQ(test.max_order(), 2);
  EXPECT_FALSE(test.decide(rho(0), 2).degenerate);
  EXPECT_TRUE(test.decide(rho(0), 3).degenerate);
  EXPECT_FALSE(test.decide(rho(0), 3).independent);
  EXPECT_EQ(test.p_value(rho(0), 3), 0);
  EXPECT_TRUE(test.decide({1, true}, 0).degenerate);
  EXPECT_FALSE(test.decide({1, true}, 0).independent);
  EXPECT_TRUE(StudentT(2, .01).decide(rho(0), 0).degenerate);
}

TEST(StudentT, RefusesAnAlphaThatIsNoProbability) {
  for (const double alpha : {0.0, 1.0, -1.0, std::nan("")}) EXPECT_THROW(StudentT(9, alpha), UserError);
}

}  // namespace
}  // namespace why
