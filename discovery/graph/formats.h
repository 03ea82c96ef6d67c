// Graphs in the formats of other programs, written and read back. `edges` is in notation.h.
//
//   dot      Graphviz: circles (odot), arrowheads (normal) and tails (none) at both ends
//   tetrad   the text that Tetrad and causal-learn save: `Graph Nodes:`, `Graph Edges:`, numbered edges
//   graphml  XML for Gephi, yEd, networkx, igraph: a node's name is its `label`; an edge has `mark_source`
//   and
//            `mark_target`, each circle, arrow or tail
//   pcalg    CSV of pcalg's amat.pag: a header of names, then row i, column j: the mark at j of the edge
//   between
//            i and j; 0 no edge, 1 circle, 2 arrowhead, 3 tail. In R: as.matrix(read.csv(FILE, check.names =
//            FALSE)). pcalg's help page amatType; amat.cpdag is another coding and not meant here.
//
// Every reader takes all that its writer writes, and gives back the same names in the same order, edges and
// marks. Errors are UserErrors that name source, line and content: `g.txt:3: …`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/graph/notation.h"

namespace why {

inline const std::vector<std::string> kGraphTextFormats = {"edges", "dot", "tetrad", "graphml", "pcalg"};

// In one of kGraphTextFormats. UserError for a name that the format cannot hold: GraphML has no control
// characters other than tab, line feed and carriage return.
std::string write_graph(std::string_view format, const MixedGraph& graph, std::span<const std::string> names);
NamedGraph read_graph(std::string_view format, std::string_view text, std::string_view source);

// The name of Graphviz's arrow for it: "odot", "normal", "none".
std::string_view dot_arrow(Mark mark);
// Text in a label: Graphviz takes \n for a line break and &amp; for an ampersand.
std::string dot_label(std::string_view text);

std::string to_dot(const MixedGraph& graph, std::span<const std::string> names);
// Reads one digraph of nodes and edges with any attributes; subgraphs, ports, HTML labels and comments are
// not understood. `dir` counts as Graphviz draws it: without one, A -> B is A --> B.
NamedGraph parse_dot(std::string_view text, std::string_view source);

// Tetrad has no quotes: a name that holds white space, a quote, `#`, a comma, a semicolon, a bracket or a
// parenthesis stands in double quotes as in `edges`, and is read back here, but not by Tetrad.
std::string to_tetrad(const MixedGraph& graph, std::span<const std::string> names);
// What stands behind an edge (dd nl, probabilities) and other sections are passed over. A latent `(L)` or
// selection node `[S]` is refused: a mixed graph has neither.
NamedGraph parse_tetrad(std::string_view text, std::string_view source);

std::string to_graphml(const MixedGraph& graph, std::span<const std::string> names);
// Of the first graph. A node without a label is called by its id; an edge must have both marks.
NamedGraph parse_graphml(std::string_view text, std::string_view source);

std::string to_pcalg(const MixedGraph& graph, std::span<const std::string> names);
// A name as a cell of CSV: in double quotes, "" for a quote, where it does not read back as it is.
std::string csv_cell(const std::string& name);
// With or without a column of row names, as R's write.csv adds it.
NamedGraph parse_pcalg(std::string_view text, std::string_view source);

}  // namespace why
