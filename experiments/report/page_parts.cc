#include "experiments/report/page_parts.h"

#include <fmt/format.h>

#include "core/errors.h"
#include "experiments/report/markup.h"

namespace why {
namespace {

std::string markup_of(const Cell& cell) {
  std::string out = escape_markup(cell.main);
  for (const auto& line : cell.below) out += "<span class=\"soft\">" + escape_markup(line) + "</span>";
  return out;
}

// A graph keeps its natural width where there is room, "430pt", and then shrinks only so far.
std::string natural_width(std::string_view svg) {
  const std::size_t start = svg.find("width=\"") + 7;
  return std::string(svg.substr(start, svg.find('"', start) - start));
}

}  // namespace

std::string paragraph(const std::string& text, const char* style) {
  return fmt::format("<p class=\"{}\">{}</p>\n", style, escape_markup(text));
}

std::string to_html(const Table& table) {
  std::string out = "<div class=\"table\">\n<table>\n<thead><tr>";
  for (const auto& column : table.columns) out += "<th scope=\"col\">" + escape_markup(column) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr><th scope=\"row\">" + markup_of(row.front()) + "</th>";
    for (std::size_t c = 1; c < row.size(); ++c)
      out += fmt::format("<td data-label=\"{}\"><span>{}</span></td>", escape_markup(table.columns[c]),
                         markup_of(row[c]));
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n";
}

std::string graph_drawing(std::string_view svg, std::string_view prefix, std::string_view label) {
  return fmt::format("<div class=\"drawing graph\" style=\"--natural: {}\">\n{}</div>\n", natural_width(svg),
                     inline_svg(svg, prefix, label));
}

// One pass, so that a value that looks like a place is left as it is.
std::string fill(std::string_view page, const std::map<std::string_view, std::string>& values) {
  std::string out;
  for (;;) {
    const std::size_t open = page.find("{{");
    out += page.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = page.find("}}", open);
    WHY_ASSERT(close != std::string_view::npos);
    out += values.at(page.substr(open + 2, close - open - 2));
    page.remove_prefix(close + 2);
  }
}

}  // namespace why
