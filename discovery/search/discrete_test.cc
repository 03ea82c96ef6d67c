#include "discovery/search/discrete_test.h"

#include <algorithm>
#include <unordered_map>

#include "core/errors.h"
#include "discovery/search/first_separating.h"

namespace why {
namespace {

constexpr std::int64_t kMostCells = 1 << 24;
constexpr std::int64_t kMostInATable = 1 << 22;  // pairs of stratum and category renumbered by a table

// Which stratum each row is in, -1 for rows with a gap.
struct Partition {
  std::vector<int> stratum;  // [rows]
  int count = 0;
};

// Every stratum divided by a column; strata are numbered as they first appear.
void divide(const Partition& before, std::span<const int> column, int levels, Partition& out) {
  out.stratum.resize(before.stratum.size());
  out.count = 0;
  const auto renumber = [&](auto&& number_of) {
    for (std::size_t row = 0; row < column.size(); ++row) {
      const int stratum = before.stratum[row], code = column[row];
      if (stratum < 0 || code < 0) {
        out.stratum[row] = -1;
        continue;
      }
      int& number = number_of(static_cast<std::int64_t>(stratum) * levels + code);
      if (number == 0) number = ++out.count;  // 1, 2, ...
      out.stratum[row] = number - 1;
    }
  };
  const std::int64_t pairs = static_cast<std::int64_t>(before.count) * levels;
  if (pairs <= kMostInATable) {
    std::vector<int> table(static_cast<std::size_t>(pairs), 0);
    renumber([&](std::int64_t pair) -> int& { return table[static_cast<std::size_t>(pair)]; });
  } else {
    std::unordered_map<std::int64_t, int> table;
    renumber([&](std::int64_t pair) -> int& { return table[pair]; });
  }
}

}  // namespace

// Answers about one pair given sets of one size, one after the other.
class DiscreteTest::Strata {
 public:
  Strata(const Categories& data, const DiscreteOptions& options, Node x, Node y, int k)
      : data_(data),
        options_(options),
        x_(std::min(x, y)),
        y_(std::max(x, y)),
        z_(static_cast<std::size_t>(k), -1),
        partitions_(static_cast<std::size_t>(k) + 1) {
    const std::span<const int> a = data_.column(x_), b = data_.column(y_);
    Partition& whole = partitions_.front();
    whole.stratum.resize(a.size());
    for (std::size_t row = 0; row < a.size(); ++row) whole.stratum[row] = a[row] < 0 || b[row] < 0 ? -1 : 0;
    whole.count = 1;
  }

  CiAnswer given(std::span<const Node> z) {
    take(z);
    // a stratum has at least one cell
    if (is_sparse(partitions_[z_.size()].count, data_.rows)) return {false, true, 0};
    const ContingencyResult found = count();
    if (found.df == 0 || is_sparse(found.cells, found.rows)) return {false, true, 0};
    return {found.p_value > options_.alpha, false, found.p_value};
  }

  int rows() const {
    return static_cast<int>(
        std::ranges::count_if(partitions_[z_.size()].stratum, [](int stratum) { return stratum >= 0; }));
  }

  // Divides by the set asked for, and keeps what it begins with in common with the set before.
  void take(std::span<const Node> z) {
    boost::container::small_vector<Node, kSmallSet> sorted(z.begin(), z.end());
    std::sort(sorted.begin(), sorted.end());
    auto kept = static_cast<std::size_t>(
        std::mismatch(z_.begin(), z_.begin() + divided_, sorted.begin()).first - z_.begin());
    for (; kept < z_.size(); ++kept) {
      z_[kept] = sorted[kept];
      divide(partitions_[kept], data_.column(z_[kept]), data_.levels[static_cast<std::size_t>(z_[kept])],
             partitions_[kept + 1]);
    }
    divided_ = static_cast<std::ptrdiff_t>(z_.size());
  }

 private:
  bool is_sparse(std::int64_t cells, std::int64_t rows) const {
    return static_cast<double>(cells) * options_.rows_per_cell > static_cast<double>(rows);
  }

  // Without rows or with too many cells: nothing that could be answered.
  ContingencyResult count() {
    const Partition& strata = partitions_[z_.size()];
    const int levels_x = data_.levels[static_cast<std::size_t>(x_)],
              levels_y = data_.levels[static_cast<std::size_t>(y_)];
    const std::int64_t size = static_cast<std::int64_t>(levels_x) * levels_y;
    if (size == 0 || strata.count > kMostCells / size) return {};
    counts_.assign(static_cast<std::size_t>(size * strata.count), 0);
    const std::span<const int> a = data_.column(x_), b = data_.column(y_);
    for (std::size_t row = 0; row < a.size(); ++row)
      if (strata.stratum[row] >= 0)
        ++counts_[static_cast<std::size_t>(strata.stratum[row] * size + a[row] * levels_y + b[row])];
    return contingency_test(counts_, levels_x, levels_y, options_.statistic);
  }

  const Categories& data_;
  const DiscreteOptions& options_;
  Node x_, y_;
  std::vector<Node> z_;                // ascending
  std::vector<Partition> partitions_;  // [k + 1]: by the first 0, 1, ... of z_
  std::ptrdiff_t divided_ = 0;         // how many of z_ the partitions follow
  std::vector<int> counts_;
};

DiscreteTest::DiscreteTest(Categories data, const DiscreteOptions& options)
    : data_(std::move(data)), options_(options) {
  WHY_CHECK(options.alpha > 0 && options.alpha < 1, "alpha must lie between 0 and 1, not be ", options.alpha);
  WHY_ASSERT(data_.codes.size() == data_.levels.size() * static_cast<std::size_t>(data_.rows));
}

CiAnswer DiscreteTest::ask(Node x, Node y, std::span<const Node> z) const {
  return Strata(data_, options_, x, y, static_cast<int>(z.size())).given(z);
}

std::optional<int> DiscreteTest::samples(Node x, Node y, std::span<const Node> z) const {
  Strata strata(data_, options_, x, y, static_cast<int>(z.size()));
  strata.take(z);
  return strata.rows();
}

template <class Task>
Separation DiscreteTest::separate_one(const Task& task) const {
  Strata strata(data_, options_, task.x, task.y, task.k);
  double p_value = 0;
  Separation out = first_separating(task, *this, [&](std::span<const Node> z) {
    const CiAnswer answer = strata.given(z);
    p_value = answer.p_value;
    return answer;
  });
  out.p_value = p_value;
  return out;
}

std::vector<Separation> DiscreteTest::separate(std::span<const PoolTask> tasks) const {
  return each_task(tasks, *this, threads, [&](const PoolTask& task) { return separate_one(task); });
}

std::vector<Separation> DiscreteTest::separate(std::span<const ListTask> tasks) const {
  return each_task(tasks, *this, threads, [&](const ListTask& task) { return separate_one(task); });
}

}  // namespace why
