// All sets, size by size, in the order of one score a candidate: how much its removal is thought to lower the
// margin of the output (judge.h). Any scale will do.
//
//   singles   by score; of equal ones the one with the smaller number first
//   pairs     by the sum of their members' drops
//   larger    by the drop of a set of one member fewer and that of the member beside it: the largest of
//             the sums that the set can be cut into so
//
// A drop is the one that was observed: the search asks a size to its end before the next, so all sets of one
// member fewer have been paid for. Equal sums go by the places of the members in the order of their drops,
// lexicographic. The other order, `predicted`, adds up scores for every size; comparing the two tells what
// observing gains.
//
// The first k sets of s cost O((k + p) s log (k + p)) steps, where p is the number of sets of s - 1 asked.
#pragma once

#include <vector>

#include "discovery/explain/candidates.h"

namespace why {

enum class SetOrder { observed, predicted };

class RankedSets : public Candidates {
 public:
  explicit RankedSets(std::vector<double> scores, SetOrder order = SetOrder::observed);

  int num_candidates() const override { return static_cast<int>(drops_.size()); }
  int max_size() const override { return num_candidates(); }
  std::int64_t count(int size) override;
  std::vector<Proposal> first(int size, std::int64_t limit) override;
  void observe(std::span<const Proposal> sets, std::span<const Verdict> verdicts) override;

  // Sets of one size, the next to be asked, in the order in which `first` would offer them.
  void sort(std::vector<Proposal>& sets) const;

 private:
  struct PaidSet {
    std::vector<Node> members;
    double drop;
  };

  bool extends_paid_sets(int size) const;
  std::vector<Proposal> by_sums(int size, std::int64_t limit) const;
  std::vector<Proposal> by_paid_sets(std::int64_t limit) const;

  SetOrder order_;
  // [candidates] scores; once the singles are observed their drops. Drops lack the margin of the whole input,
  // which is the same in all of them.
  std::vector<double> drops_;
  std::vector<PaidSet> paid_;  // all sets of one size, the last observed
};

}  // namespace why
