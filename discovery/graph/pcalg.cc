#include <algorithm>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/formats.h"
#include "discovery/graph/statements.h"

namespace why {
namespace {

constexpr std::string_view kCodes = "0123";  // in the order of Mark

// Records of CSV, whose cells may stand in double quotes with "" for a quote.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view source) : cursor_(text, source) {}

  struct Record {
    Statement line;  // where it starts
    std::vector<std::string> cells;
  };
  // All of them; blank lines are passed over.
  std::vector<Record> read() {
    std::vector<Record> out;
    for (cursor_.skip_white(); !cursor_.at_end(); cursor_.skip_white()) {
      Record& record = out.emplace_back(Record{cursor_.line(), {}});
      do record.cells.push_back(cell());
      while (cursor_.take(","));
      cursor_.take("\r");
      if (!cursor_.take("\n") && !cursor_.at_end()) cursor_.fail("text behind a closing quote");
    }
    return out;
  }

 private:
  std::string cell() {
    std::string out;
    if (!cursor_.take("\"")) {
      const std::string_view rest = cursor_.rest();
      std::size_t end = std::min(rest.find_first_of(",\n"), rest.size());
      cursor_.skip(end);
      while (end > 0 && is_white(rest[end - 1])) --end;
      const std::size_t start = std::min(rest.find_first_not_of(" \t"), end);
      out = rest.substr(start, end - start);
    } else {
      out = cursor_.take_until("\"", "a quote");
      while (cursor_.take("\"")) out += '"' + std::string(cursor_.take_until("\"", "a quote"));
    }
    if (!is_utf8(out)) cursor_.fail("a cell that is no UTF-8");
    return out;
  }

  Cursor cursor_;
};

using Records = std::vector<CsvReader::Record>;

// R's write.csv adds a column of row names, under an empty cell of the header.
void drop_row_names(Records& records) {
  if (records.empty()) return;
  const std::vector<std::string>& header = records.front().cells;
  if (!header.front().empty() || records.size() != header.size()) return;
  for (std::size_t i = 1; i < records.size(); ++i) {
    const std::string& name = records[i].cells.front();
    if (name != header[i] && name != text(i))  // unnamed rows are numbered
      records[i].line.fail("the row \"", printable(name), "\", where \"", printable(header[i]),
                           "\" was expected");
  }
  for (auto& record : records) record.cells.erase(record.cells.begin());
}

Numbering names_of(const CsvReader::Record& header) {
  Numbering out;
  for (const std::string& name : header.cells) {
    if (out.has(name)) header.line.fail("the name \"", printable(name), "\" is given twice");
    out.add(name);
  }
  return out;
}

// [n] rows of n digits.
std::vector<std::string> codes_of(const Records& records, std::string_view source) {
  const std::vector<std::string>& names = records.front().cells;
  WHY_CHECK(records.size() == names.size() + 1, source, ": a matrix of ", names.size(), " nodes needs ",
            names.size(), " rows; this one has ", records.size() - 1);
  std::vector<std::string> out;
  for (const auto& [line, cells] : std::span(records).subspan(1)) {
    if (cells.size() != names.size())
      line.fail(cells.size(), " cells, where the header names ", names.size());
    std::string& row = out.emplace_back();
    for (std::size_t j = 0; j < cells.size(); ++j) {
      if (cells[j].size() != 1 || kCodes.find(cells[j]) == kCodes.npos)
        line.fail("\"", printable(cells[j], 40), "\" in column \"", printable(names[j]),
                  "\", where 0, 1, 2 or 3 was expected,");
      row += cells[j];
    }
  }
  return out;
}

MixedGraph graph_of(const std::vector<std::string>& codes, const std::vector<std::string>& names,
                    std::string_view source) {
  const auto mark = [&](std::size_t i, std::size_t j) { return static_cast<Mark>(codes[i][j] - '0'); };
  const auto name = [&](std::size_t i) { return text("\"", printable(names[i]), "\""); };
  EdgeList edges;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    WHY_CHECK(mark(i, i) == Mark::none, source, ": an edge from ", name(i), " to itself");
    for (std::size_t j = 0; j < i; ++j) {
      WHY_CHECK((mark(i, j) == Mark::none) == (mark(j, i) == Mark::none), source, ": between ", name(j),
                " and ", name(i),
                " one entry is 0 and the other is not (the coding is amat.pag, not amat.cpdag)");
      if (mark(i, j) != Mark::none)
        edges.add(static_cast<Node>(i), static_cast<Node>(j), {mark(j, i), mark(i, j)});
    }
  }
  return edges.graph(static_cast<int>(codes.size()));
}

}  // namespace

std::string csv_cell(const std::string& name) {
  const bool plain = !name.empty() && name.find_first_of("\",\r\n") == name.npos && !is_white(name.front()) &&
                     !is_white(name.back()) && !name.starts_with(kByteOrderMark);
  if (plain) return name;
  std::string out = "\"";
  for (const char letter : name) {
    out += letter;
    if (letter == '"') out += '"';
  }
  return out + '"';
}

std::string to_pcalg(const MixedGraph& graph, std::span<const std::string> names) {
  std::string out;
  for (std::size_t x = 0; x < names.size(); ++x) out += (x > 0 ? "," : "") + csv_cell(names[x]);
  out += '\n';
  for (Node x = 0; x < graph.num_nodes(); ++x) {
    for (Node y = 0; y < graph.num_nodes(); ++y) {
      if (y > 0) out += ',';
      out += kCodes[static_cast<std::size_t>(graph.mark(x, y))];
    }
    out += '\n';
  }
  return out;
}

NamedGraph parse_pcalg(std::string_view text, std::string_view source) {
  Records records = CsvReader(text, source).read();
  if (records.empty()) return {{}, MixedGraph(0)};
  drop_row_names(records);
  const Numbering numbering = names_of(records.front());
  return {numbering.names, graph_of(codes_of(records, source), numbering.names, source)};
}

}  // namespace why
