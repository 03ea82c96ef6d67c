#include "discovery/search/knowledge.h"

#include <algorithm>
#include <numeric>

#include "core/errors.h"

namespace why {

void Knowledge::set_tier(Node x, int tier) {
  WHY_ASSERT(tier >= 0);
  if (tier_.empty()) tier_.assign(static_cast<std::size_t>(num_nodes_), -1);
  tier_[static_cast<std::size_t>(x)] = tier;
}

void Knowledge::forbid(Node cause, Node effect) { add(forbidden_, cause, effect); }

void Knowledge::require(Node cause, Node effect) { add(required_, cause, effect); }

void Knowledge::add(std::vector<BitMatrix>& relation, Node x, Node y) {
  if (relation.empty()) relation.emplace_back(num_nodes_);
  relation.front().set(x, y);
}

Mark Knowledge::mark(Node x, Node y) const {
  if (is_no_cause(y, x)) return Mark::arrow;
  return is_required(y, x) ? Mark::tail : Mark::none;
}

const char* Knowledge::rule(Node x, Node y) const {
  if (are_joined(x, y)) return "required";
  if (comes_after(y, x)) return tier_rule_;
  WHY_ASSERT(is_forbidden(y, x));
  return "forbidden";
}

std::optional<std::vector<Node>> Knowledge::total_order() const {
  if (tier_.empty() || std::ranges::count(tier_, -1) > 0) return std::nullopt;
  std::vector<Node> order(tier_.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](Node x) { return tier(x); });
  const auto same = [&](Node x, Node y) { return tier(x) == tier(y); };
  if (std::ranges::adjacent_find(order, same) != order.end()) return std::nullopt;
  return order;
}

Knowledge knowledge_of_order(const std::vector<Node>& order, int num_nodes) {
  WHY_CHECK(static_cast<int>(order.size()) == num_nodes, "the causal order has ", order.size(),
            " entries for ", num_nodes, " variables");
  Knowledge out(num_nodes);
  out.call_tiers_order();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Node x = order[i];
    WHY_CHECK(x >= 0 && x < num_nodes && out.tier(x) < 0, "the causal order is wrong at entry ", i + 1,
              ": every variable must be in it once");
    out.set_tier(x, static_cast<int>(i));
  }
  return out;
}

}  // namespace why
