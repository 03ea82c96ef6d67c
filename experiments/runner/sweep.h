// A grid over keys of a configuration: "graph.alpha=1e-5,0.01" and "graph.search=icd,fci" make four points.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/config.h"

namespace why {

struct SweepKey {
  std::string path;                 // "graph.alpha"
  std::vector<std::string> values;  // as written, each a value in YAML; no two alike
};

inline constexpr std::size_t kMostPoints = 500;

// One entry a key. A comma in brackets or quotes belongs to a value: "methods=[cleann,attention],[rollout]".
// For a key of a section its own word is enough, where only one of `known` ends in it: "alpha". UserError for
// an unknown key, one that has to stay the same in a sweep (task, name, output), an empty value, a value or a
// key given twice, and more than kMostPoints points.
std::vector<SweepKey> parse_sweep(std::span<const std::string> entries, const std::vector<ConfigKey>& known);

// Points count from 0; the last key varies fastest.
std::size_t num_points(std::span<const SweepKey> grid);
std::vector<std::string> values_at(std::span<const SweepKey> grid, std::size_t point);  // [keys]

// Fit for a folder, and sorted as the points are: "03_alpha=0.01_search=icd". What is no letter, digit or one
// of ".+-_=" becomes "-", and a long name loses its end.
std::string name_of_point(std::span<const SweepKey> grid, std::size_t point);

// "graph.alpha" -> "alpha"
std::string last_word(const std::string& path);

}  // namespace why
