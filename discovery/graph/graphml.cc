#include <algorithm>
#include <charconv>
#include <map>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/formats.h"
#include "discovery/graph/statements.h"

namespace why {
namespace {

// ---- writing ----

// Characters of UTF-8 text that XML 1.0 cannot hold, not even as &#…;.
bool fits_xml(std::string_view text) {
  if (!is_utf8(text)) return false;
  const auto control = [](unsigned char byte) {
    return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
  };
  return std::none_of(text.begin(), text.end(), control) && text.find("\xEF\xBF\xBE") == text.npos &&
         text.find("\xEF\xBF\xBF") == text.npos;
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '&')
      out += "&amp;";
    else if (letter == '<')
      out += "&lt;";
    else if (letter == '>')
      out += "&gt;";
    else if (letter == '\r' || letter == '\n' || letter == '\t')  // some readers trim or change these
      out += why::text("&#", static_cast<int>(letter), ";");
    else
      out += letter;
  }
  return out;
}

// ---- reading ----

constexpr std::pair<std::string_view, char> kEntities[] = {
    {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

std::string utf8(std::uint32_t code) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  const auto next = [&](int shift) { return byte(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), next(0)};
  if (code < 0x10000) return {byte(0xE0 | code >> 12), next(6), next(0)};
  return {byte(0xF0 | code >> 18), next(12), next(6), next(0)};
}

using Attributes = std::map<std::string, std::string, std::less<>>;

// XML, as far as GraphML needs it: tags, text, entities, comments, CDATA; no document type.
class XmlScanner {
 public:
  XmlScanner(std::string_view text, std::string_view source) : cursor_(text, source) {}

  struct Tag {
    std::string name;  // without a name space's prefix
    Attributes attributes;
    bool opens = false, closes = false;  // both: <name/>
  };

  // The next tag; `text` is what stood before it. False at the end.
  bool next(std::string& text, Tag& tag) {
    text.clear();
    while (!cursor_.at_end()) {
      if (cursor_.take("<!--")) {
        cursor_.take_until("-->", "a comment");
      } else if (cursor_.take("<?")) {
        cursor_.take_until("?>", "a `<?`");
      } else if (cursor_.take("<![CDATA[")) {
        text += cursor_.take_until("]]>", "a `<![CDATA[`");
      } else if (cursor_.rest().starts_with("<!")) {
        cursor_.fail("a document type, which is not read");
      } else if (cursor_.take("<")) {
        tag = read_tag();
        return true;
      } else {
        const std::size_t end = std::min(cursor_.rest().find('<'), cursor_.rest().size());
        text += unescaped(cursor_.rest().substr(0, end));
        cursor_.skip(end);
      }
    }
    return false;
  }

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    cursor_.fail(parts...);
  }

 private:
  Tag read_tag() {
    Tag tag;
    tag.closes = cursor_.take("/");
    tag.opens = !tag.closes;
    tag.name = take_name();
    if (const auto colon = tag.name.find(':'); colon != tag.name.npos) tag.name.erase(0, colon + 1);
    for (;;) {
      cursor_.skip_white();
      if (cursor_.take("/>")) {
        tag.closes = true;
        return tag;
      }
      if (cursor_.take(">")) return tag;
      const std::string key = take_name();
      cursor_.skip_white();
      if (!cursor_.take("=")) cursor_.fail("no value of the attribute \"", printable(key), "\"");
      cursor_.skip_white();
      const bool single = cursor_.take("'");
      if (!single && !cursor_.take("\"")) cursor_.fail("no quote behind `", printable(key), "=`");
      tag.attributes[key] = unescaped(cursor_.take_until(single ? "'" : "\"", "a quote"));
    }
  }

  std::string take_name() {
    const std::string_view rest = cursor_.rest();
    const std::size_t end = std::min(rest.find_first_of(" \t\r\n=/><\"'"), rest.size());
    if (end == 0) cursor_.fail(cursor_.at_end() ? "a tag is not closed" : "no name of a tag or attribute");
    cursor_.skip(end);
    return std::string(rest.substr(0, end));
  }

  std::string unescaped(std::string_view raw) const {
    std::string out;
    while (!raw.empty()) {
      const std::size_t start = std::min(raw.find('&'), raw.size());
      out += raw.substr(0, start);
      raw.remove_prefix(start);
      if (raw.empty()) break;
      const std::size_t end = raw.find(';');
      if (end == raw.npos) cursor_.fail("an `&` that begins no entity");
      out += character(raw.substr(1, end - 1));
      raw.remove_prefix(end + 1);
    }
    if (!is_utf8(out)) cursor_.fail("bytes that are no UTF-8");
    return out;
  }

  std::string character(std::string_view entity) const {
    for (const auto& [name, letter] : kEntities)
      if (entity == name) return {letter};
    std::string_view digits = entity;
    const bool number = digits.starts_with('#');
    if (number) digits.remove_prefix(1);
    const bool hexadecimal = number && digits.starts_with('x');
    if (hexadecimal) digits.remove_prefix(1);
    std::uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    if (!number || error != std::errc() || end != digits.data() + digits.size() || code > 0x10FFFF)
      cursor_.fail("unknown entity \"&", printable(entity), ";\"");
    return utf8(code);
  }

  Cursor cursor_;
};

class GraphmlReader {
 public:
  GraphmlReader(std::string_view text, std::string_view source) : xml_(text, source) {}

  NamedGraph read() {
    std::string text;
    XmlScanner::Tag tag;
    bool graphml = false, done = false;
    while (!done && xml_.next(text, tag)) {
      if (!graphml && tag.name != "graphml") xml_.fail("no `<graphml>`");
      graphml = true;
      if (tag.closes && !tag.opens && tag.name == "data") data_[key_] = text;
      if (tag.opens) open(tag);
      if (tag.closes) done = close(tag.name);
    }
    if (!graphml) xml_.fail("no `<graphml>`");
    if (!done) xml_.fail("`<graph>` is missing or not closed");
    return finish();
  }

 private:
  void open(XmlScanner::Tag& tag) {
    if (tag.name == "key") {
      const std::string id = take(tag, "id");
      key_names_[id] = tag.attributes.contains("attr.name") ? tag.attributes["attr.name"] : id;
    } else if (tag.name == "graph") {
      if (inside_) xml_.fail("a graph inside a graph, which is not read");
      inside_ = true;
    } else if (tag.name == "hyperedge") {
      xml_.fail("a `<hyperedge>`, which is not read");
    } else if (tag.name == "node" || tag.name == "edge") {
      element_ = tag;
      data_.clear();
    } else if (tag.name == "data") {
      const std::string key = take(tag, "key");
      const auto named = key_names_.find(key);
      key_ = named == key_names_.end() ? key : named->second;
      data_[key_].clear();
    }
  }

  // True behind the graph.
  bool close(const std::string& name) {
    if (name == "node") add_node();
    if (name == "edge") add_edge();
    return name == "graph" && inside_;
  }

  void add_node() {
    const std::string id = take(element_, "id");
    const auto label = data_.find("label");
    const std::string& node = label == data_.end() ? id : label->second;
    if (node_of_id_.contains(id)) xml_.fail("the node id \"", printable(id), "\" is given twice");
    if (numbering_.has(node)) xml_.fail("the name \"", printable(node), "\" is given twice");
    node_of_id_[id] = numbering_.add(node);
  }

  // Edges may stand before their nodes.
  void add_edge() {
    links_.push_back(
        {take(element_, "source"), take(element_, "target"), mark("mark_source"), mark("mark_target")});
  }

  Mark mark(const char* key) const {
    const auto found = data_.find(key);
    const std::string word = found == data_.end() ? "" : found->second;
    for (const Mark mark : {Mark::circle, Mark::arrow, Mark::tail})
      if (word == mark_name(mark)) return mark;
    if (word.empty()) xml_.fail("an edge without ", key, ", which is circle, arrow or tail");
    xml_.fail("unknown ", key, " \"", printable(word), "\" (known: circle, arrow, tail)");
  }

  NamedGraph finish() const {
    EdgeList edges;
    for (const Link& link : links_) {
      for (const std::string& id : {link.source, link.target})
        if (!node_of_id_.contains(id)) xml_.fail("an edge at the unknown node id \"", printable(id), "\"");
      const Node x = node_of_id_.at(link.source), y = node_of_id_.at(link.target);
      if (x == y) xml_.fail("an edge from \"", printable(link.source), "\" to itself");
      if (!edges.add(x, y, {link.at_source, link.at_target}))
        xml_.fail("a second edge between \"", printable(link.source), "\" and \"", printable(link.target),
                  "\"");
    }
    return {numbering_.names, edges.graph(static_cast<int>(numbering_.names.size()))};
  }

  std::string take(const XmlScanner::Tag& tag, const char* key) const {
    const auto found = tag.attributes.find(key);
    if (found == tag.attributes.end()) xml_.fail("`<", printable(tag.name), ">` without ", key);
    return found->second;
  }

  struct Link {
    std::string source, target;
    Mark at_source, at_target;
  };

  XmlScanner xml_;
  std::map<std::string, std::string> key_names_, data_;  // data of the element that is open
  std::map<std::string, Node> node_of_id_;
  XmlScanner::Tag element_;
  std::string key_;
  bool inside_ = false;
  Numbering numbering_;
  std::vector<Link> links_;
};

}  // namespace

std::string to_graphml(const MixedGraph& graph, std::span<const std::string> names) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
      "  <key id=\"label\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>\n"
      "  <key id=\"mark_source\" for=\"edge\" attr.name=\"mark_source\" attr.type=\"string\"/>\n"
      "  <key id=\"mark_target\" for=\"edge\" attr.name=\"mark_target\" attr.type=\"string\"/>\n"
      "  <graph edgedefault=\"directed\">\n";
  for (std::size_t x = 0; x < names.size(); ++x) {
    WHY_CHECK(fits_xml(names[x]), "GraphML cannot hold the name \"", printable(names[x]),
              "\": XML has no such characters");
    out += text("    <node id=\"n", x, "\"><data key=\"label\">", xml_text(names[x]), "</data></node>\n");
  }
  for (const auto& [x, y, line] : written_edges(graph, names))
    out += text("    <edge source=\"n", x, "\" target=\"n", y, "\"><data key=\"mark_source\">",
                mark_name(graph.mark(y, x)), "</data><data key=\"mark_target\">", mark_name(graph.mark(x, y)),
                "</data></edge>\n");
  return out + "  </graph>\n</graphml>\n";
}

NamedGraph parse_graphml(std::string_view text, std::string_view source) {
  return GraphmlReader(text, source).read();
}

}  // namespace why
