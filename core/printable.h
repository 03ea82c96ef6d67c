// Text from outside, fit for a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace why {

// Without overlong forms, surrogates and what lies beyond U+10FFFF.
bool is_utf8(std::string_view bytes);

// On one line of a terminal: control characters and bytes that are no UTF-8 are written \n, \0, \x1b, \xff.
// A backslash stays one, so this is for reading, not for reading back.
std::string printable(std::string_view text);

// The same, cut behind `most` characters, where "…" shows that there is more.
std::string printable(std::string_view text, std::size_t most);

// What nlohmann-json complains of, without the `[json.exception.parse_error.101] ` before it.
std::string_view json_complaint(std::string_view what);

}  // namespace why
