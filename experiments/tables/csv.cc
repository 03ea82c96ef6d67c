#include "experiments/tables/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <set>

#include "core/errors.h"
#include "core/files.h"
#include "core/printable.h"

namespace why {
namespace {

constexpr std::size_t kShownLength = 40;  // of a cell in an error
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16Marks[] = {"\xFF\xFE", "\xFE\xFF"};
constexpr std::string_view kBlank = " \t", kBlankLines = " \t\r\n";

std::string shown(std::string_view cell) { return text("\"", printable(cell, kShownLength), "\""); }

std::string_view trimmed(std::string_view cell) {
  const auto first = cell.find_first_not_of(kBlank);
  return first == cell.npos ? std::string_view{}
                            : cell.substr(first, cell.find_last_not_of(kBlank) - first + 1);
}

// Splits the text into records of cells.
class Scanner {
 public:
  Scanner(std::string_view contents, std::string_view source) : rest_(contents), source_(source) {
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
    rest_ = rest_.substr(0, rest_.find_last_not_of(kBlankLines) + 1);
  }

  // False at the end. The cells are valid until the next call.
  bool next(std::vector<std::string_view>& cells) {
    cells.clear();
    unescaped_.clear();
    if (rest_.empty()) return false;
    line_ = next_line_++;
    do cells.push_back(cell());
    while (take(','));
    take('\r');
    WHY_CHECK(take('\n') || rest_.empty(), place(), "text follows the closing quote of ",
              shown(cells.back()));
    return true;
  }

  // "data.csv:17: " for the record last read.
  std::string place() const { return text(source_, ":", line_, ": "); }

 private:
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view cell() {
    const auto start = rest_.find_first_not_of(kBlank);
    if (start != rest_.npos && rest_[start] == '"') {
      rest_.remove_prefix(start + 1);
      return quoted_cell();
    }
    auto end = std::min(rest_.find_first_of(",\n"), rest_.size());
    if (end > 0 && end < rest_.size() && rest_[end] == '\n' && rest_[end - 1] == '\r') --end;
    const auto found = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return found;
  }

  // The opening quote is behind us.
  std::string_view quoted_cell() {
    std::string& out = unescaped_.emplace_back();
    for (;;) {
      const auto quote = rest_.find('"');
      WHY_CHECK(quote != rest_.npos, place(), "a quote is opened and never closed: ", shown(rest_));
      out += rest_.substr(0, quote);
      next_line_ += std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(quote), '\n');
      rest_.remove_prefix(quote + 1);
      if (!take('"')) break;
      out += '"';
    }
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlank), rest_.size()));
    return out;
  }

  std::string_view rest_;
  std::string source_;
  std::int64_t line_ = 0, next_line_ = 1;
  std::deque<std::string> unescaped_;  // a deque keeps its strings in place
};

// Files that are text, but not of the kind that is read here.
void check_encoding(std::string_view contents, std::string_view source) {
  for (const auto mark : kUtf16Marks)
    WHY_CHECK(!contents.starts_with(mark), source, " is UTF-16; save it as UTF-8");
  WHY_CHECK(contents.find('\r') == contents.npos || contents.find('\n') != contents.npos, source,
            ": its lines end in CR alone; save it with LF or CRLF");
}

bool is_decimal_number(std::string_view cell) {
  double ignored;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), ignored);
  return error == std::errc() && end == cell.data() + cell.size() && cell.find('.') != cell.npos;
}

std::vector<std::string> header(Scanner& scanner, std::string_view source) {
  std::vector<std::string_view> cells;
  WHY_CHECK(scanner.next(cells), source, " is empty; its first line must name the columns");
  WHY_CHECK(cells.size() > 1 || cells[0].find_first_of(";\t") == cells[0].npos, scanner.place(),
            "columns must be separated by commas, but the first line is ", shown(cells[0]));
  WHY_CHECK(!std::ranges::any_of(cells, is_decimal_number), scanner.place(),
            "the first line must name the columns, but it holds the number ",
            shown(*std::ranges::find_if(cells, is_decimal_number)));
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    WHY_CHECK(!cells[i].empty(), scanner.place(), "column ", i + 1, " has no name",
              i == 0 ? "; if it holds the names of the rows, leave it out" : "");
    WHY_CHECK(cells[i].find('\0') == cells[i].npos, scanner.place(), "the name ", shown(cells[i]),
              " holds a NUL byte: the file is binary, or UTF-16");
    WHY_CHECK(is_utf8(cells[i]), scanner.place(), "the name ", shown(cells[i]), " is not UTF-8");
    WHY_CHECK(seen.insert(cells[i]).second, scanner.place(), "the name ", shown(cells[i]),
              " is given to two columns");
  }
  return {cells.begin(), cells.end()};
}

bool is_missing(std::string_view cell) {
  const auto is = [&](std::string_view word) {
    return std::ranges::equal(cell, word, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  };
  return cell.empty() || is("na") || is("nan") || is("?");
}

// Where in the file, for errors.
struct Place {
  const Scanner& scanner;
  std::string_view column;

  std::string text() const { return why::text(scanner.place(), "column ", shown(column)); }
};

double number(std::string_view cell, const Place& place) {
  WHY_CHECK(!cell.empty(), place.text(), " is empty; leave out or fill in rows with missing values");
  std::string_view digits = cell;
  if (digits.front() == '+' && !digits.starts_with("+-"))
    digits.remove_prefix(1);  // from_chars takes no plus
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = end == digits.data() + digits.size();
  WHY_CHECK(!whole || error != std::errc::result_out_of_range, place.text(), " holds ", shown(cell),
            ", which does not fit a double");
  WHY_CHECK(whole && error == std::errc(), place.text(), " holds ", shown(cell), ", which is not a number");
  WHY_CHECK(std::isfinite(value), place.text(), " holds ", shown(cell),
            "; leave out or fill in rows with missing or infinite values");
  return value;
}

std::string_view category(std::string_view cell, const Place& place) {
  WHY_CHECK(cell.find('\0') == cell.npos && is_utf8(cell), place.text(), " holds ", shown(cell),
            ", which is not UTF-8 text");
  return cell;
}

// Reads names and rows; use(column, cell, place) takes every cell, row by row.
template <class AnyTable, class Use>
void read_rows(AnyTable& table, std::string_view contents, std::string_view source, Use&& use) {
  check_encoding(contents, source);
  Scanner scanner(contents, source);
  table.names = header(scanner, source);

  std::vector<std::string_view> cells;
  while (scanner.next(cells)) {
    const bool blank = cells.size() == 1 && cells[0].empty() && table.columns() > 1;
    WHY_CHECK(!blank, scanner.place(), "a blank line between rows");
    WHY_CHECK(cells.size() == table.names.size(), scanner.place(), cells.size(),
              cells.size() == 1 ? " cell" : " cells", ", but the header names ", table.columns(),
              table.columns() == 1 ? " column" : " columns");
    for (std::size_t i = 0; i < cells.size(); ++i) use(i, cells[i], Place{scanner, table.names[i]});
    WHY_CHECK(table.rows < std::numeric_limits<int>::max(), source, " has too many rows");
    ++table.rows;
  }
  WHY_CHECK(table.rows > 0, source, " names columns, but has no rows");
}

}  // namespace

Table parse_table(std::string_view contents, std::string_view source, Missing missing) {
  Table table;
  read_rows(table, contents, source, [&](std::size_t, std::string_view cell, const Place& place) {
    const bool gap = missing == Missing::kept && is_missing(cell);
    table.values.push_back(gap ? std::numeric_limits<double>::quiet_NaN() : number(cell, place));
  });
  return table;
}

CategoryTable parse_categories(std::string_view contents, std::string_view source) {
  CategoryTable table;
  std::vector<std::map<std::string, int, std::less<>>> seen;  // a column each: category -> order of arrival
  read_rows(table, contents, source, [&](std::size_t column, std::string_view cell, const Place& place) {
    if (is_missing(cell)) return table.codes.push_back(-1);
    seen.resize(table.names.size());
    auto& codes = seen[column];
    const auto at = codes.find(cell);
    if (at != codes.end()) return table.codes.push_back(at->second);
    const int code = static_cast<int>(codes.size());
    codes.emplace(category(cell, place), code);
    table.codes.push_back(code);
  });
  seen.resize(table.names.size());

  // by name rather than by arrival, so that the order of the rows does not show
  std::vector<std::vector<int>> sorted_place(seen.size());
  for (std::size_t column = 0; column < seen.size(); ++column) {
    sorted_place[column].resize(seen[column].size());
    table.levels.emplace_back();
    for (const auto& [name, code] : seen[column]) {
      sorted_place[column][static_cast<std::size_t>(code)] = static_cast<int>(table.levels[column].size());
      table.levels[column].push_back(name);
    }
  }
  for (std::size_t i = 0; i < table.codes.size(); ++i)
    if (table.codes[i] >= 0)
      table.codes[i] = sorted_place[i % seen.size()][static_cast<std::size_t>(table.codes[i])];
  return table;
}

Table read_table(const std::filesystem::path& path, Missing missing) {
  return parse_table(read_file(path), path.string(), missing);
}

CategoryTable read_categories(const std::filesystem::path& path) {
  return parse_categories(read_file(path), path.string());
}

}  // namespace why
