#include "experiments/graph_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/files.h"
#include "core/printable.h"
#include "discovery/graph/statements.h"
#include "discovery/search/true_pag.h"
#include "experiments/report/tools.h"

namespace why {
namespace {

using Json = nlohmann::json;

// ---- JSON ----

// A part of a document, and what it is called in errors.
struct Part {
  const Json& value;
  std::string place;

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw UserError(text(place, ": ", parts...));
  }
  Part at(const char* key) const {
    if (!value.is_object() || !value.contains(key)) fail("no \"", key, "\"");
    return {value[key], text(place, ": ", key)};
  }
  std::string word() const {
    if (!value.is_string()) fail("no text");
    return value.get<std::string>();
  }
  template <class Use>
  void for_each(Use&& use) const {
    if (!value.is_array()) fail("no list");
    for (std::size_t i = 0; i < value.size(); ++i) use(Part{value[i], text(place, "[", i, "]")});
  }
};

Mark mark_called(const Part& part) {
  const std::string word = part.word();
  for (const Mark mark : {Mark::circle, Mark::arrow, Mark::tail})
    if (word == mark_name(mark)) return mark;
  part.fail("\"", printable(word), "\" is not circle, arrow or tail");
}

// ---- which format ----

// Without the white space before it; comments are no first line.
std::string_view first_line_of(std::string_view text) {
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!line.starts_with('#')) return line;
    text.remove_prefix(line.size());
  }
}

std::string_view last_line_of(std::string_view text) {
  const std::size_t end = text.find_last_not_of(kWhiteSpace);
  if (end == text.npos) return {};
  text = text.substr(0, end + 1);
  return text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
}

// The last row of a matrix: ends in `,2` or is a digit alone, and has no edge in it.
bool is_row_of_codes(std::string_view line) {
  if (line.empty() || line.back() < '0' || line.back() > '3') return false;
  const bool cell = line.size() == 1 || line[line.size() - 2] == ',';
  for (std::size_t at = line.find(' '); at != line.npos; at = line.find(' ', at + 1))
    if (read_symbol(line.substr(at + 1, 3))) return false;
  return cell;
}

}  // namespace

std::string graph_format_of(std::string_view text) {
  text = without_byte_order_mark(text);
  const std::string_view first = first_line_of(text);
  if (first.starts_with('{')) return "json";
  if (first.starts_with('<')) return "graphml";
  if (first.starts_with("digraph")) return "dot";
  if (first.starts_with("Graph ")) return "tetrad";
  for (const char* list : {"observed:", "latent:", "selection:"})
    if (first.starts_with(list)) return "dag";
  return is_row_of_codes(last_line_of(text)) ? "pcalg" : "edges";
}

NamedGraph parse_graph_json(std::string_view text, std::string_view source) {
  Json document;
  try {
    document = Json::parse(text);
  } catch (const Json::exception& error) {  // also a number that is too large
    throw UserError(why::text(source, ": no JSON: ", printable(json_complaint(error.what()))));
  }
  const Part whole{document, std::string(source)};
  Numbering numbering;
  whole.at("nodes").for_each([&](const Part& node) {
    const std::string name = node.word();
    if (numbering.has(name)) node.fail("the name \"", printable(name), "\" is given twice");
    numbering.add(name);
  });
  EdgeList edges;
  whole.at("edges").for_each([&](const Part& edge) {
    const auto end = [&](const char* key) {
      const Part name = edge.at(key);
      if (!numbering.has(name.word())) name.fail("unknown node \"", printable(name.word()), "\"");
      return numbering.at(name.word());
    };
    const Node x = end("x"), y = end("y");
    if (x == y) edge.fail("an edge from a node to itself");
    if (!edges.add(x, y, {mark_called(edge.at("mark_x")), mark_called(edge.at("mark_y"))}))
      edge.fail("a second edge between the same nodes");
  });
  return {numbering.names, edges.graph(static_cast<int>(numbering.names.size()))};
}

namespace {

// SVG, with or without what XML puts before its first tag.
bool is_picture(std::string_view text) {
  const std::string_view start = text.substr(0, text.find("<svg"));
  return start.size() < text.size() && start.find("<graphml") == start.npos &&
         first_line_of(text).starts_with('<');
}

NamedGraph parse_graph_file(const std::string& text, const std::string& source, const std::string& format) {
  if (format == "json") return parse_graph_json(text, source);
  if (format != "dag") return read_graph(format, text, source);
  const NamedDag dag = parse_dag(text, source);
  return {observed_names(dag), dag_to_pag(dag.dag)};
}

}  // namespace

NamedGraph read_graph_file(const std::filesystem::path& path, const std::string& format) {
  if (!format.empty()) check_known("format", format, kReadableGraphFormats);
  const std::string text = read_file(path);
  WHY_CHECK(!is_picture(text), path.string(),
            " is a picture, which is not read; `discover --format` json, dot and others are");
  NamedGraph graph = parse_graph_file(text, path.string(), format.empty() ? graph_format_of(text) : format);
  WHY_CHECK(!graph.names.empty(), path.string(), " holds no graph: it names no node");
  return graph;
}

std::string to_svg(const MixedGraph& graph, std::span<const std::string> names) {
  return drawn(to_dot(graph, names));
}

std::string drawn(const std::string& dot) {
  constexpr std::string_view kLook =
      "digraph {\n  graph [bgcolor=white, pad=0.1];\n  node [shape=box, style=\"filled,rounded\", "
      "fillcolor=white, color=\"#555555\", fontname=\"DejaVu Sans\", fontsize=11, margin=\"0.1,0.06\"];\n"
      "  edge [arrowsize=0.8, fontname=\"DejaVu Sans\", fontsize=9, labelfontsize=8];\n";
  constexpr std::string_view kStart = "digraph {\n";
  WHY_ASSERT(dot.starts_with(kStart));
  const auto svg = run_tool({"dot", "-Tsvg"}, text(kLook, dot.substr(kStart.size())));
  WHY_CHECK(svg, "a picture needs Graphviz, whose program `dot` is not on the PATH; --format dot does not");
  return *svg;
}

bool have_graphviz() { return run_tool({"dot", "-V"}, "").has_value(); }

}  // namespace why
