// In words: why two nodes are joined or apart in a search's result, and why the edge has its marks.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "discovery/search/search_result.h"

namespace why {

// The reason of the mark at y of the edge x - y; nothing for a circle, and for the tails that PC leaves where
// both directions are possible.
const Because* reason_of(const SearchResult& found, Node x, Node y);

// Some lines, each ended. Rules are told with the nodes to which they were applied:
//
//   A o-> B
//   No set that was asked separates A and B.
//   At B an arrowhead. R0: A and C are not adjacent, and {} separates them without B.
//   At A a circle: no rule decides between arrowhead and tail.
std::string why_text(const SearchResult& found, std::span<const std::string> names, Node x, Node y);

// "A,B" as two different known names, also where a name holds a comma; it may stand in quotes, as in edges.
// UserError otherwise, naming the variable that is not known.
std::pair<Node, Node> parse_pair(const std::string& text, std::span<const std::string> names);

}  // namespace why
