#include "discovery/graph/notation.h"

#include <algorithm>
#include <optional>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/statements.h"

namespace why {
namespace {

constexpr std::string_view kLists[] = {"nodes:", "observed:", "latent:", "selection:"};

// A name in an edge: bare where it reads back as one word that starts no list, on the first line too.
std::string written(std::string_view name) {
  const bool bare =
      !name.empty() && name.find_first_of("\"#") == std::string_view::npos &&
      !name.starts_with(kByteOrderMark) && std::none_of(name.begin(), name.end(), is_white) &&
      std::none_of(std::begin(kLists), std::end(kLists), [&](auto list) { return name.starts_with(list); });
  return bare ? std::string(name) : quoted(name);
}

// A name in a list, where a comma separates.
std::string written_in_list(std::string_view name) {
  return name.find(',') == std::string_view::npos ? written(name) : quoted(name);
}

struct EdgeStatement {
  std::string left, right;
  Marks marks;
};

// What lines of a kind of graph look like, for errors.
struct LineForms {
  std::string_view example, edges;
  std::vector<std::string> lists;
};
const LineForms kMixedGraph = {"A o-> B", "--> <-- <-> o-> <-o o-o --- o-- --o", {"nodes:"}};
const LineForms kDag = {"A --> B", "--> <--", {"observed:", "latent:", "selection:"}};

// A line that is no edge and starts with a word like that of a list.
void check_list_name(const Statement& statement, const std::vector<Word>& words, const LineForms& forms) {
  if (words.empty() || words[0].quoted || !words[0].text.ends_with(':')) return;
  const std::string nearest = nearest_name(words[0].text, forms.lists);
  if (!nearest.empty())
    statement.fail("unknown list \"", printable(words[0].text), "\" (did you mean \"", nearest, "\"?)");
}

EdgeStatement read_edge(const Statement& statement, const LineForms& forms) {
  const std::vector<Word> words = read_words(statement, 0, kWhiteSpace);
  const bool edge = words.size() == 3 && !words[1].quoted;
  const auto marks = edge ? read_symbol(words[1].text) : std::nullopt;
  if (!marks) check_list_name(statement, words, forms);
  if (!edge) statement.fail("no edge such as `", forms.example, "`");
  if (!marks) statement.fail("unknown edge \"", printable(words[1].text), "\" (known: ", forms.edges, ")");
  if (words[0].text == words[2].text) statement.fail("an edge from a node to itself");
  return {words[0].text, words[2].text, *marks};
}

// The names of a line `list A B, C`; nothing when the line is no such list.
std::optional<std::vector<std::string>> read_list(const Statement& statement, std::string_view list) {
  const std::size_t start = statement.content.find_first_not_of(kWhiteSpace);
  if (start == std::string_view::npos || !statement.content.substr(start).starts_with(list))
    return std::nullopt;
  std::vector<std::string> out;
  for (auto& word : read_words(statement, start + list.size(), text(kWhiteSpace, ",")))
    out.push_back(std::move(word.text));
  return out;
}

// Statements of a literal end at a comma outside quotes.
template <class Use>
void for_each_clause(std::string_view literal, Use&& use) {
  while (!literal.empty()) {
    std::size_t end = 0;
    bool quoted = false;
    for (; end < literal.size() && (quoted || literal[end] != ','); ++end) {
      if (quoted && literal[end] == '\\')
        ++end;
      else if (literal[end] == '"')
        quoted = !quoted;
    }
    end = std::min(end, literal.size());
    const Statement statement{literal.substr(0, end), "graph"};
    if (!is_blank(statement)) use(statement);
    literal.remove_prefix(std::min(end + 1, literal.size()));
  }
}

class GraphReader {
 public:
  void read(const Statement& statement) {
    if (const auto list = read_list(statement, "nodes:")) {
      for (const auto& name : *list) numbering_.add(name);
      return;
    }
    const EdgeStatement edge = read_edge(statement, kMixedGraph);
    const Node x = numbering_.add(edge.left), y = numbering_.add(edge.right);
    if (!edges_.add(x, y, edge.marks)) statement.fail("a second edge between the same nodes");
  }

  NamedGraph finish() const {
    return {numbering_.names, edges_.graph(static_cast<int>(numbering_.names.size()))};
  }

 private:
  Numbering numbering_;
  EdgeList edges_;
};

constexpr std::pair<std::string_view, NodeKind> kKinds[] = {
    {"observed:", NodeKind::observed}, {"latent:", NodeKind::latent}, {"selection:", NodeKind::selection}};

class DagReader {
 public:
  void read(const Statement& statement) {
    for (const auto& [list, kind] : kKinds)
      if (const auto names = read_list(statement, list)) return declare(statement, *names, kind);
    edges_.push_back(statement);
  }

  NamedDag finish() const {
    Dag dag(kinds_);
    for (const Statement& statement : edges_) add_edge(dag, statement);
    return {numbering_.names, std::move(dag)};
  }

 private:
  void declare(const Statement& statement, const std::vector<std::string>& names, NodeKind kind) {
    for (const auto& name : names) {
      if (numbering_.has(name)) statement.fail("the name \"", printable(name), "\" is given twice");
      numbering_.add(name);
      kinds_.push_back(kind);
    }
  }

  void add_edge(Dag& dag, const Statement& statement) const {
    const EdgeStatement edge = read_edge(statement, kDag);
    for (const auto& name : {edge.left, edge.right})
      if (!numbering_.has(name))
        statement.fail("unknown node \"", printable(name), "\" (not among observed:, latent:, selection:)");

    Node from = numbering_.at(edge.left), to = numbering_.at(edge.right);
    if (edge.marks.at_left == Mark::arrow) std::swap(from, to);
    const bool directed = (edge.marks.at_left == Mark::arrow && edge.marks.at_right == Mark::tail) ||
                          (edge.marks.at_left == Mark::tail && edge.marks.at_right == Mark::arrow);
    if (!directed)
      statement.fail("\"", edge_symbol(edge.marks.at_left, edge.marks.at_right),
                     "\" is no edge of a DAG (known: ", kDag.edges,
                     "; a common cause that is not observed is a node of the line latent:)");
    if (dag.has_edge(from, to)) statement.fail("an edge given twice");
    if (dag.is_ancestor(to, from)) statement.fail("an edge that closes a directed cycle");
    dag.add_edge(from, to);
  }

  Numbering numbering_;
  std::vector<NodeKind> kinds_;
  std::vector<Statement> edges_;
};

const std::string& name_of(std::span<const std::string> names, Node x) {
  return names[static_cast<std::size_t>(x)];
}

bool has_isolated_node(const MixedGraph& graph) {
  for (Node x = 0; x < graph.num_nodes(); ++x)
    if (graph.degree(x) == 0) return true;
  return false;
}

std::vector<std::string> statements_of(const MixedGraph& graph, std::span<const std::string> names) {
  std::vector<std::string> out;
  if (has_isolated_node(graph)) {
    std::vector<std::string> sorted(names.begin(), names.end());
    std::sort(sorted.begin(), sorted.end());
    out.emplace_back("nodes:");
    for (const auto& name : sorted) out.back() += " " + written_in_list(name);
  }
  for (auto& edge : written_edges(graph, names)) out.push_back(std::move(edge.line));
  return out;
}

}  // namespace

std::string edge_symbol(Mark at_left, Mark at_right) {
  const auto letter = [](Mark mark, char arrow) {
    WHY_ASSERT(mark != Mark::none);
    return mark == Mark::circle ? 'o' : mark == Mark::arrow ? arrow : '-';
  };
  return {letter(at_left, '<'), '-', letter(at_right, '>')};
}

std::string_view mark_name(Mark mark) {
  WHY_ASSERT(mark != Mark::none);
  return mark == Mark::circle ? "circle" : mark == Mark::arrow ? "arrow" : "tail";
}

std::vector<WrittenEdge> written_edges(const MixedGraph& graph, std::span<const std::string> names) {
  WHY_ASSERT(names.size() == static_cast<std::size_t>(graph.num_nodes()));
  std::vector<WrittenEdge> out;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for_each_bit(graph.neighbor_bits(x), [&](Node y) {
      const std::string &left = name_of(names, x), &right = name_of(names, y);
      if (std::pair(left, x) > std::pair(right, y)) return;
      const std::string symbol = edge_symbol(graph.mark(y, x), graph.mark(x, y));
      out.push_back({x, y, text(written(left), " ", symbol, " ", written(right))});
    });
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  return out;
}

std::string to_edges(const MixedGraph& graph, std::span<const std::string> names) {
  std::string out;
  for (const auto& statement : statements_of(graph, names)) out += statement + "\n";
  return out;
}

std::string to_literal(const NamedGraph& named) {
  std::string out;
  for (const auto& statement : statements_of(named.graph, named.names))
    out += (out.empty() ? "" : ", ") + statement;
  return out;
}

NamedGraph parse_edges(std::string_view text, std::string_view source) {
  GraphReader reader;
  for_each_line(text, source, [&](const Statement& statement) {
    if (!is_blank(statement)) reader.read(statement);
  });
  return reader.finish();
}

NamedGraph parse_graph(std::string_view literal) {
  GraphReader reader;
  for_each_clause(literal, [&](const Statement& statement) { reader.read(statement); });
  return reader.finish();
}

NamedDag parse_dag(std::string_view text, std::string_view source) {
  DagReader reader;
  for_each_line(text, source, [&](const Statement& statement) {
    if (!is_blank(statement)) reader.read(statement);
  });
  return reader.finish();
}

std::string to_text(const NamedDag& named) {
  const Dag& dag = named.dag;
  std::string out;
  for (const auto& [list, kind] : kKinds) {
    const std::vector<Node> nodes = dag.nodes_of(kind);
    if (nodes.empty()) continue;
    out += list;
    for (const Node x : nodes) out += " " + written_in_list(name_of(named.names, x));
    out += "\n";
  }
  for (Node x = 0; x < dag.num_nodes(); ++x)
    for_each_bit(dag.children(x), [&](Node y) {
      out += text(written(name_of(named.names, x)), " --> ", written(name_of(named.names, y)), "\n");
    });
  return out;
}

}  // namespace why
