#include "experiments/tables/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <string>

#include "core/errors.h"

namespace why {
namespace {

using testing::ElementsAre;

void expect_error(const std::string& contents, const std::string& message) {
  EXPECT_THAT([&] { parse_table(contents, "t.csv"); }, testing::ThrowsMessage<UserError>(message))
      << contents;
}

TEST(Csv, ReadsNamesAndNumbers) {
  const Table table = parse_table("a,b,c\n1,-2.5,3e2\n+4,.5,-0\n", "t.csv");
  EXPECT_THAT(table.names, ElementsAre("a", "b", "c"));
  EXPECT_EQ(table.rows, 2);
  EXPECT_THAT(table.values, ElementsAre(1, -2.5, 300, 4, .5, 0));
}

TEST(Csv, AcceptsWhatSpreadsheetsWrite) {
  // byte-order mark, CRLF, quotes around names and numbers, blanks around cells, blank lines at the end
  const Table table =
      parse_table("\xEF\xBB\xBF\"size, cm\" , \"say \"\"hi\"\"\"\r\n \"1\" , 2 \r\n3,4\r\n\r\n\r\n", "t.csv");
  EXPECT_THAT(table.names, ElementsAre("size, cm", "say \"hi\""));
  EXPECT_THAT(table.values, ElementsAre(1, 2, 3, 4));
}

TEST(Csv, NeedsNoLineBreakAtTheEnd) { EXPECT_EQ(parse_table("a\n1\n2", "t.csv").rows, 2); }

TEST(Csv, TakesOneColumnAndNamesThatAreWholeNumbers) {
  EXPECT_THAT(parse_table("1,2\n3,4\n", "t.csv").names, ElementsAre("1", "2"));
}

TEST(Csv, ReadsADecimalPointInAnyLocale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  std::setlocale(LC_NUMERIC, "de_DE.UTF-8");  // stays as it was where there is no such locale
  EXPECT_THAT(parse_table("a\n1.5\n", "t.csv").values, ElementsAre(1.5));
  std::setlocale(LC_NUMERIC, before.c_str());
}

TEST(Csv, NamesLineColumnAndContentOfABadCell) {
  expect_error("a,b\n1,2\n3,abc\n", "t.csv:3: column \"b\" holds \"abc\", which is not a number");
  expect_error("a,b\n1,2x\n", "t.csv:2: column \"b\" holds \"2x\", which is not a number");
  expect_error("a,b\n1,1 000\n", "t.csv:2: column \"b\" holds \"1 000\", which is not a number");
  expect_error("a,b\n1,0x10\n", "t.csv:2: column \"b\" holds \"0x10\", which is not a number");
  expect_error("a,b\n1,NA\n", "t.csv:2: column \"b\" holds \"NA\", which is not a number");
  expect_error("a,b\n1,+-2\n", "t.csv:2: column \"b\" holds \"+-2\", which is not a number");
  expect_error("a,b\n1,1e999\n", "t.csv:2: column \"b\" holds \"1e999\", which does not fit a double");
  // a long cell is cut
  expect_error("a\n" + std::string(100, 'x') + "\n",
               "t.csv:2: column \"a\" holds \"" + std::string(40, 'x') + "…\", which is not a number");
}

TEST(Csv, RefusesMissingAndInfiniteValues) {
  expect_error("a,b\n1,\n", "t.csv:2: column \"b\" is empty; leave out or fill in rows with missing values");
  expect_error(
      "a,b\n1,2\nNaN,2\n",
      "t.csv:3: column \"a\" holds \"NaN\"; leave out or fill in rows with missing or infinite values");
  expect_error(
      "a,b\n1,-inf\n",
      "t.csv:2: column \"b\" holds \"-inf\"; leave out or fill in rows with missing or infinite values");
}

TEST(Csv, KeepsMissingValuesOnRequest) {
  const Table table = parse_table("a,b\n1,\nNA,2\n?,nan\n\"NaN\",\"\"\n3,4\n", "t.csv", Missing::kept);
  std::string gaps;
  for (const double value : table.values) gaps += std::isnan(value) ? '?' : '.';
  EXPECT_EQ(gaps, ".??.????..");
  EXPECT_THAT([] { parse_table("a\n1\ninf\n", "t.csv", Missing::kept); },
              testing::ThrowsMessage<UserError>(testing::HasSubstr("missing or infinite values")));
  EXPECT_THAT(
      [] { parse_table("a\nn.a.\n", "t.csv", Missing::kept); },
      testing::ThrowsMessage<UserError>("t.csv:2: column \"a\" holds \"n.a.\", which is not a number"));
  // one column: an empty line is a gap
  EXPECT_EQ(parse_table("a\n1\n\n2\n", "t.csv", Missing::kept).rows, 3);
}

TEST(Csv, ReadsCategories) {
  const CategoryTable table =
      parse_categories("size,\"colour, outside\"\nlarge,\"red, dark\"\nsmall,\nlarge,blue\n2,?\n", "t.csv");
  EXPECT_THAT(table.names, ElementsAre("size", "colour, outside"));
  EXPECT_EQ(table.rows, 4);
  EXPECT_THAT(table.levels,
              ElementsAre(ElementsAre("2", "large", "small"), ElementsAre("blue", "red, dark")));
  EXPECT_THAT(table.codes, ElementsAre(1, 1, 2, -1, 1, 0, 0, -1));
  EXPECT_THAT(parse_categories("a,b\nNA,x\n,x\n", "t.csv").levels,
              ElementsAre(ElementsAre(), ElementsAre("x")));
  EXPECT_THAT(
      [] { parse_categories("a\nx\ncaf\xe9\n", "t.csv"); },
      testing::ThrowsMessage<UserError>("t.csv:3: column \"a\" holds \"caf\\xe9\", which is not UTF-8 text"));
}

TEST(Csv, RefusesRowsOfAnotherLength) {
  expect_error("a,b\n1,2\n1,2,3\n", "t.csv:3: 3 cells, but the header names 2 columns");
  expect_error("a,b\n1\n", "t.csv:2: 1 cell, but the header names 2 columns");
  expect_error("a,b\n1,2\n\n3,4\n", "t.csv:3: a blank line between rows");
}

TEST(Csv, TakesBlankLinesAtTheEnd) { EXPECT_EQ(parse_table("a,b\n1,2\n3,4\n\n  \n\t\r\n", "t.csv").rows, 2); }

TEST(Csv, RefusesAHeaderThatDoesNotName) {
  expect_error("", "t.csv is empty; its first line must name the columns");
  expect_error("\n \n", "t.csv is empty; its first line must name the columns");
  expect_error("a,,c\n1,2,3\n", "t.csv:1: column 2 has no name");
  expect_error(",a,b\na,1,.5\nb,.5,1\n",
               "t.csv:1: column 1 has no name; if it holds the names of the rows, leave it out");
  expect_error("a,b,a\n1,2,3\n", "t.csv:1: the name \"a\" is given to two columns");
  expect_error("a;b\n1;2\n", "t.csv:1: columns must be separated by commas, but the first line is \"a;b\"");
  expect_error("1,0.25\n0.25,1\n",
               "t.csv:1: the first line must name the columns, but it holds the number \"0.25\"");
  expect_error("a,b\n", "t.csv names columns, but has no rows");
}

TEST(Csv, RefusesBytesThatAreNoUtf8Text) {
  using namespace std::string_literals;
  expect_error("a,caf\xe9\n1,2\n", "t.csv:1: the name \"caf\\xe9\" is not UTF-8");
  expect_error("\xff\xfe"s + "a\0,\0b\0\n\0"s, "t.csv is UTF-16; save it as UTF-8");
  expect_error("a\0,\0b\0\n\0"s,
               "t.csv:1: the name \"a\\0\" holds a NUL byte: the file is binary, or UTF-16");
  expect_error("a,b\n1,2\0\n"s, "t.csv:2: column \"b\" holds \"2\\0\", which is not a number");
  expect_error("a,b\r1,2\r", "t.csv: its lines end in CR alone; save it with LF or CRLF");
}

TEST(Csv, RefusesBrokenQuotes) {
  expect_error("a,b\n1,\"2\n", "t.csv:2: a quote is opened and never closed: \"2\"");
  expect_error("a,b\n1,\"2\n3,4\n", "t.csv:2: a quote is opened and never closed: \"2\\n3,4\"");
  expect_error("a,b\n1,\"2\"3\n", "t.csv:2: text follows the closing quote of \"2\"");
}

TEST(Csv, CountsLinesThroughQuotedLineBreaks) {
  expect_error("\"two\nlines\",b\n1,2\n3,x\n", "t.csv:4: column \"b\" holds \"x\", which is not a number");
}

TEST(Csv, ReadsFiveThousandColumns) {
  std::string contents = "x0";
  for (int i = 1; i < 5000; ++i) contents += ",x" + std::to_string(i);
  for (int row = 0; row < 3; ++row) {
    contents += "\n" + std::to_string(row);
    for (int i = 1; i < 5000; ++i) contents += "," + std::to_string(row * i) + ".5";
  }
  const Table table = parse_table(contents, "t.csv");
  EXPECT_EQ(table.columns(), 5000);
  EXPECT_EQ(table.values[2 * 5000 + 4999], 2 * 4999 + .5);
}

TEST(Csv, NamesAMissingFile) {
  EXPECT_THAT([] { read_table("/nowhere/t.csv"); },
              testing::ThrowsMessage<UserError>("there is no file /nowhere/t.csv"));
}

}  // namespace
}  // namespace why
