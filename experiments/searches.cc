#include "experiments/searches.h"

#include <algorithm>

#include "core/errors.h"
#include "core/parallel.h"
#include "discovery/search/ordicd.h"
#include "discovery/search/reference_icd.h"
#include "discovery/search/search_batch.h"

namespace why {

namespace {

RuleChoice rules_of(const SearchOptions& options) {
  return {.selection_bias = options.selection_bias && !options.knowledge};
}

PcOptions pc_options(const SearchOptions& options) {
  return {.max_order = options.max_order, .colliders = options.colliders, .knowledge = options.knowledge};
}

RfciOptions rfci_options(const SearchOptions& options) {
  return {.max_order = options.max_order, .rules = rules_of(options), .knowledge = options.knowledge};
}

IcdOptions icd_options(const SearchOptions& options) {
  return {.max_order = options.max_order,
          .keep_snapshots = options.keep_snapshots,
          .rules = rules_of(options),
          .knowledge = options.knowledge};
}

FciOptions fci_options(const SearchOptions& options) {
  return {.max_order = options.max_order,
          .max_pds_order = options.max_pds_order,
          .colliders = options.colliders,
          .rules = rules_of(options),
          .knowledge = options.knowledge};
}

SearchResult run_ordicd(const CiTest& test, const SearchOptions& options) {
  const auto order = knowledge_or_none(options.knowledge).total_order();
  WHY_CHECK(order, "ordicd needs a causal order of all variables");
  return ordicd(test, {.order = *order,
                       .max_order = options.max_order,
                       .node_by_node = options.node_by_node,
                       .knowledge = options.knowledge});
}

}  // namespace

SearchResult run_search(const CiTest& test, const SearchOptions& options) {
  check_known("algorithm", options.algorithm, kSearches);
  if (options.algorithm == "pc") return pc(test, pc_options(options));
  if (options.algorithm == "rfci") return rfci(test, rfci_options(options));
  if (options.algorithm == "ordicd") return run_ordicd(test, options);
  if (options.algorithm == "icd" && options.reference)
    return reference_icd(test, {.selection_bias = options.selection_bias, .max_order = options.max_order});
  if (options.algorithm == "icd") return icd(test, icd_options(options));
  return fci(test, fci_options(options));
}

bool is_for_launches(const SearchOptions& options) {
  return options.algorithm != "ordicd" && !options.reference && options.colliders == ColliderRule::sepset &&
         knowledge_or_none(options.knowledge).empty();
}

std::vector<SearchResult> run_searches(std::span<const CorrelationTest> tests, const SearchOptions& options,
                                       Device device, int threads) {
  if (options.algorithm == "pc") return pc_of_each(tests, pc_options(options), device, threads);
  if (options.algorithm == "rfci") return rfci_of_each(tests, rfci_options(options), device, threads);
  if (options.algorithm == "fci") return fci_of_each(tests, fci_options(options), device, threads);
  if (options.algorithm == "icd" && !options.reference)
    return icd_of_each(tests, icd_options(options), device, threads);
  std::vector<SearchResult> out(tests.size());
  parallel_for(tests.size(), threads, [&](std::size_t i) { out[i] = run_search(tests[i], options); });
  return out;
}

ColliderRule parse_collider_rule(const std::string& name) {
  check_known("collider rule", name, kColliderRules);
  for (const ColliderRule rule : {ColliderRule::conservative, ColliderRule::majority, ColliderRule::max_p})
    if (collider_rule_name(rule) == name) return rule;
  return ColliderRule::sepset;
}

}  // namespace why
