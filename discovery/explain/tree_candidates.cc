#include "discovery/explain/tree_candidates.h"

#include <algorithm>
#include <tuple>

#include "core/errors.h"

namespace why {
namespace {

// One proposal a set: the smallest depth, all heads.
std::vector<Proposal> merge_equal_sets(std::vector<Proposal> proposals) {
  std::stable_sort(proposals.begin(), proposals.end(),
                   [](const Proposal& a, const Proposal& b) { return a.members < b.members; });
  std::vector<Proposal> out;
  for (auto& proposal : proposals) {
    if (out.empty() || out.back().members != proposal.members) {
      out.push_back(std::move(proposal));
      continue;
    }
    out.back().depth = std::min(out.back().depth, proposal.depth);
    out.back().heads.push_back(proposal.heads.front());
  }
  return out;
}

void sort_by_rank(std::vector<Proposal>& proposals) {
  std::stable_sort(proposals.begin(), proposals.end(), [](const Proposal& a, const Proposal& b) {
    return std::tuple(a.depth, b.heads.size()) < std::tuple(b.depth, a.heads.size());
  });
}

}  // namespace

TreeCandidates::TreeCandidates(std::vector<MixedGraph> heads, HeadChoice choice)
    : graphs_(std::move(heads)), choice_(choice) {
  const bool one = choice_.kind == HeadChoice::Kind::one;
  WHY_ASSERT(!graphs_.empty() && graphs_.front().num_nodes() >= 1);
  WHY_ASSERT(!one || (choice_.head >= 0 && choice_.head < static_cast<int>(graphs_.size())));
  for (int number = 0; number < static_cast<int>(graphs_.size()); ++number) {
    const MixedGraph& graph = graphs_[static_cast<std::size_t>(number)];
    WHY_ASSERT(graph.num_nodes() == num_candidates() + 1);
    if (!one || number == choice_.head) heads_.push_back({number, PdsPaths(graph).tree(num_candidates())});
  }
}

int TreeCandidates::num_candidates() const { return graphs_.front().num_nodes() - 1; }

int TreeCandidates::max_size() const {
  int largest = 0;
  for (const auto& head : heads_)
    if (head.proposing) largest = std::max(largest, static_cast<int>(head.tree.nodes.size()));
  return largest;
}

std::int64_t TreeCandidates::count(int size) { return static_cast<std::int64_t>(proposals(size).size()); }

std::vector<Proposal> TreeCandidates::first(int size, std::int64_t limit) {
  const auto& all = proposals(size);
  const auto wanted = std::clamp(limit, std::int64_t{0}, static_cast<std::int64_t>(all.size()));
  return {all.begin(), all.begin() + wanted};
}

bool TreeCandidates::wants_larger(std::span<const Proposal> hits) {
  if (hits.empty()) return true;
  if (choice_.kind != HeadChoice::Kind::each) return false;
  for (const auto& hit : hits)
    for (auto& head : heads_)
      if (std::find(hit.heads.begin(), hit.heads.end(), head.number) != hit.heads.end())
        head.proposing = false;
  by_size_.clear();
  return std::any_of(heads_.begin(), heads_.end(), [](const Head& head) { return head.proposing; });
}

const std::vector<Proposal>& TreeCandidates::proposals(int size) {
  const auto [entry, is_new] = by_size_.try_emplace(size);
  if (!is_new) return entry->second;

  std::vector<Proposal> of_heads;
  for (const auto& head : heads_) {
    if (!head.proposing || size > static_cast<int>(head.tree.nodes.size())) continue;
    const PdsPaths paths(graphs_[static_cast<std::size_t>(head.number)]);
    const LegalSets sets = paths.legal_sets(head.tree, size);
    for (int i = 0; i < sets.count(); ++i) {
      const auto set = sets.set(i);
      of_heads.push_back(
          {{set.begin(), set.end()}, sets.depth_sum[static_cast<std::size_t>(i)], {head.number}});
    }
  }
  entry->second = merge_equal_sets(std::move(of_heads));
  sort_by_rank(entry->second);
  return entry->second;
}

}  // namespace why
