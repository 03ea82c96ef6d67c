// Graphs as text: the one place that knows how marks, edges and names are spelt.
//
//   A --> B   A <-- B   A <-> B   A o-> B   A <-o B   A o-o B   A --- B   A o-- B   A --o B
//
// A name that holds white space, a double quote or `#`, or that is empty, stands in double quotes, in which
// \" \\ \n \r \t are escapes. Outside quotes `#` starts a comment. What is read is UTF-8.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/graph/dag.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

struct NamedGraph {
  std::vector<std::string> names;
  MixedGraph graph;
};

// "o->": a circle at the left node, an arrowhead at the right one.
std::string edge_symbol(Mark at_left, Mark at_right);
std::string_view mark_name(Mark mark);  // "circle", "arrow", "tail"

// An edge as the formats list it: x is the end with the byte-wise smaller name.
struct WrittenEdge {
  Node x, y;
  std::string line;  // "A o-> B"
};

// Sorted byte-wise by line, so that the order of the nodes does not show.
std::vector<WrittenEdge> written_edges(const MixedGraph& graph, std::span<const std::string> names);

// The format `edges`: those lines. When some node has no edge, a line `nodes: …` with all names, sorted,
// comes first.
std::string to_edges(const MixedGraph& graph, std::span<const std::string> names);

// The same as comma-separated statements, for tests: "a o-> b, b o-o c".
std::string to_literal(const NamedGraph& named);

// Reads the format `edges`. Nodes are numbered as they first appear; `nodes: A B` (several such lines may
// stand, a comma is as good as a space in them) only adds names. `source` is named in errors: `g.txt:3: …`.
NamedGraph parse_edges(std::string_view text, std::string_view source);

// A graph literal for tests: "a o-> b, b o-o c" or "nodes: a b c, a o-> b".
NamedGraph parse_graph(std::string_view literal);

// Reads a DAG: lines `observed: A B`, `latent: L`, `selection: S` name all nodes, in the order in which they
// are numbered; then one edge a line, `A --> B` or `A <-- B`. UserError names source, line and content for a
// name that is unknown or given twice, an edge given twice, a self-loop and a cycle.
NamedDag parse_dag(std::string_view text, std::string_view source);

// What parse_dag reads.
std::string to_text(const NamedDag& named);

}  // namespace why
