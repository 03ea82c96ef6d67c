#include "discovery/search/search_result.h"

#include <utility>
#include <vector>

namespace why {

void take_orientation(SearchResult& found, Oriented oriented) {
  found.graph = std::move(oriented.graph);
  found.reasons = std::move(oriented.reasons);
  found.conflicts = oriented.conflicts;
}

void take_unfinished(SearchResult& found, Oriented oriented) {
  for (Node x = 0; x < found.graph.num_nodes(); ++x)
    for (const Node y : oriented.graph.neighbors(x))
      if (!found.graph.adjacent(x, y)) oriented.graph.disconnect(x, y);
  std::erase_if(oriented.reasons,
                [&](const MarkReason& reason) { return !found.graph.adjacent(reason.x, reason.y); });
  take_orientation(found, std::move(oriented));
  found.stopped = true;
}

}  // namespace why
