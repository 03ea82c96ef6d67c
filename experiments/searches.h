// Searches by name, for configurations and commands.
#pragma once

#include <string>
#include <vector>

#include "discovery/search/ci_test.h"
#include "discovery/search/search_result.h"

namespace why {

inline const std::vector<std::string> kSearches = {"icd", "fci", "pc"};

struct SearchOptions {
  std::string algorithm = "fci";  // one of kSearches
  int max_order = -1;             // of conditioning sets; -1: no bound
  int max_pds_order = -1;         // of the possible-d-sep stage of fci; others have none
};

// UserError for an unknown name.
SearchResult run_search(const CiTest& test, const SearchOptions& options);

}  // namespace why
