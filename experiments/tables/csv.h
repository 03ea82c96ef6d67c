// Tables as comma-separated files.
//
// The first line names the columns; every other line holds one cell for each: a number, or a category, which
// is any text. Cells may stand in double quotes, with "" for a quote; a byte-order mark, CRLF line ends and
// blank lines at the end are accepted. Names are UTF-8. Numbers have a decimal point whatever the locale.
//
// An empty cell, NA, NaN and ?, in capitals or not, in quotes or not, is a missing value. Where those are not
// wanted, they are errors.
//
// Every error is a UserError that names file, line and column and repeats the cell:
//
//   data.csv:17: column "age" holds "abc", which is not a number
//
// Memory: the file and 8 bytes a cell.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace why {

struct Table {
  std::vector<std::string> names;
  int rows = 0;
  std::vector<double> values;  // [rows, names], NaN where one is missing

  int columns() const { return static_cast<int>(names.size()); }
};

enum class Missing : std::uint8_t { refused, kept };

Table read_table(const std::filesystem::path& path, Missing missing = Missing::refused);

// `source` is the name that errors use.
Table parse_table(std::string_view contents, std::string_view source, Missing missing = Missing::refused);

// A table of categories: cells are compared as text.
struct CategoryTable {
  std::vector<std::string> names;
  int rows = 0;
  std::vector<std::vector<std::string>> levels;  // [names]: the categories of each column, sorted byte-wise
  std::vector<int> codes;                        // [rows, names]: places in `levels`, -1 where one is missing

  int columns() const { return static_cast<int>(names.size()); }
};

// Missing values are kept.
CategoryTable read_categories(const std::filesystem::path& path);
CategoryTable parse_categories(std::string_view contents, std::string_view source);

}  // namespace why
