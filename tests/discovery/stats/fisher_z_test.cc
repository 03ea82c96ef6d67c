#include "discovery/stats/fisher_z.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/random.h"

namespace why {
namespace {

PartialCorrelation rho(double value) { return {value, false}; }

TEST(FisherZ, WorkedByHand) {
  // N = 28, k = 0: sqrt(25) = 5. rho = tanh(.392) -> statistic 1.96 -> p = .0499957902964...
  EXPECT_NEAR(FisherZ(28).p_value(rho(std::tanh(.392)), 0), .04999579029644087, 1e-15);
  // the same statistic with 9 more samples and 9 variables to condition on
  EXPECT_NEAR(FisherZ(37).p_value(rho(-std::tanh(.392)), 9), .04999579029644087, 1e-15);
  EXPECT_EQ(FisherZ(28).p_value(rho(0), 0), 1);
}

TEST(FisherZ, DoesNotUnderflowAtEightSigma) {
  // statistic 10: p = 1.5239706048321e-23, where 1 - cdf(10) is 0 in double
  EXPECT_NEAR(FisherZ(103).p_value(rho(std::tanh(1)), 0), 1.5239706048321e-23, 1e-33);
  // statistic 36.4: about 1e-290
  EXPECT_GT(FisherZ(1403).p_value(rho(0.75), 0), 0);
}

TEST(FisherZ, IndependentIffPIsAboveAlpha) {
  const double r = std::tanh(.392);  // p = .0499957...
  EXPECT_FALSE(FisherZ(28, {.alpha = .05}).decide(rho(r), 0).independent);
  EXPECT_TRUE(FisherZ(28, {.alpha = .0499}).decide(rho(r), 0).independent);
  // p == alpha means dependent
  const double p = FisherZ(28).p_value(rho(r), 0);
  EXPECT_FALSE(FisherZ(28, {.alpha = p}).decide(rho(r), 0).independent);
  EXPECT_TRUE(FisherZ(28, {.alpha = std::nextafter(p, 0)}).decide(rho(r), 0).independent);
}

// The comparisons that decide uses must never give another answer than p itself.
TEST(FisherZ, DecidesAsPDoesEvenAtTheCrossing) {
  Random random(1);
  int independent = 0, asked = 0;
  const auto ask = [&](const FisherZ& test, double alpha, double r, int k) {
    const bool wanted = test.p_value(rho(r), k) > alpha;
    EXPECT_EQ(test.decide(rho(r), k).independent, wanted)
        << "rho " << r << ", k " << k << ", alpha " << alpha;
    independent += wanted;
    ++asked;
  };
  for (int i = 0; i < 300; ++i) {
    const double alpha = std::pow(10, -12 * random.uniform()) * .999;
    const int samples = 4 + static_cast<int>(random.below(i % 2 ? 20 : 100000));
    const int k = static_cast<int>(random.below(static_cast<std::uint64_t>(std::min(samples - 3, 50))));
    const FisherZ test(samples, {.alpha = alpha});
    // the crossing, by bisection of p
    double low = 0, high = std::sqrt(1 - 1.1 * kSmallestPivot);
    if (test.p_value(rho(high), k) > alpha) continue;
    for (int step = 0; step < 80; ++step) {
      const double middle = (low + high) / 2;
      (test.p_value(rho(middle), k) > alpha ? low : high) = middle;
    }
    for (const double step : {0., 1e-16, 1e-14, 1e-13, 1e-12, 1e-10, 1e-8, 1e-4})
      for (const double r : {low - step, low + step})
        if (std::abs(r) < 1) {
          ask(test, alpha, r, k);
          ask(test, alpha, -r, k);
        }
    ask(test, alpha, 2 * random.uniform() - 1, k);
  }
  EXPECT_GT(independent, asked / 4);
  EXPECT_GT(asked - independent, asked / 4);
}

TEST(FisherZ, KeepsTheEdgeWhenSamplesAreTooFew) {
  // N - k - 3 must be positive: 10 samples answer up to k = 6
  const FisherZ test(10);
  EXPECT_EQ(test.max_order(), 6);
  EXPECT_TRUE(test.decide(rho(.1), 6).independent);
  EXPECT_FALSE(test.decide(rho(.1), 6).degenerate);
  for (const int k : {7, 8, 100}) {
    EXPECT_FALSE(test.decide(rho(.1), k).independent);
    EXPECT_TRUE(test.decide(rho(.1), k).degenerate);
    EXPECT_EQ(test.p_value(rho(.1), k), 0);
  }
  EXPECT_TRUE(FisherZ(3).decide(rho(0), 0).degenerate);
  EXPECT_TRUE(FisherZ(0).decide(rho(0), 0).degenerate);
}

TEST(FisherZ, KeepsTheEdgeOfADegenerateCorrelation) {
  const FisherZ test(100);
  for (const PartialCorrelation r : {PartialCorrelation{NAN, true}, {1, true}, {-1, true}}) {
    EXPECT_FALSE(test.decide(r, 2).independent);
    EXPECT_TRUE(test.decide(r, 2).degenerate);
    EXPECT_EQ(test.p_value(r, 2), 0);
  }
}

TEST(FisherZ, OfTwentyTwentyThreeTakesNegativeForIndependent) {
  const FisherZ test(768, {.alpha = .01, .positive_only = true});
  EXPECT_TRUE(test.decide(rho(-.9), 0).independent);
  EXPECT_TRUE(test.decide(rho(0), 0).independent);
  EXPECT_TRUE(test.decide({-1, true}, 0).independent);
  EXPECT_EQ(test.p_value(rho(-.9), 0), 1);
  EXPECT_FALSE(test.decide(rho(.9), 0).independent);
  EXPECT_TRUE(test.decide(rho(.01), 0).independent);
  EXPECT_TRUE(test.decide({NAN, true}, 1).degenerate);
  EXPECT_FALSE(FisherZ(768).decide(rho(-.9), 0).independent);
}

TEST(FisherZ, RefusesAnAlphaThatIsNoProbability) {
  for (const double alpha : {0., 1., -.1, 1.5, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(FisherZ(100, {.alpha = alpha}), UserError);
  EXPECT_THAT([] { FisherZ(100, {.alpha = 5}); },
              testing::ThrowsMessage<UserError>("alpha must lie between 0 and 1, not be 5"));
}

}  // namespace
}  // namespace why
