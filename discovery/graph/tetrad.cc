#include <algorithm>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/formats.h"
#include "discovery/graph/statements.h"

namespace why {
namespace {

constexpr std::string_view kNodes = "Graph Nodes:", kEdges = "Graph Edges:";
constexpr std::string_view kInNodes = ",;";  // what separates names

// A name that Tetrad reads as it stands, and else in quotes.
std::string written(const std::string& name) {
  constexpr std::string_view kSpecial = "\"#,;()[]";
  const bool plain = !name.empty() && name.find_first_of(kSpecial) == name.npos &&
                     std::none_of(name.begin(), name.end(), is_white);
  return plain ? name : quoted(name);
}

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kWhiteSpace);
  return first == line.npos ? std::string_view{}
                            : line.substr(first, line.find_last_not_of(kWhiteSpace) + 1 - first);
}

class TetradReader {
 public:
  // A blank line ends a section.
  void read(const Statement& statement) {
    const std::string_view line = trimmed(statement.content);
    if (line == kNodes || line == kEdges)
      (line == kNodes ? nodes_seen_ : edges_seen_) = true, section_ = line;
    else if (line.empty())
      section_ = {};
    else if (section_ == kNodes)
      read_nodes({line, statement.source, statement.line});
    else if (section_ == kEdges)
      read_edge({line, statement.source, statement.line});
  }

  NamedGraph finish(std::string_view source) const {
    for (const auto& [seen, heading] : {std::pair{nodes_seen_, kNodes}, {edges_seen_, kEdges}})
      WHY_CHECK(seen, source, ": no line `", heading, "`, which Tetrad's text has");
    return {numbering_.names, edges_.graph(static_cast<int>(numbering_.names.size()))};
  }

 private:
  void read_nodes(const Statement& statement) {
    std::size_t at = 0;
    while (const auto word = read_word(statement, at, kInNodes)) {
      const std::string name = word->quoted ? word->text : std::string(trimmed(word->text));
      if (!word->quoted && std::any_of(name.begin(), name.end(), is_white))
        statement.fail("white space in the name \"", printable(name), "\"");
      if (!word->quoted && (name.starts_with('(') || name.starts_with('[')))
        statement.fail("\"", printable(name), "\" is a latent or a selection node, which no PAG has");
      if (numbering_.has(name)) statement.fail("the name \"", printable(name), "\" is given twice");
      numbering_.add(name);
    }
    if (at < statement.content.size()) statement.fail("a `#` outside quotes");
  }

  // [1.] A o-> B [what is known about it]
  void read_edge(const Statement& statement) {
    std::size_t at = statement.content.find_first_not_of("0123456789");
    at = at != 0 && statement.content.substr(std::min(at, statement.content.size())).starts_with('.') ? at + 1
                                                                                                      : 0;
    const auto left = read_word(statement, at, kWhiteSpace), symbol = read_word(statement, at, kWhiteSpace);
    const auto marks = symbol && !symbol->quoted ? read_symbol(symbol->text) : std::nullopt;
    if (!marks) statement.fail("no edge such as `1. A o-> B`");
    const auto right = read_word(statement, at, kWhiteSpace);
    if (!right) statement.fail("no node at the right of the edge");
    for (const auto& name : {left->text, right->text})
      if (!numbering_.has(name))
        statement.fail("unknown node \"", printable(name), "\" (not among `", kNodes, "`)");
    const Node x = numbering_.at(left->text), y = numbering_.at(right->text);
    if (x == y) statement.fail("an edge from a node to itself");
    if (!edges_.add(x, y, *marks)) statement.fail("a second edge between the same nodes");
  }

  std::string_view section_;
  bool nodes_seen_ = false, edges_seen_ = false;
  Numbering numbering_;
  EdgeList edges_;
};

}  // namespace

std::string to_tetrad(const MixedGraph& graph, std::span<const std::string> names) {
  const auto name = [&](Node x) { return written(names[static_cast<std::size_t>(x)]); };
  std::string out = text(kNodes, "\n");
  for (Node x = 0; x < graph.num_nodes(); ++x) out += (x > 0 ? ";" : "") + name(x);
  out += text("\n\n", kEdges, "\n");
  int number = 0;
  for (const auto& [x, y, line] : written_edges(graph, names))
    out += text(++number, ". ", name(x), " ", edge_symbol(graph.mark(y, x), graph.mark(x, y)), " ", name(y),
                "\n");
  return out;
}

NamedGraph parse_tetrad(std::string_view text, std::string_view source) {
  TetradReader reader;
  for_each_line(text, source, [&](const Statement& statement) { reader.read(statement); });
  return reader.finish(source);
}

}  // namespace why
