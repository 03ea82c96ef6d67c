#include "experiments/report/pag_drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <queue>

#include "core/errors.h"
#include "discovery/graph/formats.h"
#include "experiments/report/markup.h"
#include "experiments/report/task_words.h"
#include "experiments/report/tools.h"

namespace why {
namespace {

constexpr const char* kStyle = R"(digraph {
  graph [rankdir=LR, ranksep=0.8, nodesep=0.28, bgcolor=white, pad=0.1, fontname="DejaVu Sans", fontsize=9,
    label="circle: undetermined    arrowhead: no cause of the other end    bare end: a cause of it"];
  node [shape=box, style="filled,rounded", fillcolor=white, color="#555555", fontname="DejaVu Sans",
    fontsize=11, margin="0.1,0.06"];
  edge [dir=both, arrowsize=0.8];
)";

bool contains(std::span<const int> values, int wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

struct Reach {
  std::vector<int> distance;  // [nodes], -1: not connected
  std::vector<Node> toward;   // [nodes] next node on a shortest path to the root
};

Reach reach_from(const MixedGraph& graph, Node root) {
  const auto n = static_cast<std::size_t>(graph.num_nodes());
  Reach out{std::vector<int>(n, -1), std::vector<Node>(n, root)};
  out.distance[root] = 0;
  std::queue<Node> waiting({root});
  for (; !waiting.empty(); waiting.pop()) {
    const Node x = waiting.front();
    for (const Node y : graph.neighbors(x)) {
      if (out.distance[y] >= 0) continue;
      out.distance[y] = out.distance[x] + 1;
      out.toward[y] = x;
      waiting.push(y);
    }
  }
  return out;
}

std::string label_of(const std::string& heading, const std::string& title) {
  std::string out = "\"" + dot_label(heading);
  for (const auto& line : wrap(title, 22, 4)) out += "\\n" + dot_label(line);
  return out + '"';
}

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char letter : text) {
    if (letter == ' ' || letter == '\n' || letter == '\t')
      out.emplace_back();
    else
      out.back() += letter;
  }
  std::erase(out, "");
  return out;
}

bool continues_letter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::size_t letters_in(const std::string& text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_letter));
}

// The first `count` letters; the rest stays in `text`.
std::string take_letters(std::string& text, std::size_t count) {
  std::size_t end = 0, letters = 0;
  while (end < text.size() && (continues_letter(text[end]) || letters++ < count)) ++end;
  std::string out = text.substr(0, end);
  text.erase(0, end);
  return out;
}

}  // namespace

std::vector<std::string> wrap(const std::string& text, std::size_t width, std::size_t max_lines) {
  std::vector<std::string> out;
  for (std::string word : split_words(text)) {
    if (!out.empty() && letters_in(out.back()) + 1 + letters_in(word) <= width) {
      out.back() += " " + word;
      continue;
    }
    while (!word.empty()) out.push_back(take_letters(word, width));
  }
  if (out.size() > max_lines) {
    out.resize(max_lines);
    out.back() = take_letters(out.back(), width - 1) + "…";
  }
  return out;
}

DrawnPart part_around_root(const MixedGraph& graph, Node root, std::span<const int> members,
                           const DrawingLimits& limits) {
  const Reach reach = reach_from(graph, root);
  std::vector<Node> connected;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    if (reach.distance[x] >= 0) connected.push_back(x);

  std::vector<char> drawn(graph.num_nodes(), 0);
  drawn[root] = 1;
  for (const Node member : members)
    if (reach.distance[member] >= 0)
      for (Node x = member; x != root; x = reach.toward[x]) drawn[x] = 1;

  const auto nearer = [&](Node x, Node y) {
    return std::pair(reach.distance[x], -x) < std::pair(reach.distance[y], -y);
  };
  std::sort(connected.begin(), connected.end(), nearer);
  auto count = static_cast<std::size_t>(std::count(drawn.begin(), drawn.end(), 1));
  DrawnPart out;
  out.connected = static_cast<int>(connected.size()) - 1;
  for (const Node x : connected) {
    const bool fits = count < limits.max_nodes && reach.distance[x] <= limits.max_distance;
    if (!drawn[x] && !fits) continue;
    if (!drawn[x]) ++count;
    out.nodes.push_back(x);
    out.distance.push_back(reach.distance[x]);
  }
  return out;
}

std::string dot_of_part(const Sample& sample, const MixedGraph& graph, const DrawnPart& part,
                        std::span<const int> members, const TitleOf& title_of) {
  std::string out = kStyle;
  const Node root = sample.root();
  for (const Node x : part.nodes) {
    if (x == root)
      out += fmt::format("  n{} [label={}, fillcolor=\"#222222\", fontcolor=white, color=\"#222222\"];\n", x,
                         label_of(words_of(sample).target, title_of(sample.answer)));
    else
      out += fmt::format("  n{} [label={}{}];\n", x, label_of(text(x + 1), title_of(sample.parts[x])),
                         contains(members, x) ? ", fillcolor=\"#ffd480\", color=black, penwidth=3.5" : "");
  }

  // a column for each distance
  std::map<int, std::string> columns;
  for (std::size_t i = 0; i < part.nodes.size(); ++i)
    columns[part.distance[i]] += fmt::format(" n{};", part.nodes[i]);
  for (const auto& [distance, nodes] : columns) out += fmt::format("  {{ rank=same;{} }}\n", nodes);

  // edges of the root and of the explanation stand out; within a column they do not shape the layout
  for (std::size_t i = 0; i < part.nodes.size(); ++i)
    for (std::size_t j = i + 1; j < part.nodes.size(); ++j) {
      const Node x = part.nodes[i], y = part.nodes[j];
      if (!graph.adjacent(x, y)) continue;
      const bool strong = x == root || contains(members, x) || contains(members, y);
      out += fmt::format("  n{} -> n{} [arrowtail={}, arrowhead={}, color=\"{}\"{}];\n", x, y,
                         dot_arrow(graph.mark(y, x)), dot_arrow(graph.mark(x, y)),
                         strong ? "#000000" : "#8a8a8a",
                         part.distance[i] == part.distance[j] ? ", constraint=false" : "");
    }
  return out + "}\n";
}

std::string sentence_about(const Sample& sample, const HeadGraph& head, const DrawnPart& part) {
  const TaskWords words = words_of(sample);
  const int parts = sample.root(), drawn = static_cast<int>(part.nodes.size()) - 1;
  int edges = 0;
  for (std::size_t i = 0; i < part.nodes.size(); ++i)
    for (std::size_t j = i + 1; j < part.nodes.size(); ++j)
      edges += head.graph.adjacent(part.nodes[i], part.nodes[j]) ? 1 : 0;
  std::string out = fmt::format("Head {}: drawn are {} of {} and {} of {}", head.head, drawn,
                                counted(parts, words.part), edges, counted(head.graph.num_edges(), "edge"));
  if (drawn < part.connected)
    out += fmt::format("; left out: {} farther away", counted(part.connected - drawn, words.part));
  if (part.connected < parts)
    out += fmt::format("; without any connection to {}: {}", words.answer,
                       counted(parts - part.connected, words.part));
  return out + ".";
}

std::optional<std::string> draw_graph_svg(const std::string& dot) { return run_tool({"dot", "-Tsvg"}, dot); }

std::optional<Drawing> draw_graph(const std::string& dot) {
  auto svg = draw_graph_svg(dot);
  if (!svg) return std::nullopt;
  auto png = run_tool({"dot", "-Tpng", "-Gdpi=144"}, dot);
  if (!png) return std::nullopt;
  auto pdf = run_tool({"dot", "-Tpdf"}, dot);
  if (!pdf) return std::nullopt;
  return Drawing{std::move(*svg), std::move(*png), undated(std::move(*pdf))};
}

}  // namespace why
