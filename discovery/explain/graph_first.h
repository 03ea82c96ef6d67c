// A ranking and the heads' graphs together: all sets are on offer, and the graphs say which of them to ask
// early. Neither leaves anything out, so both explain whatever a ranking alone explains, calls permitting.
//
//   LegalFirst          size by size. Singles by score alone; of the larger sets of one size first those that
//                       are legal in a graph, then the others, both in the order of RankedSets
//   legal_before_all    the graphs' sets of all sizes in their own order (tree_candidates.h); where none of
//                       them changes the output, all others by RankedSets
//
// The first keeps what is found minimal. The second asks the few pairs and triples that hang together before
// it has asked every single, so that a smaller set than the one found may do as well.
#pragma once

#include "discovery/explain/ranked_sets.h"
#include "discovery/explain/search.h"
#include "discovery/explain/tree_candidates.h"

namespace why {

class LegalFirst : public Candidates {
 public:
  LegalFirst(TreeCandidates legal, RankedSets all);

  int num_candidates() const override { return all_.num_candidates(); }
  int max_size() const override { return all_.max_size(); }
  std::int64_t count(int size) override { return all_.count(size); }
  std::vector<Proposal> first(int size, std::int64_t limit) override;
  void observe(std::span<const Proposal> sets, std::span<const Verdict> verdicts) override {
    all_.observe(sets, verdicts);
  }

 private:
  TreeCandidates legal_;
  RankedSets all_;
};

// Both bounds hold for the two parts together; a set that the graphs proposed is asked once. The status is
// `found`, `none` or `budget`.
MinimalSets legal_before_all(TreeCandidates legal, RankedSets all, VerdictMemo& memo,
                             const SearchBounds& bounds = {});

}  // namespace why
