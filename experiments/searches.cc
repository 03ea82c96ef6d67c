#include "experiments/searches.h"

#include "core/errors.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/pc.h"

namespace why {

SearchResult run_search(const CiTest& test, const SearchOptions& options) {
  check_known("algorithm", options.algorithm, kSearches);
  if (options.algorithm == "pc") return pc(test, {.max_order = options.max_order});
  if (options.algorithm == "icd") return icd(test, {.max_order = options.max_order, .rules = {}});
  return fci(test, {.max_order = options.max_order, .max_pds_order = options.max_pds_order, .rules = {}});
}

}  // namespace why
