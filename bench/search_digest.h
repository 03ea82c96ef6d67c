// One text that two results have in common only if they agree in everything a search says.
#pragma once

#include <span>
#include <string>

#include "discovery/search/search_result.h"

namespace why {

// Hexadecimal SHA-256 of all marks, separating sets with the bits of their p-values, counts of tests and of
// degenerate ones, reasons, bounds and the rest.
std::string digest(std::span<const SearchResult> results);

}  // namespace why
