#include "discovery/simulate/simulate_data.h"

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "discovery/simulate/linear_model.h"

namespace why {
namespace {

// ---- Gaussian ----

// Corrects noise so that the selection nodes become 0. A selection node is S = T e, T the total effects of
// the noises e; given S = 0 the noise is distributed as e - D T' (T D T')^-1 T e, D the variances of e.
class Selection {
 public:
  Selection(const Dag& dag, const LinearModel& model, std::span<const Node> parents_first)
      : nodes_(dag.nodes_of(NodeKind::selection)) {
    const auto n = static_cast<std::size_t>(dag.num_nodes());
    for (const Node s : nodes_) {
      // effects of every node's noise on s, from s upwards
      std::vector<double> effect(n, 0);
      effect[static_cast<std::size_t>(s)] = 1;
      for (std::size_t i = n; i-- > 0;) {
        const auto x = static_cast<std::size_t>(parents_first[i]);
        for (const LinearModel::Weight& weight : model.weights[x])
          effect[static_cast<std::size_t>(weight.parent)] += weight.value * effect[x];
      }
      effects_.push_back(std::move(effect));
    }
    for (const double sd : model.noise) variance_.push_back(sd * sd);
    factorize();
  }

  void condition(std::vector<double>& noise) const {
    const std::size_t k = nodes_.size();
    if (k == 0) return;
    std::vector<double> solution;  // of (T D T') z = T e, by its Cholesky factor
    for (std::size_t i = 0; i < k; ++i) {
      double value = 0;
      for (std::size_t x = 0; x < noise.size(); ++x) value += effects_[i][x] * noise[x];
      for (std::size_t j = 0; j < i; ++j) value -= factor_[i * k + j] * solution[j];
      solution.push_back(value / factor_[i * k + i]);
    }
    for (std::size_t i = k; i-- > 0;) {
      for (std::size_t j = i + 1; j < k; ++j) solution[i] -= factor_[j * k + i] * solution[j];
      solution[i] /= factor_[i * k + i];
    }
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t x = 0; x < noise.size(); ++x) noise[x] -= variance_[x] * effects_[i][x] * solution[i];
  }

 private:
  // The noise of a selection node enters no other, so T D T' is positive definite.
  void factorize() {
    const std::size_t k = nodes_.size();
    factor_.assign(k * k, 0);
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        double value = 0;
        for (std::size_t x = 0; x < variance_.size(); ++x)
          value += effects_[i][x] * variance_[x] * effects_[j][x];
        for (std::size_t m = 0; m < j; ++m) value -= factor_[i * k + m] * factor_[j * k + m];
        factor_[i * k + j] = i == j ? std::sqrt(value) : value / factor_[j * k + j];
      }
  }

  std::vector<Node> nodes_;
  std::vector<std::vector<double>> effects_;  // [selection nodes][nodes]
  std::vector<double> variance_;              // [nodes]
  std::vector<double> factor_;                // [selection nodes, selection nodes], lower triangle
};

// ---- discrete ----

class DiscreteTables {
 public:
  DiscreteTables(const Dag& dag, int levels, Random random) : dag_(dag), levels_(levels) {
    constexpr double kMostEntries = 10'000'000;
    for (Node x = 0; x < dag.num_nodes(); ++x) {
      auto entries = static_cast<double>(levels_of(x));
      for_each_bit(dag.parents(x), [&](Node parent) { entries *= static_cast<double>(levels_of(parent)); });
      WHY_CHECK(entries <= kMostEntries, "node ", x + 1, " has ", NodeSet(dag.parents(x)).count(),
                " parents of ", levels, " levels: a table of ", entries,
                " probabilities is more than can be held (", static_cast<int>(kMostEntries), ")");
      tables_.push_back(draw_table(levels_of(x), static_cast<std::size_t>(entries) / levels_of(x), random));
    }
  }

  int draw(Node x, const std::vector<int>& values, Random& random) const {
    std::size_t row = 0;
    for_each_bit(dag_.parents(x), [&](Node parent) {
      row = row * levels_of(parent) + static_cast<std::size_t>(values[static_cast<std::size_t>(parent)]);
    });
    const std::size_t levels = levels_of(x);
    const double* cumulative = &tables_[static_cast<std::size_t>(x)][row * levels];
    const double at = random.uniform();
    std::size_t value = 0;
    while (value + 1 < levels && at >= cumulative[value]) ++value;
    return static_cast<int>(value);
  }

 private:
  std::size_t levels_of(Node x) const {
    return dag_.kind(x) == NodeKind::selection ? 2 : static_cast<std::size_t>(levels_);
  }

  // [rows, levels] cumulative probabilities. Exponential variables over their sum are uniform on all
  // distributions.
  static std::vector<double> draw_table(std::size_t levels, std::size_t rows, Random& random) {
    std::vector<double> out;
    for (std::size_t row = 0; row < rows; ++row) {
      double sum = 0;
      for (std::size_t level = 0; level < levels; ++level) {
        sum += -std::log(1 - random.uniform());
        out.push_back(sum);
      }
      for (std::size_t level = 0; level < levels; ++level) out[row * levels + level] /= sum;
    }
    return out;
  }

  const Dag& dag_;
  int levels_;
  std::vector<std::vector<double>> tables_;  // [nodes]
};

bool all_selected(const std::vector<Node>& selection, const std::vector<int>& values) {
  return std::ranges::all_of(selection, [&](Node s) { return values[static_cast<std::size_t>(s)] == 1; });
}

// ---- rows ----

// Draws a value for every node; hands out those of the observed ones.
template <class Value>
class Rows : public SimulatedRows {
 public:
  Rows(const Dag& dag, const Random& random)
      : rows_(random.child("rows")),
        order_(parents_first(dag)),
        observed_(dag.nodes_of(NodeKind::observed)),
        values_(static_cast<std::size_t>(dag.num_nodes())),
        row_(observed_.size()) {}

  std::span<const double> next() override {
    draw();
    for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = values_[static_cast<std::size_t>(observed_[i])];
    return row_;
  }

 protected:
  Random rows_;
  std::vector<Node> order_, observed_;
  std::vector<Value> values_;  // [nodes]

 private:
  virtual void draw() = 0;

  std::vector<double> row_;
};

class GaussianRows final : public Rows<double> {
 public:
  GaussianRows(const Dag& dag, const GaussianModel& model, const Random& random)
      : Rows(dag, random),
        model_(draw_linear_model(dag, model, random.child("model"))),
        selection_(dag, model_, order_) {}

 private:
  void draw() override {
    for (std::size_t x = 0; x < values_.size(); ++x) values_[x] = model_.noise[x] * rows_.normal();
    selection_.condition(values_);
    for (const Node x : order_)  // noise becomes the value, parents first
      for (const LinearModel::Weight& weight : model_.weights[static_cast<std::size_t>(x)])
        values_[static_cast<std::size_t>(x)] +=
            weight.value * values_[static_cast<std::size_t>(weight.parent)];
  }

  LinearModel model_;
  Selection selection_;
};

class DiscreteRows final : public Rows<int> {
 public:
  DiscreteRows(const Dag& dag, const DiscreteModel& model, const Random& random)
      : Rows(dag, random),
        tables_(dag, model.levels, random.child("model")),
        selection_(dag.nodes_of(NodeKind::selection)) {}

 private:
  void draw() override {
    constexpr std::int64_t kTriesForARow = 10'000;
    tries_left_ += kTriesForARow;
    do {
      WHY_CHECK(tries_left_-- > 0, "the selection nodes let fewer than one row in ", kTriesForARow,
                " through; take fewer of them, or another seed");
      for (const Node x : order_) values_[static_cast<std::size_t>(x)] = tables_.draw(x, values_, rows_);
    } while (!all_selected(selection_, values_));
  }

  DiscreteTables tables_;
  std::vector<Node> selection_;
  std::int64_t tries_left_ = 0;
};

SimulatedTable table_of(SimulatedRows& source, int rows) {
  WHY_CHECK(rows >= 1, "a simulation needs at least 1 sample, not ", rows);
  SimulatedTable table{rows, {}};
  for (int row = 0; row < rows; ++row) {
    const auto values = source.next();
    table.values.insert(table.values.end(), values.begin(), values.end());
  }
  return table;
}

}  // namespace

std::unique_ptr<SimulatedRows> gaussian_rows(const Dag& dag, const GaussianModel& model,
                                             const Random& random) {
  return std::make_unique<GaussianRows>(dag, model, random);
}

std::unique_ptr<SimulatedRows> discrete_rows(const Dag& dag, const DiscreteModel& model,
                                             const Random& random) {
  WHY_CHECK(model.levels >= 2 && model.levels <= 100, "discrete variables have 2 to 100 levels, not ",
            model.levels);
  return std::make_unique<DiscreteRows>(dag, model, random);
}

SimulatedTable simulate_gaussian(const Dag& dag, const GaussianModel& model, int rows, const Random& random) {
  return table_of(*gaussian_rows(dag, model, random), rows);
}

SimulatedTable simulate_discrete(const Dag& dag, const DiscreteModel& model, int rows, const Random& random) {
  return table_of(*discrete_rows(dag, model, random), rows);
}

}  // namespace why
