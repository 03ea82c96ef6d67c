// Tests of independence a second, by the size k of the conditioning set and the number p of variables: one
// batch of questions none of which is answered "independent", so that every set is asked.
//
//   bench_ci_tests [--benchmark_…]
//
//   pools/p_P/order_K   for 256 pairs of P variables, all sets of size K out of a pool: for K = 1 of all
//                       others, for larger K of as few as give 5,000 sets or more
//   lists/p_P/order_K   the same sets, listed one by one as ICD does
//   rows/p_P            what the machine can do for order 1: the products of the same pairs' two rows of
//                       correlations, added up; a test needs to read as much
#include <algorithm>
#include <memory>
#include <numeric>

#include "bench/bench_program.h"
#include "core/errors.h"
#include "core/files.h"
#include "core/random.h"
#include "core/subsets.h"
#include "discovery/search/correlation_test.h"

namespace why {
namespace {

constexpr int kPairs = 256, kSetsWanted = 5000;

Correlation random_correlation(int variables) {
  Random random(1);
  const int rows = 2 * variables + 50;
  std::vector<double> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(variables));
  for (double& value : values) value = random.normal();
  return correlation_from_table(values, rows, variables);
}

struct Questions {
  CorrelationTest test, test_on_two;  // the same on 1 thread and on 2
  int k;
  std::vector<Node> pools = {}, sets = {};  // [pairs, pool size], [pairs, sets, k]
  std::vector<PoolTask> pool_tasks = {};
  std::vector<ListTask> list_tasks = {};
  std::int64_t count = 0;
};

int pool_size(int variables, int k) {
  int size = k;
  while (size < variables - 2 && (k == 1 || binomial(size, k) < kSetsWanted)) ++size;
  return k == 0 ? 0 : size;
}

std::shared_ptr<const Questions> make_questions(int variables, int k) {
  // an alpha so near to 1 that nothing is independent
  const CorrelationTest test(random_correlation(variables), {.alpha = 1 - 1e-9});
  const auto q = std::make_shared<Questions>(Questions{.test = test, .test_on_two = test, .k = k});
  q->test_on_two.threads = 2;
  Random random(2);
  const int size = pool_size(variables, k);
  const std::int64_t sets = binomial(size, k);
  std::vector<std::pair<Node, Node>> pairs;
  std::vector<Node> nodes(static_cast<std::size_t>(variables));
  for (int pair = 0; pair < kPairs; ++pair) {
    std::iota(nodes.begin(), nodes.end(), 0);
    random.shuffle(std::span(nodes));
    pairs.emplace_back(nodes[0], nodes[1]);
    const std::span<Node> pool = std::span(nodes).subspan(2, static_cast<std::size_t>(size));
    std::sort(pool.begin(), pool.end());
    q->pools.insert(q->pools.end(), pool.begin(), pool.end());
    std::vector<int> at = first_subset(k);
    do {
      for (const int i : at) q->sets.push_back(pool[static_cast<std::size_t>(i)]);
    } while (next_subset(at, size));
  }
  for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
    const auto [x, y] = pairs[pair];
    const auto pool = static_cast<std::size_t>(size), listed = static_cast<std::size_t>(sets * k);
    q->pool_tasks.push_back({x, y, std::span(q->pools).subspan(pair * pool, pool), k, true});
    q->list_tasks.push_back({x, y, std::span(q->sets).subspan(pair * listed, listed), k, sets});
  }
  q->count = sets * kPairs;
  return q;
}

template <class Task>
void time_questions(const std::string& name, const std::shared_ptr<const Questions>& questions,
                    std::vector<Task> Questions::*tasks) {
  const auto answers = [=](int threads) {
    const CorrelationTest& test = threads == 1 ? questions->test : questions->test_on_two;
    return test.separate(std::span<const Task>((*questions).*tasks));
  };
  time_checked(
      name, [=](int threads) { benchmark::DoNotOptimize(answers(threads)); },
      [=](int threads) {
        std::string all;
        std::int64_t count = 0;
        for (const Separation& answer : answers(threads)) {
          all += text(answer.rank, " ", answer.tests, " ", answer.degenerate, " ");
          count += answer.tests;
        }
        WHY_ASSERT(count == questions->count);
        return sha256(all);
      },
      [=](benchmark::State& state) {
        state.counters["tests"] = benchmark::Counter(static_cast<double>(questions->count),
                                                     benchmark::Counter::kIsIterationInvariantRate);
      });
}

// Vectorised by the compiler: eight sums, because additions may not change their order.
double product(std::span<const double> x, std::span<const double> y) {
  constexpr std::size_t kLanes = 8;
  double sums[kLanes] = {};
  std::size_t z = 0;
  for (; z + kLanes <= x.size(); z += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += x[z + lane] * y[z + lane];
  for (; z < x.size(); ++z) sums[0] += x[z] * y[z];
  return std::accumulate(sums, sums + kLanes, 0.0);
}

void time_rows(const std::string& name, const std::shared_ptr<const Questions>& questions) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [=](benchmark::State& state) {
                                 const SquareMatrix& r = questions->test.correlation().matrix;
                                 for (auto _ : state) {
                                   double sum = 0;
                                   for (const PoolTask& task : questions->pool_tasks)
                                     sum += product(r.row(task.x), r.row(task.y));
                                   benchmark::DoNotOptimize(sum);
                                 }
                                 state.counters["tests"] =
                                     benchmark::Counter(static_cast<double>(questions->count),
                                                        benchmark::Counter::kIsIterationInvariantRate);
                               })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

void register_all(const Arguments& arguments) {
  WHY_CHECK(arguments.empty(), "usage: bench_ci_tests [--benchmark_…]");
  for (const int variables : {24, 100, 1000})
    for (const int k : {0, 1, 2, 3, 4, 6, 8}) {
      const auto questions = make_questions(variables, k);
      const std::string size = text("/p_", variables, "/order_", k);
      time_questions("pools" + size, questions, &Questions::pool_tasks);
      time_questions("lists" + size, questions, &Questions::list_tasks);
      if (k == 1) time_rows(text("rows/p_", variables), questions);
    }
}

}  // namespace
}  // namespace why

int main(int argc, char** argv) { return why::run_benchmarks(argc, argv, why::register_all); }
