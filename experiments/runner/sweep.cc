#include "experiments/runner/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/errors.h"

namespace why {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// At the commas outside of brackets and quotes.
std::vector<std::string> split_values(std::string_view written) {
  std::vector<std::string> out;
  std::size_t start = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char letter = written[i];
    if (quote != 0) {
      if (letter == quote) quote = 0;
    } else if (letter == '"' || letter == '\'') {
      quote = letter;
    } else if (letter == '[' || letter == '{') {
      ++depth;
    } else if (letter == ']' || letter == '}') {
      --depth;
    } else if (letter == ',' && depth <= 0) {
      out.push_back(trimmed(written.substr(start, i - start)));
      start = i + 1;
    }
  }
  out.push_back(trimmed(written.substr(start)));
  return out;
}

// The key that is meant by its path or by its last word.
std::string find_key(const std::string& word, const std::vector<ConfigKey>& known) {
  std::vector<std::string> paths, meant;
  for (const auto& key : known) {
    paths.push_back(key.path);
    if (key.path == word || last_word(key.path) == word) meant.push_back(key.path);
  }
  if (std::find(meant.begin(), meant.end(), word) != meant.end()) return word;
  if (meant.size() == 1) return meant.front();
  check_known("key", word, paths);
  return word;
}

SweepKey parse_entry(const std::string& entry, const std::vector<ConfigKey>& known) {
  const auto equals = entry.find('=');
  WHY_CHECK(equals != std::string::npos && equals > 0, "sweep \"", entry,
            "\" is not of the form key=value,value");
  SweepKey out;
  try {
    out.path = find_key(entry.substr(0, equals), known);
  } catch (const UserError& error) {
    throw UserError(text("sweep \"", entry, "\": ", error.what()));
  }
  WHY_CHECK(out.path != "task" && out.path != "name" && out.path != "output", "sweep \"", entry,
            "\": ", out.path, " cannot be swept: the points are compared, each in a folder of its own name");
  for (auto& value : split_values(entry.substr(equals + 1))) {
    WHY_CHECK(!value.empty(), "sweep \"", entry, "\": a value is empty");
    WHY_CHECK(std::find(out.values.begin(), out.values.end(), value) == out.values.end(), "sweep \"", entry,
              "\" names the value ", value, " twice");
    out.values.push_back(std::move(value));
  }
  return out;
}

}  // namespace

std::vector<SweepKey> parse_sweep(std::span<const std::string> entries, const std::vector<ConfigKey>& known) {
  std::vector<SweepKey> out;
  std::size_t points = 1;
  for (const auto& entry : entries) {
    SweepKey key = parse_entry(entry, known);
    for (const auto& other : out)
      WHY_CHECK(other.path != key.path, "the sweep names the key ", key.path, " twice");
    points *= key.values.size();
    WHY_CHECK(points <= kMostPoints, "the sweep has more than ", kMostPoints, " points with the ",
              key.values.size(), " values of ", key.path, "; leave some out");
    out.push_back(std::move(key));
  }
  return out;
}

std::size_t num_points(std::span<const SweepKey> grid) {
  std::size_t out = 1;
  for (const auto& key : grid) out *= key.values.size();
  return out;
}

std::vector<std::string> values_at(std::span<const SweepKey> grid, std::size_t point) {
  std::vector<std::string> out(grid.size());
  for (std::size_t i = grid.size(); i-- > 0;) {
    out[i] = grid[i].values[point % grid[i].values.size()];
    point /= grid[i].values.size();
  }
  return out;
}

std::string name_of_point(std::span<const SweepKey> grid, std::size_t point) {
  constexpr std::size_t kLongest = 80;
  const std::size_t digits = std::to_string(num_points(grid)).size();
  std::string out = fmt::format("{:0{}}", point + 1, digits);
  const auto values = values_at(grid, point);
  for (std::size_t i = 0; i < grid.size(); ++i)
    out += fmt::format("_{}={}", last_word(grid[i].path), values[i]);
  for (char& letter : out)
    if (!std::isalnum(static_cast<unsigned char>(letter)) &&
        std::string_view(".+-_=").find(letter) == std::string_view::npos)
      letter = '-';
  return out.substr(0, kLongest);
}

std::string last_word(const std::string& path) { return path.substr(path.rfind('.') + 1); }

}  // namespace why
