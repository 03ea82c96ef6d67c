#include "discovery/search/discrete_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/errors.h"
#include "core/random.h"

namespace why {
namespace {

// A chain 0 -> 1 -> 2 -> ... of categories that mostly follow the one before, some cells missing.
Categories chain(int rows, std::vector<int> levels, std::uint64_t seed, double gaps = 0) {
  Random random(seed);
  Categories out;
  out.rows = rows;
  out.levels = std::move(levels);
  out.codes.resize(out.levels.size() * static_cast<std::size_t>(rows));
  for (int row = 0; row < rows; ++row) {
    std::uint64_t last = 0;
    for (std::size_t x = 0; x < out.levels.size(); ++x) {
      const auto n = static_cast<std::uint64_t>(out.levels[x]);
      last = x == 0 || random.uniform() < .4 ? random.below(n) : last % n;
      const bool gap = random.uniform() < gaps;
      out.codes[x * static_cast<std::size_t>(rows) + static_cast<std::size_t>(row)] =
          gap ? -1 : static_cast<int>(last);
    }
  }
  return out;
}

// Q(a, h) for a = df / 2, h = statistic / 2, by Q(a + 1, h) = Q(a, h) + h^a exp(-h) / Gamma(a + 1).
double chi_squared_tail(double df, double statistic) {
  const double h = statistic / 2;
  const bool even = std::fmod(df, 2) == 0;
  double p = even ? std::exp(-h) : std::erfc(std::sqrt(h));
  double term = even ? h * std::exp(-h) : 2 * std::sqrt(h / std::acos(-1)) * std::exp(-h);
  for (double a = even ? 1 : .5; a < df / 2; ++a) {
    p += term;
    term *= h / (a + 1);
  }
  return p;
}

// The same answer from maps of counts, stratum by stratum.
CiAnswer counted_naively(const Categories& data, const DiscreteOptions& options, Node x, Node y,
                         std::vector<Node> z) {
  std::map<std::vector<int>, std::vector<std::pair<int, int>>> strata;
  int rows = 0;
  for (std::size_t row = 0; row < static_cast<std::size_t>(data.rows); ++row) {
    std::vector<int> key;
    for (const Node node : z) key.push_back(data.column(node)[row]);
    const int a = data.column(x)[row], b = data.column(y)[row];
    if (a < 0 || b < 0 || std::ranges::count(key, -1) > 0) continue;
    strata[key].emplace_back(a, b);
    ++rows;
  }
  double statistic = 0, df = 0, cells = 0;
  for (const auto& [key, pairs] : strata) {
    std::map<int, double> in_x, in_y;
    std::map<std::pair<int, int>, double> in_both;
    for (const auto& [a, b] : pairs) {
      ++in_x[a];
      ++in_y[b];
      ++in_both[{a, b}];
    }
    cells += static_cast<double>(in_x.size() * in_y.size());
    df += static_cast<double>((in_x.size() - 1) * (in_y.size() - 1));
    for (const auto& [a, of_x] : in_x)
      for (const auto& [b, of_y] : in_y) {
        const double expected = of_x * of_y / static_cast<double>(pairs.size());
        const auto at = in_both.find({a, b});
        const double count = at == in_both.end() ? 0 : at->second;
        if (options.statistic == ContingencyStatistic::chi2)
          statistic += (count - expected) * (count - expected) / expected;
        else if (count > 0)
          statistic += 2 * count * std::log(count / expected);
      }
  }
  if (df == 0 || cells * options.rows_per_cell > rows) return {false, true, 0};
  const double p = chi_squared_tail(df, statistic);
  return {p > options.alpha, false, p};
}

TEST(DiscreteTest, AnswersAsCountingByHandDoes) {
  int independent = 0, degenerate = 0, asked = 0;
  for (const auto statistic : {ContingencyStatistic::g2, ContingencyStatistic::chi2})
    for (const double gaps : {0.0, 0.1}) {
      const Categories data = chain(900, {2, 3, 4, 2, 3, 5}, 1, gaps);
      const DiscreteOptions options{.alpha = .05, .statistic = statistic};
      const DiscreteTest test(data, options);
      for (Node x = 0; x < 6; ++x)
        for (Node y = x + 1; y < 6; ++y)
          for (const std::vector<Node>& z :
               std::vector<std::vector<Node>>{{}, {0}, {3}, {5}, {0, 3}, {2, 4}, {0, 1, 3}}) {
            if (std::ranges::count(z, x) + std::ranges::count(z, y) > 0) continue;
            const CiAnswer found = test.ask(x, y, z), wanted = counted_naively(data, options, x, y, z);
            EXPECT_EQ(found.degenerate, wanted.degenerate) << x << y << z.size();
            EXPECT_EQ(found.independent, wanted.independent);
            EXPECT_NEAR(found.p_value, wanted.p_value, 1e-10);
            independent += found.independent;
            degenerate += found.degenerate;
            ++asked;
          }
    }
  EXPECT_GT(independent, asked / 10);
  EXPECT_GT(degenerate, asked / 50);
  EXPECT_LT(independent + degenerate, asked);
}

TEST(DiscreteTest, AnswersASetHoweverItIsListed) {
  const DiscreteTest test(chain(2000, {2, 3, 2, 3, 2}, 2));
  const std::vector<Node> z = {4, 0, 2}, sorted = {0, 2, 4};
  EXPECT_EQ(test.ask(3, 1, z).p_value, test.ask(1, 3, sorted).p_value);
  EXPECT_GT(test.ask(1, 3, sorted).p_value, 0);
}

void expect_equal(const std::vector<Separation>& found, const std::vector<Separation>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].rank, wanted[i].rank) << i;
    EXPECT_EQ(found[i].p_value, wanted[i].p_value) << i;
    EXPECT_EQ(found[i].tests, wanted[i].tests) << i;
    EXPECT_EQ(found[i].degenerate, wanted[i].degenerate) << i;
  }
}

TEST(DiscreteTest, AnswersBatchesAsOneQuestionAtATimeDoes) {
  DiscreteTest test(chain(600, {2, 3, 2, 4, 2, 3, 2}, 3, .05), {.alpha = .05});
  Random random(4);
  for (const int k : {0, 1, 2, 3}) {
    std::vector<std::vector<Node>> pools;
    std::vector<std::pair<Node, Node>> pairs;
    for (Node x = 0; x < 7; ++x)
      for (Node y = x + 1; y < 7; ++y) {
        pairs.emplace_back(x, y);
        pools.emplace_back();
        for (Node z = 0; z < 7; ++z)
          if (z != x && z != y) pools.back().push_back(z);
        if (x % 2) random.shuffle(std::span(pools.back()));
      }
    std::vector<PoolTask> in_pools;
    std::vector<ListTask> listed;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      in_pools.push_back({pairs[i].first, pairs[i].second, pools[i], k});
      const auto count = k == 0 ? 1 : static_cast<std::int64_t>(pools[i].size()) / k;
      listed.push_back({pairs[i].first, pairs[i].second,
                        std::span(pools[i]).first(static_cast<std::size_t>(count * k)), k, count});
    }
    const auto by_pool = test.CiTest::separate(std::span<const PoolTask>(in_pools));
    const auto by_list = test.CiTest::separate(std::span<const ListTask>(listed));
    for (const int threads : {1, 3}) {
      test.threads = threads;
      expect_equal(test.separate(std::span<const PoolTask>(in_pools)), by_pool);
      expect_equal(test.separate(std::span<const ListTask>(listed)), by_list);
    }
  }
}

TEST(DiscreteTest, KeepsAndCountsWhatTooFewRowsOrNothingVaryingLeavesOpen) {
  // 0 and 1 are independent, four cells
  Categories data;
  data.rows = 24;
  data.levels = {2, 2, 2};
  for (int row = 0; row < 24; ++row) data.codes.push_back(row % 2);
  for (int row = 0; row < 24; ++row) data.codes.push_back(row / 2 % 2);
  for (int row = 0; row < 24; ++row) data.codes.push_back(row % 2);  // a copy of 0
  const std::vector<Node> copy = {2};
  EXPECT_TRUE(DiscreteTest(data).ask(0, 1, {}).independent);  // 6 rows a cell
  const DiscreteTest strict(data, {.rows_per_cell = 6.5});
  EXPECT_TRUE(strict.ask(0, 1, {}).degenerate);
  EXPECT_FALSE(strict.ask(0, 1, {}).independent);
  // given its copy, 0 does not vary
  for (const double rows : {0.0, 5.0}) {
    const CiAnswer answer = DiscreteTest(data, {.rows_per_cell = rows}).ask(0, 1, copy);
    EXPECT_TRUE(answer.degenerate);
    EXPECT_FALSE(answer.independent);
  }
  // more strata and categories than can be counted
  Categories wide;
  wide.rows = 5000;
  wide.levels = {5000, 5000};
  for (int x = 0; x < 2; ++x)
    for (int row = 0; row < 5000; ++row) wide.codes.push_back(row);
  EXPECT_TRUE(DiscreteTest(wide, {.rows_per_cell = 0}).ask(0, 1, {}).degenerate);
}

TEST(DiscreteTest, TellsOnHowManyRowsAnAnswerRests) {
  Categories data;
  data.rows = 4;
  data.levels = {2, 2, 2};
  data.codes = {0, 1, 0, 1, /**/ 0, -1, 1, 1, /**/ -1, 0, 0, 1};
  const DiscreteTest test(data);
  const std::vector<Node> z = {2};
  EXPECT_EQ(test.samples(0, 1, {}), 3);
  EXPECT_EQ(test.samples(0, 1, z), 2);
}

TEST(DiscreteTest, RefusesAnAlphaThatIsNoProbability) {
  EXPECT_THROW(DiscreteTest(chain(9, {2, 2}, 1), {.alpha = 1}), UserError);
}

}  // namespace
}  // namespace why
