#include "experiments/commands/explain_input.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/printable.h"
#include "experiments/datasets/line_reader.h"
#include "models/formats/json.h"

namespace why {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostShown = 60;  // letters of a value in an error
constexpr int kMaxDepth = 8;

// Text, or a whole number in digits; empty where the key is missing.
std::string word(const Json& object, const char* key, const LineReader& lines) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  if (found->is_number_integer()) return found->dump();
  if (!found->is_string())
    lines.fail(text("\"", key, "\" must be text, not ", printable(found->dump(), kMostShown)));
  return found->get<std::string>();
}

std::string needed_text(const Json& object, const char* key, const LineReader& lines) {
  const auto found = object.find(key);
  if (found == object.end()) lines.fail(text("key \"", key, "\" is missing"));
  if (!found->is_string())
    lines.fail(text("\"", key, "\" must be text, not ", printable(found->dump(), kMostShown)));
  return found->get<std::string>();
}

std::vector<std::string> items_of(const Json& object, const LineReader& lines) {
  const auto found = object.find("items");
  if (found == object.end() || !found->is_array()) return split_items(needed_text(object, "items", lines));
  std::vector<std::string> out;
  for (const auto& item : *found) {
    if (!item.is_string() && !item.is_number_integer())
      lines.fail(text("\"items\" must be titles or ids, not ", printable(item.dump(), kMostShown)));
    out.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  }
  return out;
}

void check_keys(const Json& object, bool of_text, const LineReader& lines) {
  const std::vector<std::string> known = of_text
                                             ? std::vector<std::string>{"text", "id", "label", "instead_of"}
                                             : std::vector<std::string>{"items", "id", "instead_of"};
  for (const auto& [key, value] : object.items()) {
    if (!of_text && key == "text")
      lines.fail("\"text\" is for a model of texts, and this one is a recommender: --model names another");
    try {
      check_known("key", printable(key, kMostShown), known);
    } catch (const UserError& error) {
      lines.fail(error.what());
    }
  }
}

}  // namespace

std::vector<std::string> split_items(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(';', start), list.size());
    const std::string piece = list.substr(start, end - start);
    const auto first = piece.find_first_not_of(" \t\n"), last = piece.find_last_not_of(" \t\n");
    if (first != std::string::npos) out.push_back(piece.substr(first, last - first + 1));
    start = end + 1;
  }
  return out;
}

bool holds_texts(const std::filesystem::path& file) {
  LineReader lines(file, Charset::any);
  for (std::string_view line; lines.next(line);) {
    const Json object = Json::parse(line, nullptr, false);
    if (object.is_object()) return object.contains("text");
  }
  return false;
}

std::vector<ExplainInput> read_explain_inputs(const std::filesystem::path& file, bool of_text) {
  LineReader lines(file, Charset::utf8);
  std::vector<ExplainInput> out;
  for (std::string_view line; lines.next(line);) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    ExplainInput& input = out.emplace_back();
    input.place = text(file.string(), ":", lines.number());
    const Json object = parse_json(line, input.place, kMaxDepth);
    if (!object.is_object()) lines.fail("no JSON object");
    check_keys(object, of_text, lines);
    input.source = word(object, "id", lines);
    if (input.source.empty()) input.source = input.place;
    input.instead_of = word(object, "instead_of", lines);
    if (input.instead_of.empty() && object.contains("instead_of") && !object["instead_of"].is_null())
      lines.fail("\"instead_of\" is empty; without it, any other answer counts");
    if (of_text) {
      input.text = needed_text(object, "text", lines);
      input.label = word(object, "label", lines);
    } else {
      input.items = items_of(object, lines);
    }
  }
  WHY_CHECK(!out.empty(), file.string(), " holds no line to explain");
  return out;
}

}  // namespace why
