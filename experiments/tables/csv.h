// Tables of numbers as comma-separated files.
//
// The first line names the columns; every other line holds one number for each. Cells may stand in double
// quotes, with "" for a quote; a byte-order mark, CRLF line ends and blank lines at the end are accepted.
// Names are UTF-8. Numbers have a decimal point whatever the locale. Missing values are not guessed at: an
// empty cell, NA or NaN is an error.
//
// Every error is a UserError that names file, line and column and repeats the cell:
//
//   data.csv:17: column "age" holds "abc", which is not a number
//
// Memory: the file and 8 bytes a cell.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace why {

struct Table {
  std::vector<std::string> names;
  int rows = 0;
  std::vector<double> values;  // [rows, names]

  int columns() const { return static_cast<int>(names.size()); }
};

Table read_table(const std::filesystem::path& path);

// `source` is the name that errors use.
Table parse_table(std::string_view contents, std::string_view source);

}  // namespace why
