#include "discovery/search/correlation_test.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cmath>
#include <utility>

#include "core/subsets.h"
#include "discovery/search/first_separating.h"
#include "discovery/stats/conditioned_pool.h"
#include "discovery/stats/partial_correlation.h"

namespace why {
namespace {

using boost::container::default_init;
using boost::container::small_vector;

// Partial correlations of one pair given sets of one size, one after the other.
class PairCorrelations {
 public:
  PairCorrelations(const SquareMatrix& matrix, Node x, Node y, int k)
      : workspace_(static_cast<std::size_t>(ConditionedPair::workspace_size(k)), default_init),
        pair_(matrix.values.data(), matrix.n, x, y, k, workspace_.data()),
        z_(static_cast<std::size_t>(k), -1) {}

  PairCorrelations(const PairCorrelations&) = delete;  // pair_ points into workspace_

  PartialCorrelation given(std::span<const Node> z) {
    if (std::is_sorted(z.begin(), z.end())) {
      take(z);
    } else {
      small_vector<Node, kSmallSet> sorted(z.begin(), z.end());
      std::sort(sorted.begin(), sorted.end());
      take({sorted.data(), sorted.size()});
    }
    for (; conditioned_ < static_cast<int>(z_.size()); ++conditioned_)
      if (!pair_.condition_on(z_.data(), conditioned_)) return {NAN, true};
    return pair_.given(conditioned_);
  }

 private:
  // Makes z the set asked for, and keeps what it begins with in common with the set before.
  void take(std::span<const Node> z) {
    const auto [kept, from] = std::mismatch(z_.begin(), z_.begin() + conditioned_, z.begin());
    conditioned_ = static_cast<int>(kept - z_.begin());
    std::copy(from, z.end(), kept);
  }

  small_vector<double, ConditionedPair::workspace_size(kSmallSet)> workspace_;
  ConditionedPair pair_;
  small_vector<Node, kSmallSet> z_;
  int conditioned_ = 0;  // the first variables of z_ that pair_ is conditioned on
};

// The first separating set out of an ascending pool, sets of one size k >= 1 in lexicographic order.
template <class Significance>
class PoolSearch {
 public:
  PoolSearch(const CorrelationTest& test, const Significance& significance, const PoolTask& task)
      : test_(test),
        significance_(significance),
        k_(task.k),
        sure_(significance.sure_dependence(task.k)),
        sets_(test.correlation().matrix, task.x, task.y, task.pool, task.k) {}

  Separation run() {
    extend(0, 0);
    if (out_.rank < 0) last_ = last_end_ < 0 ? PartialCorrelation{NAN, true} : sets_.given(last_end_);
    out_.p_value = significance_.p_value(last_, k_);
    return out_;
  }

 private:
  // At first few, lest one of the first separates.
  static constexpr std::int64_t kFewSets = 128, kManySets = 512;

  // All sets with these first i variables, of which the last stands before `begin` in the pool.
  void extend(int i, int begin) {
    if (i == k_ - 1) return ask_all_ends(begin);
    for (int t = begin; t <= sets_.size() - (k_ - i) && !done_; ++t)
      if (sets_.condition_on(i, t))
        extend(i + 1, t + 1);
      else
        count_degenerate(binomial(sets_.size() - t - 1, k_ - i - 1));
  }

  void ask_all_ends(int begin) {
    std::int64_t doubtful[kManySets];
    for (int end; begin < sets_.size() && !done_; begin = end) {
      end = std::min(sets_.size(), begin + static_cast<int>(std::clamp(out_.tests, kFewSets, kManySets)));
      const std::int64_t in_doubt = sets_.mark_doubtful(begin, end, sure_, doubtful);
      const std::int64_t before = out_.tests;
      for (int t = begin; in_doubt > 0 && t < end && !done_; ++t) {
        out_.tests = before + t - begin;
        if (doubtful[t - begin]) decide(t);
      }
      if (out_.rank < 0) out_.tests = before + end - begin;
      last_end_ = end - 1;
      look_up();
    }
  }

  void decide(int t) {
    const PartialCorrelation r = sets_.given(t);
    const auto [independent, degenerate] = significance_.decide(r, k_);
    out_.degenerate += degenerate;
    if (!independent) return;
    last_ = r;
    out_.rank = out_.tests++;
    done_ = true;
  }

  void count_degenerate(std::int64_t sets) {
    out_.tests += sets;
    out_.degenerate += sets;
    last_end_ = -1;
    look_up();
  }

  // Is the search to stop?
  void look_up() {
    constexpr std::int64_t kTestsBetweenLooks = 1024;
    if (done_ || out_.tests < next_look_) return;
    next_look_ = out_.tests + kTestsBetweenLooks;
    done_ = test_.stop_requested();
  }

  const CorrelationTest& test_;
  const Significance& significance_;
  int k_;
  SureDependence sure_;
  ConditionedPool sets_;
  Separation out_;
  PartialCorrelation last_;
  int last_end_ = -1;  // of the last set asked about, its place in the pool; -1 where it was degenerate
  std::int64_t next_look_ = 64;
  bool done_ = false;
};

template <class Significance>
Separation separate_unconditionally(const CorrelationTest& test, const Significance& significance, Node x,
                                    Node y) {
  const PartialCorrelation r = residual_correlation(1, 1, test.correlation().matrix(x, y));
  const auto [independent, degenerate] = significance.decide(r, 0);
  return {independent ? 0 : -1, significance.p_value(r, 0), 1, degenerate};
}

template <class Task, class Significance>
Separation separate_one_by_one(const CorrelationTest& test, const Significance& significance,
                               const Task& task) {
  PairCorrelations pair(test.correlation().matrix, task.x, task.y, task.k);
  PartialCorrelation last;
  Separation out = first_separating(task, test, [&](std::span<const Node> z) {
    last = pair.given(z);
    return significance.decide(last, task.k);
  });
  if (out.tests > 0) out.p_value = significance.p_value(last, task.k);
  return out;
}

template <class Significance>
Separation separate_one(const CorrelationTest& test, const Significance& significance, const PoolTask& task) {
  if (task.k == 0) return separate_unconditionally(test, significance, task.x, task.y);
  if (static_cast<std::size_t>(task.k) > task.pool.size()) return {};
  if (!task.ascending && !is_ascending(task.pool)) return separate_one_by_one(test, significance, task);
  return PoolSearch(test, significance, task).run();
}

template <class Significance>
Separation separate_one(const CorrelationTest& test, const Significance& significance, const ListTask& task) {
  if (task.k == 0 && task.count == 1) return separate_unconditionally(test, significance, task.x, task.y);
  return separate_one_by_one(test, significance, task);
}

// Starting a thread takes as long as some thousands of small sets, beginning and ending a task as long as
// some, a large set's factor as long as many.
template <class Task>
bool are_worth_threads(std::span<const Task> tasks) {
  constexpr double kWorthAThread = 4096, kTaskItself = 16, kOfFactor = 1. / 256;
  double total = 0;
  for (std::size_t i = 0; i < tasks.size() && total < kWorthAThread; ++i) {
    const double k = tasks[i].k;
    total += kTaskItself + static_cast<double>(total_sets(tasks[i])) * (1 + kOfFactor * k * k * k);
  }
  return total >= kWorthAThread;
}

}  // namespace

CorrelationTest::CorrelationTest(Correlation correlation, const FisherZOptions& options)
    : correlation_(std::move(correlation)), significance_(FisherZ(correlation_.sample_size, options)) {}

CorrelationTest CorrelationTest::exact(Correlation correlation, double alpha) {
  const StudentT significance(correlation.sample_size, alpha);
  return {std::move(correlation), significance};
}

int CorrelationTest::max_order() const {
  return std::visit([](const auto& significance) { return std::max(0, significance.max_order()); },
                    significance_);
}

Separation CorrelationTest::separate_here(const ListTask& task) const {
  return std::visit([&](const auto& significance) { return separate_one(*this, significance, task); },
                    significance_);
}

SureDependence CorrelationTest::sure_dependence(int k) const {
  return std::visit([k](const auto& significance) { return significance.sure_dependence(k); }, significance_);
}

double CorrelationTest::sure_independence(int k) const {
  return std::visit([k](const auto& significance) { return significance.sure_independence(k); },
                    significance_);
}

double CorrelationTest::p_value(const PartialCorrelation& r, int k) const {
  return std::visit([&](const auto& significance) { return significance.p_value(r, k); }, significance_);
}

CiAnswer CorrelationTest::ask(Node x, Node y, std::span<const Node> z) const {
  const int k = static_cast<int>(z.size());
  const PartialCorrelation r = k == 0 ? residual_correlation(1, 1, correlation_.matrix(x, y))
                                      : PairCorrelations(correlation_.matrix, x, y, k).given(z);
  return std::visit(
      [&](const auto& significance) {
        const auto decision = significance.decide(r, k);
        return CiAnswer{decision.independent, decision.degenerate, significance.p_value(r, k)};
      },
      significance_);
}

template <class Task>
std::vector<Separation> CorrelationTest::separate_all(std::span<const Task> tasks) const {
  return std::visit(
      [&](const auto& significance) {
        return each_task(tasks, *this, threads > 1 && are_worth_threads(tasks) ? threads : 1,
                         [&](const Task& task) { return separate_one(*this, significance, task); });
      },
      significance_);
}

std::vector<Separation> CorrelationTest::separate(std::span<const PoolTask> tasks) const {
  return separate_all(tasks);
}

std::vector<Separation> CorrelationTest::separate(std::span<const ListTask> tasks) const {
  return separate_all(tasks);
}

}  // namespace why
