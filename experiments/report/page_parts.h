// Pieces of HTML that the pages are made of. What is given as text is escaped.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace why {

std::string paragraph(const std::string& text, const char* style = "");

// A table that becomes a list on a narrow screen.
struct Cell {
  std::string main;
  std::vector<std::string> below = {};  // lines in small print
};

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  // each begins with its heading
};

std::string to_html(const Table& table);

// A graph of Graphviz in its frame; its ids begin with `prefix`.
std::string graph_drawing(std::string_view svg, std::string_view prefix, std::string_view label);

// The template with each {{place}} filled by the markup of that name.
std::string fill(std::string_view page, const std::map<std::string_view, std::string>& values);

}  // namespace why
