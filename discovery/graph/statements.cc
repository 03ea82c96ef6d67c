#include "discovery/graph/statements.h"

#include <algorithm>
#include <array>

#include "core/printable.h"

namespace why {

namespace {
constexpr std::pair<char, char> kEscapes[] = {
    {'"', '"'}, {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}};
constexpr int kMostNodes = 20'000;  // a matrix of marks takes 400 MB then
}  // namespace

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char letter : name) {
    const auto* escape = std::ranges::find(kEscapes, letter, &std::pair<char, char>::first);
    if (escape == std::end(kEscapes))
      out += letter;
    else
      out += {'\\', escape->second};
  }
  return out + '"';
}

void Statement::fail_with(const std::string& complaint) const {
  constexpr std::size_t kShown = 100;
  const std::string where = line > 0 ? text(source, ":", line) : std::string(source);
  throw UserError(text(where, ": ", complaint, " in `", printable(content, kShown), "`"));
}

bool is_blank(const Statement& statement) {
  const std::size_t start = statement.content.find_first_not_of(kWhiteSpace);
  return start == std::string_view::npos || statement.content[start] == '#';
}

Statement detail::take_line(std::string_view& rest, std::string_view source, int line) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view content = rest.substr(0, end);
  if (content.ends_with('\r')) content.remove_suffix(1);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  const Statement statement{content, source, line};
  if (!is_utf8(content)) statement.fail("bytes that are no UTF-8");
  return statement;
}

std::string read_quoted(const Statement& statement, std::size_t& at) {
  const std::string_view content = statement.content;
  std::string out;
  for (++at; at < content.size(); ++at) {
    if (content[at] == '"') {
      ++at;
      return out;
    }
    if (content[at] != '\\') {
      out += content[at];
      continue;
    }
    if (++at == content.size()) break;
    const auto* escape = std::ranges::find(kEscapes, content[at], &std::pair<char, char>::second);
    if (escape == std::end(kEscapes)) statement.fail("unknown escape \\", content[at]);
    out += escape->first;
  }
  statement.fail("a quote is not closed");
}

std::optional<Word> read_word(const Statement& statement, std::size_t& at, std::string_view separators) {
  const std::string_view content = statement.content;
  at = std::min(content.find_first_not_of(separators, at), content.size());
  const auto ends = [&] {
    return at == content.size() || content[at] == '#' ||
           separators.find(content[at]) != std::string_view::npos;
  };
  if (ends()) return std::nullopt;
  if (content[at] == '"') {
    Word word{read_quoted(statement, at), true};
    if (!ends()) statement.fail("no space behind a closing quote");
    return word;
  }
  const std::size_t start = at;
  for (; !ends(); ++at)
    if (content[at] == '"') statement.fail("a quote inside a name");
  return Word{std::string(content.substr(start, at - start)), false};
}

std::vector<Word> read_words(const Statement& statement, std::size_t at, std::string_view separators) {
  std::vector<Word> out;
  while (auto word = read_word(statement, at, separators)) out.push_back(std::move(*word));
  return out;
}

std::optional<Marks> read_symbol(std::string_view symbol) {
  constexpr std::array kMarks = {Mark::circle, Mark::arrow, Mark::tail};
  for (const Mark left : kMarks)
    for (const Mark right : kMarks)
      if (symbol == edge_symbol(left, right)) return Marks{left, right};
  return std::nullopt;
}

MixedGraph EdgeList::graph(int num_nodes) const {
  WHY_CHECK(num_nodes <= kMostNodes, "a graph of ", num_nodes, " nodes is larger than can be held (",
            kMostNodes, ")");
  MixedGraph graph(num_nodes);
  for (const auto& [pair, edge] : edges_)
    graph.connect(edge.x, edge.y, edge.marks.at_left, edge.marks.at_right);
  return graph;
}

void Cursor::skip_white() { at_ = std::min(text_.find_first_not_of(kWhiteSpace, at_), text_.size()); }

bool Cursor::take(std::string_view word) {
  if (!rest().starts_with(word)) return false;
  at_ += word.size();
  return true;
}

std::string_view Cursor::take_until(std::string_view end, std::string_view what) {
  const std::size_t found = text_.find(end, at_);
  if (found == std::string_view::npos) fail(what, " is not closed");
  const std::string_view out = text_.substr(at_, found - at_);
  at_ = found + end.size();
  return out;
}

std::string Cursor::take_quoted() {
  const Statement here = line();
  std::size_t at = at_ - static_cast<std::size_t>(here.content.data() - text_.data());
  std::string out = read_quoted(here, at);
  at_ = static_cast<std::size_t>(here.content.data() - text_.data()) + at;
  return out;
}

Statement Cursor::line() const {
  const std::size_t before = at_ == 0 ? std::string_view::npos : text_.rfind('\n', at_ - 1);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view content = text_.substr(start, std::min(text_.find('\n', at_), text_.size()) - start);
  return {content, source_, 1 + static_cast<int>(std::ranges::count(text_.substr(0, start), '\n'))};
}

}  // namespace why
