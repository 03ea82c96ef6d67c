// What the same search finds without the graph's knowledge. An explanation method that uses the graph should
// beat both; where it does not, its sets come from the search and not from the causal structure.
//
//   permuted   the heads' own graphs with the candidates' names exchanged: as many edges, as deep a tree
//   random     as many sets of each size as the graphs proposed, drawn from all sets
#pragma once

#include <vector>

#include "core/random.h"
#include "discovery/explain/candidates.h"

namespace why {

// The graphs after one permutation of all nodes but the last, which is the target. One permutation for all
// heads, so that they agree with each other as much as before.
std::vector<MixedGraph> permute_candidates(std::span<const MixedGraph> heads, Random random);

// counts[s - 1] different sets of size s, in random order.
class RandomSets : public Candidates {
 public:
  RandomSets(int num_candidates, std::vector<std::int64_t> counts, Random random);

  int num_candidates() const override { return n_; }
  int max_size() const override;
  std::int64_t count(int size) override;
  std::vector<Proposal> first(int size, std::int64_t limit) override;

 private:
  int n_;
  std::vector<std::int64_t> counts_;
  Random random_;
};

}  // namespace why
