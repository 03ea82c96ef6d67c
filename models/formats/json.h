// JSON from files that nobody vouches for.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace why {

// The parsed document. UserError that begins with `name` for malformed JSON, for a key given twice in one
// object, and for nesting deeper than `max_depth`.
nlohmann::json parse_json(std::string_view contents, const std::string& name, int max_depth);

}  // namespace why
