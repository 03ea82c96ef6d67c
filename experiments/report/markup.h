// Text made safe for where it goes.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace why {

// Bytes that are no UTF-8 become U+FFFD, control characters a space: fit for HTML, XML and JSON.
std::string clean_text(std::string_view text);

// The same with its line breaks kept.
std::string clean_lines(std::string_view text);

// For HTML and XML, in elements and in quoted attributes.
std::string escape_markup(std::string_view text);

// `text` with each of the keys in it, the first that fits, written as its value.
std::string escaped(std::string_view text, const std::map<std::string_view, std::string_view>& written);

// For Markdown, in a cell of a table too.
std::string escape_markdown(const std::string& text);

// JSON that can stand inside <script>: no `<` in it, thus neither </script> nor <!--.
std::string json_for_script(const nlohmann::ordered_json& value);

// An SVG document as an element of an HTML page: no prolog, comments, name spaces and tooltips, its ids begin
// with `prefix`, and a screen reader is told `label`.
std::string inline_svg(std::string_view svg, std::string_view prefix, std::string_view label);

std::string counted(std::int64_t number, std::string_view noun);  // "1 item", "3 items"

}  // namespace why
