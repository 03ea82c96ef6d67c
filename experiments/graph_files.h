// Graphs from and to files, whatever program wrote them: the formats of discovery/graph/formats.h, the JSON
// of `discover --format json`, and pictures.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/graph/formats.h"

namespace why {

inline const std::vector<std::string> kReadableGraphFormats = {"edges",   "json",  "dot", "tetrad",
                                                               "graphml", "pcalg", "dag"};

// Which of kReadableGraphFormats a text is in, by its first words; "edges" when it is none of the others.
std::string graph_format_of(std::string_view text);

// What `discover --format json` writes, of which `nodes` and `edges` are read: names, and
// {"x": …, "y": …, "mark_x": …, "mark_y": …}. UserError "g.json: edges[3]: …".
NamedGraph parse_graph_json(std::string_view text, std::string_view source);

// UserErrors name the path. An empty `format` is found out. A DAG with its latent and selection nodes, as
// parse_dag reads it ("dag"), stands for its PAG.
NamedGraph read_graph_file(const std::filesystem::path& path, const std::string& format = "");

// A picture: SVG by Graphviz, a circle, an arrowhead or a bare end at both ends of every edge. UserError when
// Graphviz is not installed, which have_graphviz tells beforehand.
std::string to_svg(const MixedGraph& graph, std::span<const std::string> names);
std::string drawn(const std::string& dot);  // a graph that to_dot wrote
bool have_graphviz();

}  // namespace why
