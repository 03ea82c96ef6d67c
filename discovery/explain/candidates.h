// Which sets are worth asking the model about, and in which order.
//
// A target node is explained by removing some of the other nodes: the candidates 0 .. n-1. Four sources
// offer sets of them: the heads' causal graphs (tree_candidates.h), a score a candidate (ranked_sets.h),
// chance (controls.h), and all there are (exhaustive.h). One search asks them all (search.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "discovery/explain/judge.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

// A set of candidates whose removal might change the output.
//
// depth   of its members in the tree, summed; the smallest over the heads; 0 where no graph proposed it
// heads   that propose it, ascending; empty where no graph did
struct Proposal {
  std::vector<Node> members;  // ascending
  int depth = 0;
  std::vector<int> heads;
};

class Candidates {
 public:
  virtual ~Candidates() = default;

  virtual int num_candidates() const = 0;

  // Size of the largest set on offer; 0 when there is none.
  virtual int max_size() const = 0;

  // How many sets of this size are on offer.
  virtual std::int64_t count(int size) = 0;

  // The first of them in the source's order, at most `limit`. A larger limit only adds at the end.
  virtual std::vector<Proposal> first(int size, std::int64_t limit) = 0;

  // What was asked of one size, in the order asked, and what came of it. Called once a size, ascending,
  // before wants_larger.
  virtual void observe(std::span<const Proposal> /*sets*/, std::span<const Verdict> /*verdicts*/) {}

  // The search reports the sets of one size that changed the output: are larger sets still wanted? Called
  // once a size, ascending.
  virtual bool wants_larger(std::span<const Proposal> hits) { return hits.empty(); }
};

}  // namespace why
