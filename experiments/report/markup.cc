#include "experiments/report/markup.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/errors.h"

namespace why {

using Json = nlohmann::ordered_json;

namespace {

// Removes every stretch from `open` to the next `close`, both included.
void cut(std::string& out, std::string_view open, std::string_view close) {
  for (std::size_t at = out.find(open); at != std::string::npos; at = out.find(open, at)) {
    const std::size_t end = out.find(close, at + open.size());
    WHY_ASSERT(end != std::string::npos);
    out.erase(at, end + close.size() - at);
  }
}

void insert_behind(std::string& out, std::string_view marker, std::string_view added) {
  for (std::size_t at = out.find(marker); at != std::string::npos; at = out.find(marker, at + marker.size()))
    out.insert(at + marker.size(), added);
}

}  // namespace

std::string clean_lines(std::string_view text) {
  const std::string valid = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  auto out = Json::parse(valid).get<std::string>();
  for (char& letter : out)
    if ((static_cast<unsigned char>(letter) < 0x20 && letter != '\n') || letter == 0x7f) letter = ' ';
  return out;
}

std::string clean_text(std::string_view text) {
  std::string out = clean_lines(text);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

std::string escape_markup(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

std::string json_for_script(const Json& value) {
  std::string out;
  for (const char letter : value.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (letter == '<')
      out += "\\u003c";
    else
      out += letter;
  }
  return out;
}

std::string inline_svg(std::string_view svg, std::string_view prefix, std::string_view label) {
  const std::size_t start = svg.find("<svg");
  WHY_ASSERT(start != std::string_view::npos);
  std::string out(svg.substr(start));
  cut(out, "<!--", "-->");
  cut(out, "<title>", "</title>");
  cut(out, "<desc>", "</desc>");
  for (const char* quote : {"\"", "'"}) {
    cut(out, text("xmlns=", quote), quote);
    cut(out, text("xmlns:xlink=", quote), quote);
    insert_behind(out, text(" id=", quote), prefix);
    insert_behind(out, text("href=", quote, "#"), prefix);
  }
  insert_behind(out, "url(#", prefix);
  return text("<svg role=\"img\" aria-label=\"", escape_markup(label), "\"", out.substr(4));
}

std::string counted(std::int64_t number, std::string_view noun) {
  return text(number, " ", noun, number == 1 ? "" : "s");
}

std::string escaped(std::string_view text, const std::map<std::string_view, std::string_view>& written) {
  std::string out;
  while (!text.empty()) {
    const auto found = std::find_if(written.begin(), written.end(),
                                    [&](const auto& each) { return text.starts_with(each.first); });
    out += found == written.end() ? text.substr(0, 1) : found->second;
    text.remove_prefix(found == written.end() ? 1 : found->first.size());
  }
  return out;
}

std::string escape_markdown(const std::string& text) {
  return escaped(text, {{"\\", "\\\\"},
                        {"|", "\\|"},
                        {"*", "\\*"},
                        {"_", "\\_"},
                        {"`", "\\`"},
                        {"[", "\\["},
                        {"]", "\\]"},
                        {"<", "&lt;"},
                        {">", "&gt;"},
                        {"&", "&amp;"}});
}

}  // namespace why
