// The graph of one head as a picture: the answer at the left, items or words in columns by their distance
// from it, both marks of every edge, the explanation filled and with a thick border.
//
//   circle (odot)   not determined     arrow (normal)   arrowhead     tail (none)   the bare end of a line
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiments/report/charts.h"
#include "experiments/report/samples.h"

namespace why {

using TitleOf = std::function<std::string(const std::string& item)>;

// Which nodes are drawn, nearest to the root first; of equally near ones the later first.
struct DrawnPart {
  std::vector<Node> nodes;    // starts with the root
  std::vector<int> distance;  // [nodes] edges to the root
  int connected = 0;          // parts that some path joins with the root, drawn or not
};

// The root and, of the members that are connected, each with a shortest path to the root; of the others
// those within `max_distance`, until there are `max_nodes`.
struct DrawingLimits {
  std::size_t max_nodes = 16;
  int max_distance = 4;
};
DrawnPart part_around_root(const MixedGraph& graph, Node root, std::span<const int> members,
                           const DrawingLimits& limits = {});

// Graphviz source. Node i is called ni; its label is its place in the history or text, and what it is.
std::string dot_of_part(const Sample& sample, const MixedGraph& graph, const DrawnPart& part,
                        std::span<const int> members, const TitleOf& title_of);

// What the picture shows and what it leaves out, for its caption.
std::string sentence_about(const Sample& sample, const HeadGraph& head, const DrawnPart& part);

// Words on lines of at most `width` letters (code points); longer words are broken, and what does not fit on
// `max_lines` ends in an ellipsis.
std::vector<std::string> wrap(const std::string& text, std::size_t width, std::size_t max_lines);

// Nothing when Graphviz is not installed; std::runtime_error when it fails.
std::optional<Drawing> draw_graph(const std::string& dot);
std::optional<std::string> draw_graph_svg(const std::string& dot);

}  // namespace why
