#include "discovery/explain/controls.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/errors.h"
#include "core/subsets.h"

namespace why {
namespace {

std::vector<int> up_to(int n) {
  std::vector<int> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

// `wanted` different numbers below `total`, in random order. Where more than half are wanted, drawing until
// they differ takes long, and the whole range is small enough to be shuffled.
std::vector<std::int64_t> draw(std::int64_t wanted, std::int64_t total, Random random) {
  std::vector<std::int64_t> out;
  if (wanted > total / 2) {
    out.resize(static_cast<std::size_t>(total));
    std::iota(out.begin(), out.end(), std::int64_t{0});
    random.shuffle(std::span(out));
    out.resize(static_cast<std::size_t>(wanted));
    return out;
  }
  std::set<std::int64_t> seen;
  while (static_cast<std::int64_t>(out.size()) < wanted) {
    const auto rank = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(total)));
    if (seen.insert(rank).second) out.push_back(rank);
  }
  return out;
}

}  // namespace

std::vector<MixedGraph> permute_candidates(std::span<const MixedGraph> heads, Random random) {
  std::vector<MixedGraph> out;
  if (heads.empty()) return out;
  const int n = heads.front().num_nodes() - 1;
  std::vector<Node> to = up_to(n);
  random.shuffle(std::span(to));
  to.push_back(n);

  for (const auto& graph : heads) {
    WHY_ASSERT(graph.num_nodes() == n + 1);
    MixedGraph permuted(n + 1);
    for (Node x = 0; x <= n; ++x)
      for (const Node y : graph.neighbors(x))
        if (x < y)
          permuted.connect(to[static_cast<std::size_t>(x)], to[static_cast<std::size_t>(y)], graph.mark(y, x),
                           graph.mark(x, y));
    out.push_back(std::move(permuted));
  }
  return out;
}

RandomSets::RandomSets(int num_candidates, std::vector<std::int64_t> counts, Random random)
    : n_(num_candidates), counts_(std::move(counts)), random_(std::move(random)) {
  for (std::size_t i = 0; i < counts_.size(); ++i)
    WHY_ASSERT(counts_[i] >= 0 && counts_[i] <= binomial(n_, static_cast<int>(i) + 1));
}

int RandomSets::max_size() const {
  const auto last = std::find_if(counts_.rbegin(), counts_.rend(), [](std::int64_t c) { return c > 0; });
  return static_cast<int>(counts_.rend() - last);
}

std::int64_t RandomSets::count(int size) {
  const auto i = static_cast<std::size_t>(size - 1);
  return size >= 1 && i < counts_.size() ? counts_[i] : 0;
}

std::vector<Proposal> RandomSets::first(int size, std::int64_t limit) {
  const auto ranks =
      draw(count(size), binomial(n_, size), random_.child("size", static_cast<std::uint64_t>(size)));
  const std::vector<int> all = up_to(n_);
  std::vector<Proposal> out;
  for (const auto rank : ranks) {
    if (static_cast<std::int64_t>(out.size()) >= limit) break;
    out.push_back({subset_at(all, size, rank), 0, {}});
  }
  return out;
}

}  // namespace why
