#include "models/formats/json.h"

#include <set>
#include <vector>

#include "core/errors.h"
#include "core/printable.h"

namespace why {

nlohmann::json parse_json(std::string_view contents, const std::string& name, int max_depth) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto check = [&](int depth, Event event, nlohmann::json& value) {
    WHY_CHECK(depth <= max_depth, name, ": the JSON is nested more than ", max_depth, " levels deep");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key) {
      const auto& key = value.get_ref<const std::string&>();
      WHY_CHECK(keys.back().insert(key).second, name, ": the JSON has the key \"", key, "\" twice");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(contents.begin(), contents.end(), check);
  } catch (const nlohmann::json::exception& error) {
    throw UserError(text(name, ": ", json_complaint(error.what())));
  }
}

}  // namespace why
