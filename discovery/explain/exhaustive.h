// All subsets, size by size: the oracle of tests, and the optimum that other searches are measured against
// where it can be afforded. 12 candidates have 4,095 sets, 50 have 20,875 of up to three members.
#pragma once

#include "discovery/explain/candidates.h"

namespace why {

class AllSets : public Candidates {
 public:
  explicit AllSets(int num_candidates) : n_(num_candidates) {}

  int num_candidates() const override { return n_; }
  int max_size() const override { return n_; }
  std::int64_t count(int size) override;
  std::vector<Proposal> first(int size, std::int64_t limit) override;  // lexicographic

 private:
  int n_;
};

}  // namespace why
