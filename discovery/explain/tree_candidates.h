// CLEANN's candidates: sets that the heads' causal graphs propose (Rohekar, Gurwicz, Nisimov 2023).
//
// Each head has a graph over the candidates 0 .. n-1 and the target, its last node n. A set is legal in a
// head if every member is reached from the target by a PDS-path whose nodes all belong to the set
// (discovery/graph/pds.h), so that sets grow around the target. Legal sets of one size are ordered by the
// members' summed depth, then by the number of heads that propose them (more first), then lexicographically.
//
// Sets of a size are generated when it is asked for. A dense graph of n nodes has C(n, size) of them: 19,600
// triples of 50.
#pragma once

#include <map>
#include <vector>

#include "discovery/explain/candidates.h"
#include "discovery/graph/pds.h"

namespace why {

// Which heads propose, and when the search ends.
//
// together   all of them; a hit ends the search for all
// each       all of them; a head proposes until a set of its own hits, so that sizes may differ between heads
// one        the head with the given number alone
struct HeadChoice {
  enum class Kind { together, each, one } kind = Kind::together;
  int head = 0;
};

class TreeCandidates : public Candidates {
 public:
  // One graph a head, all over the same n + 1 nodes.
  explicit TreeCandidates(std::vector<MixedGraph> heads, HeadChoice choice = {});

  int num_candidates() const override;
  int max_size() const override;  // as many nodes as a head's tree has
  std::int64_t count(int size) override;
  std::vector<Proposal> first(int size, std::int64_t limit) override;
  bool wants_larger(std::span<const Proposal> hits) override;

 private:
  struct Head {
    int number;
    PdsTree tree;
    bool proposing = true;
  };

  const std::vector<Proposal>& proposals(int size);

  std::vector<MixedGraph> graphs_;
  HeadChoice choice_;
  std::vector<Head> heads_;
  std::map<int, std::vector<Proposal>> by_size_;  // of the heads that propose now
};

}  // namespace why
