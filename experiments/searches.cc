#include "experiments/searches.h"

#include <algorithm>

#include "core/errors.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/ordicd.h"
#include "discovery/search/pc.h"
#include "discovery/search/reference_icd.h"
#include "discovery/search/rfci.h"

namespace why {

SearchResult run_search(const CiTest& test, const SearchOptions& options) {
  check_known("algorithm", options.algorithm, kSearches);
  const int max_order = options.max_order;
  const Knowledge* const knowledge = options.knowledge;
  const RuleChoice rules{.selection_bias = options.selection_bias && !knowledge};
  if (options.algorithm == "pc")
    return pc(test, {.max_order = max_order, .colliders = options.colliders, .knowledge = knowledge});
  if (options.algorithm == "rfci")
    return rfci(test, {.max_order = max_order, .rules = rules, .knowledge = knowledge});
  if (options.algorithm == "ordicd") {
    const auto order = knowledge_or_none(knowledge).total_order();
    WHY_CHECK(order, "ordicd needs a causal order of all variables");
    return ordicd(test, {.order = *order,
                         .max_order = max_order,
                         .node_by_node = options.node_by_node,
                         .knowledge = knowledge});
  }
  if (options.algorithm == "icd" && options.reference)
    return reference_icd(test, {.selection_bias = options.selection_bias, .max_order = max_order});
  if (options.algorithm == "icd")
    return icd(test, {.max_order = max_order,
                      .keep_snapshots = options.keep_snapshots,
                      .rules = rules,
                      .knowledge = knowledge});
  return fci(test, {.max_order = max_order,
                    .max_pds_order = options.max_pds_order,
                    .colliders = options.colliders,
                    .rules = rules,
                    .knowledge = knowledge});
}

ColliderRule parse_collider_rule(const std::string& name) {
  check_known("collider rule", name, kColliderRules);
  for (const ColliderRule rule : {ColliderRule::conservative, ColliderRule::majority, ColliderRule::max_p})
    if (collider_rule_name(rule) == name) return rule;
  return ColliderRule::sepset;
}

}  // namespace why
