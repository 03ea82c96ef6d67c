#include "discovery/explain/aopc.h"

#include <algorithm>
#include <iterator>

#include "core/errors.h"
#include "discovery/explain/best_sums.h"

namespace why {
namespace {

constexpr std::size_t kPercents[] = {1, 5, 10, 20, 50};
constexpr auto kSteps = std::size(kPercents);

Proposal set_of(std::span<const Node> nodes) {
  Proposal out{{nodes.begin(), nodes.end()}, 0, {}};
  std::sort(out.members.begin(), out.members.end());
  return out;
}

}  // namespace

std::optional<Aopc> aopc(std::span<const double> scores, double probability, VerdictMemo& memo) {
  WHY_ASSERT(static_cast<int>(scores.size()) == memo.num_candidates());
  if (scores.size() < 2) return std::nullopt;
  const std::vector<Node> order = by_value(scores);
  std::vector<Proposal> without, alone;  // what is taken away
  for (const auto percent : kPercents) {
    const std::size_t count = (percent * order.size() + 99) / 100;
    without.push_back(set_of(std::span(order).first(count)));
    alone.push_back(set_of(std::span(order).subspan(count)));
  }
  std::vector<Proposal> asked = without;
  asked.insert(asked.end(), alone.begin(), alone.end());
  const auto verdicts = memo.ask(asked);

  Aopc out{0, 0};
  for (std::size_t i = 0; i < kSteps; ++i) {
    out.comprehensiveness += (probability - static_cast<double>(verdicts[i].probability)) / kSteps;
    out.sufficiency += (probability - static_cast<double>(verdicts[kSteps + i].probability)) / kSteps;
  }
  return out;
}

}  // namespace why
