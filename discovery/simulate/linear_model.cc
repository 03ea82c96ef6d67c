#include "discovery/simulate/linear_model.h"

#include "core/errors.h"

namespace why {
namespace {

double between(double low, double high, Random& random) { return low + (high - low) * random.uniform(); }

void check(const GaussianModel& model) {
  WHY_CHECK(0 <= model.least_weight && model.least_weight <= model.most_weight, "weights from ",
            model.least_weight, " to ", model.most_weight, " are no range of sizes");
  WHY_CHECK(0 < model.least_noise && model.least_noise <= model.most_noise, "noise from ", model.least_noise,
            " to ", model.most_noise, " is no range of standard deviations above 0");
}

}  // namespace

LinearModel draw_linear_model(const Dag& dag, const GaussianModel& model, Random random) {
  check(model);
  LinearModel out;
  for (Node x = 0; x < dag.num_nodes(); ++x) {
    auto& weights = out.weights.emplace_back();
    for_each_bit(dag.parents(x), [&](Node parent) {
      const double size = between(model.least_weight, model.most_weight, random);
      weights.push_back({parent, random.below(2) == 0 ? size : -size});
    });
    out.noise.push_back(between(model.least_noise, model.most_noise, random));
  }
  return out;
}

std::vector<Node> parents_first(const Dag& dag) {
  std::vector<Node> order;
  NodeSet placed(dag.num_nodes());
  while (static_cast<int>(order.size()) < dag.num_nodes())
    for (Node x = 0; x < dag.num_nodes(); ++x) {
      if (placed.contains(x)) continue;
      NodeSet waiting(dag.parents(x));
      waiting -= placed;
      if (!waiting.empty()) continue;
      placed.insert(x);
      order.push_back(x);
    }
  return order;
}

}  // namespace why
