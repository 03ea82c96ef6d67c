// What the readers and writers of graphs share: names in quotes, lines as statements, errors that name the
// place, nodes numbered as they come.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "discovery/graph/notation.h"

namespace why {

inline constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

inline bool is_white(char letter) { return kWhiteSpace.find(letter) != std::string_view::npos; }

// What some editors put before UTF-8. It is no part of a file's text, but may be one of a name.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

inline std::string_view without_byte_order_mark(std::string_view text) {
  return text.substr(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
}

// In double quotes, with \" \\ \n \r \t as escapes.
std::string quoted(std::string_view name);

// One line, or one statement of a literal, and where it stands.
struct Statement {
  std::string_view content;
  std::string_view source;
  int line = 0;  // 0 in a literal

  // UserError "g.txt:3: PARTS in `content`"
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    fail_with(text(parts...));
  }

 private:
  [[noreturn]] void fail_with(const std::string& complaint) const;
};

// Nothing but white space, or a comment.
bool is_blank(const Statement& statement);

// Calls use(statement) for every line, blank ones too; CR before LF is no part of it, nor is a byte order
// mark. UserError for bytes that are no UTF-8.
template <class Use>
void for_each_line(std::string_view text, std::string_view source, Use&& use);

struct Word {
  std::string text;
  bool quoted = false;
};

// The name in quotes that starts at `at`, which moves behind the closing quote.
std::string read_quoted(const Statement& statement, std::size_t& at);

// The next word from `at` on, which moves behind it; nothing at the end or at a comment. `separators` are
// passed over and end a bare word.
std::optional<Word> read_word(const Statement& statement, std::size_t& at, std::string_view separators);

// All words from `at` on.
std::vector<Word> read_words(const Statement& statement, std::size_t at, std::string_view separators);

struct Marks {
  Mark at_left, at_right;
};
// Of an edge symbol such as "o->".
std::optional<Marks> read_symbol(std::string_view symbol);

// Names are numbered as they come.
class Numbering {
 public:
  Node add(const std::string& name) {
    const auto [at, added] = number_.emplace(name, static_cast<Node>(names.size()));
    if (added) names.push_back(name);
    return at->second;
  }
  bool has(const std::string& name) const { return number_.count(name) > 0; }
  Node at(const std::string& name) const { return number_.at(name); }

  std::vector<std::string> names;

 private:
  std::map<std::string, Node> number_;
};

// Gathers edges; the graph is made when all nodes are known.
class EdgeList {
 public:
  // False when there is an edge between x and y already.
  bool add(Node x, Node y, Marks marks) {
    return edges_.emplace(std::minmax(x, y), Edge{x, y, marks}).second;
  }
  MixedGraph graph(int num_nodes) const;

 private:
  struct Edge {
    Node x, y;
    Marks marks;
  };
  std::map<std::pair<Node, Node>, Edge> edges_;
};

// A place in a text whose structure is not that of its lines (DOT, GraphML).
class Cursor {
 public:
  Cursor(std::string_view text, std::string_view source)
      : text_(without_byte_order_mark(text)), source_(source) {}

  bool at_end() const { return at_ == text_.size(); }
  std::string_view rest() const { return text_.substr(at_); }
  void skip(std::size_t letters) { at_ += letters; }
  void skip_white();
  bool take(std::string_view word);  // moves behind it if it stands here
  // The text up to `end`, moving behind it; fails, naming `what`, where it never comes.
  std::string_view take_until(std::string_view end, std::string_view what);
  // The name in quotes that starts here.
  std::string take_quoted();

  Statement line() const;  // the line here, for errors
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    line().fail(parts...);
  }

 private:
  std::string_view text_, source_;
  std::size_t at_ = 0;
};

// ---- templates ----

namespace detail {
// The first line of `rest`, which moves behind it.
Statement take_line(std::string_view& rest, std::string_view source, int line);
}  // namespace detail

template <class Use>
void for_each_line(std::string_view text, std::string_view source, Use&& use) {
  text = without_byte_order_mark(text);
  for (int line = 1; !text.empty(); ++line) use(detail::take_line(text, source, line));
}

}  // namespace why
