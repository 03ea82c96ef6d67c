#include "discovery/explain/exhaustive.h"

#include "core/subsets.h"

namespace why {

std::int64_t AllSets::count(int size) { return binomial(n_, size); }

std::vector<Proposal> AllSets::first(int size, std::int64_t limit) {
  std::vector<Proposal> out;
  if (limit <= 0 || count(size) == 0) return out;
  auto members = first_subset(size);
  do out.push_back({members, 0, {}});
  while (static_cast<std::int64_t>(out.size()) < limit && next_subset(members, n_));
  return out;
}

}  // namespace why
