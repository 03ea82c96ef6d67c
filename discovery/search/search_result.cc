#include "discovery/search/search_result.h"

#include <utility>

namespace why {

void take_orientation(SearchResult& found, Oriented oriented) {
  found.graph = std::move(oriented.graph);
  found.reasons = std::move(oriented.reasons);
  found.conflicts = oriented.conflicts;
}

}  // namespace why
