#include <cctype>
#include <map>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/formats.h"
#include "discovery/graph/statements.h"

namespace why {
namespace {

using Attributes = std::map<std::string, std::string, std::less<>>;

// Would the name, as a label, not be drawn as it is?
bool wants_label(std::string_view name) { return name.find_first_of("&\r\t") != std::string_view::npos; }

class DotReader {
 public:
  DotReader(std::string_view text, std::string_view source) : cursor_(text, source) {
    edge_defaults_ = {{"dir", "forward"}, {"arrowhead", "normal"}, {"arrowtail", "normal"}};
  }

  NamedGraph read() {
    cursor_.skip_white();
    if (!take("digraph")) cursor_.fail("no `digraph {`");
    if (!take("{")) {
      take_id();
      if (!take("{")) cursor_.fail("no `{` behind `digraph`");
    }
    while (!take("}")) read_statement();
    if (!cursor_.at_end()) cursor_.fail("text behind the graph's `}`");
    return {numbering_.names, edges_.graph(static_cast<int>(numbering_.names.size()))};
  }

 private:
  bool take(std::string_view word) {
    if (!cursor_.take(word)) return false;
    cursor_.skip_white();
    return true;
  }

  struct Id {
    std::string text;
    bool quoted = false;
  };
  Id take_id() {
    Id out;
    if (cursor_.rest().starts_with('"')) {
      out = {cursor_.take_quoted(), true};
    } else {
      // letters, digits, `_`, `.`, and all of UTF-8 beyond ASCII
      const auto belongs = [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return byte >= 0x80 || std::isalnum(byte) || letter == '_' || letter == '.';
      };
      while (!cursor_.at_end() && belongs(cursor_.rest().front())) {
        out.text += cursor_.rest().front();
        cursor_.skip(1);
      }
      if (out.text.empty())
        cursor_.fail(cursor_.at_end() ? "the graph's `{` is not closed" : "no name, edge or attribute");
    }
    cursor_.skip_white();
    if (!is_utf8(out.text)) cursor_.fail("a name that is no UTF-8");
    return out;
  }

  void read_attributes(Attributes& attributes) {
    while (take("[")) {
      while (!take("]")) {
        const Id key = take_id();
        if (!take("=")) cursor_.fail("no `=` behind the attribute \"", printable(key.text), "\"");
        attributes[key.text] = take_id().text;
        if (!take(",")) take(";");
      }
    }
  }

  void read_statement() {
    const Id left = take_id();
    const auto is_default = [&](std::string_view kind) { return !left.quoted && left.text == kind; };
    if (is_default("graph") || is_default("node")) {
      Attributes passed_over;
      read_attributes(passed_over);
    } else if (is_default("edge")) {
      read_attributes(edge_defaults_);
    } else if (take("=")) {  // an attribute of the graph
      take_id();
    } else if (take("->")) {
      const Id right = take_id();
      Attributes attributes = edge_defaults_;
      read_attributes(attributes);
      add_edge(left.text, right.text, attributes);
    } else {
      numbering_.add(left.text);
      Attributes passed_over;
      read_attributes(passed_over);
    }
    take(";");
  }

  void add_edge(const std::string& left, const std::string& right, const Attributes& attributes) {
    if (left == right) cursor_.fail("an edge from \"", printable(left), "\" to itself");
    const std::string& dir = attributes.at("dir");
    if (dir != "forward" && dir != "back" && dir != "both" && dir != "none")
      cursor_.fail("unknown dir \"", printable(dir), "\" (known: both, forward, back, none)");
    const auto mark = [&](const char* end, const char* direction) {
      return dir == "both" || dir == direction ? mark_drawn_as(attributes.at(end)) : Mark::tail;
    };
    const Marks marks{mark("arrowtail", "back"), mark("arrowhead", "forward")};
    const Node x = numbering_.add(left), y = numbering_.add(right);
    if (!edges_.add(x, y, marks))
      cursor_.fail("a second edge between \"", printable(left), "\" and \"", printable(right), "\"");
  }

  Mark mark_drawn_as(const std::string& arrow) const {
    for (const Mark mark : {Mark::circle, Mark::arrow, Mark::tail})
      if (arrow == dot_arrow(mark)) return mark;
    cursor_.fail("unknown arrow \"", printable(arrow), "\" (known: odot, normal, none)");
  }

  Cursor cursor_;
  Attributes edge_defaults_;
  Numbering numbering_;
  EdgeList edges_;
};

}  // namespace

std::string_view dot_arrow(Mark mark) {
  WHY_ASSERT(mark != Mark::none);
  return mark == Mark::circle ? "odot" : mark == Mark::arrow ? "normal" : "none";
}

std::string dot_label(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\n') {
      out += "\\n";
      continue;
    }
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter == '\r' || letter == '\t' ? ' ' : letter;
    if (letter == '&') out += "amp;";
  }
  return out;
}

std::string to_dot(const MixedGraph& graph, std::span<const std::string> names) {
  const auto name = [&](Node x) { return quoted(names[static_cast<std::size_t>(x)]); };
  std::string out = "digraph {\n";
  for (const auto& node : names)
    out +=
        text("  ", quoted(node), wants_label(node) ? text(" [label=\"", dot_label(node), "\"]") : "", ";\n");
  for (const auto& edge : written_edges(graph, names))
    out += text("  ", name(edge.x), " -> ", name(edge.y),
                " [dir=both, arrowtail=", dot_arrow(graph.mark(edge.y, edge.x)),
                ", arrowhead=", dot_arrow(graph.mark(edge.x, edge.y)), "];\n");
  return out + "}\n";
}

NamedGraph parse_dot(std::string_view text, std::string_view source) {
  return DotReader(text, source).read();
}

}  // namespace why
