// Searches by name, for configurations and commands.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/device.h"
#include "discovery/search/ci_test.h"
#include "discovery/search/colliders.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/knowledge.h"
#include "discovery/search/search_result.h"

namespace why {

inline const std::vector<std::string> kSearches = {"icd", "fci", "rfci", "pc", "ordicd"};
inline const std::vector<std::string> kColliderRules = {"sepset", "conservative", "majority", "max-p"};

struct SearchOptions {
  std::string algorithm = "fci";  // one of kSearches
  int max_order = -1;             // of conditioning sets; -1: no bound
  int max_pds_order = -1;         // of the possible-d-sep stage of fci; others have none

  ColliderRule colliders = ColliderRule::sepset;  // of pc and fci
  bool selection_bias = true;                     // rules R5-R7 of fci, rfci and icd
  bool keep_snapshots = false;                    // of icd: the graph after each round
  bool reference = false;                         // icd with the reference implementation's choices

  bool node_by_node = false;  // of ordicd

  // Excludes selection. Ordicd needs one with an order of all nodes; the reference's choices know none.
  const Knowledge* knowledge = nullptr;
};

// UserError for an unknown name, and if ordicd is given no order of all nodes.
SearchResult run_search(const CiTest& test, const SearchOptions& options);

// Does a launch do all or nearly all of such a search? Knowledge and other collider rules than the separating
// sets' leave much of it, or all, to the CPU.
bool is_for_launches(const SearchOptions& options);

// The same of each of many, in their order: on a CUDA device in one launch as far as search_batch.h has it,
// else shared among the threads.
std::vector<SearchResult> run_searches(std::span<const CorrelationTest> tests, const SearchOptions& options,
                                       Device device, int threads);

// One of kColliderRules. UserError for another word.
ColliderRule parse_collider_rule(const std::string& name);

}  // namespace why
