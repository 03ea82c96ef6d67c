#include "discovery/search/correlation_test.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <utility>

#include "discovery/search/first_separating.h"
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

template <class Task, class Significance>
Separation separate_one(const CorrelationTest& test, const Significance& significance, const Task& task) {
  PairCorrelations pair(test.correlation().matrix, task.x, task.y, task.k);
  PartialCorrelation last;
  Separation out = first_separating(task, test, [&](std::span<const Node> z) {
    last = pair.given(z);
    return significance.decide(last, task.k);
  });
  if (out.tests > 0) out.p_value = significance.p_value(last, task.k);
  return out;
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

CiAnswer CorrelationTest::ask(Node x, Node y, std::span<const Node> z) const {
  const int k = static_cast<int>(z.size());
  const PartialCorrelation r = PairCorrelations(correlation_.matrix, x, y, k).given(z);
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
        return each_task(tasks, *this,
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
