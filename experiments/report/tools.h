// Drawing programs as child processes, without a shell: gnuplot, Graphviz.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace why {

// Starts `command` (looked up on PATH) with `input` on its stdin and returns what it wrote to stdout. Nothing
// when it is not installed. std::runtime_error, which names the program and its complaint, when it fails.
std::optional<std::string> run_tool(const std::vector<std::string>& command, std::string_view input);

// The PDF with the time at which it was made put to 2000, so that the same drawing is the same bytes.
std::string undated(std::string pdf);

}  // namespace why
