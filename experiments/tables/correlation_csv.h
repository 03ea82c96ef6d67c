// A correlation matrix as a comma-separated file: a header row of names, then one row for each name, in the
// same order.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/stats/correlation.h"

namespace why {

struct NamedCorrelation {
  std::vector<std::string> names;
  Correlation correlation;
};

// UserError as in csv.h, and when the matrix is not square, a diagonal entry is not 1, an entry is outside
// [-1, 1] or two entries that mirror each other differ, each by more than 1e-6; it names the two variables.
// Within that, entries are averaged with their mirror and clamped.
NamedCorrelation read_correlation(const std::filesystem::path& path, int sample_size);
NamedCorrelation parse_correlation(std::string_view contents, std::string_view source, int sample_size);

// Whether the matrix has an eigenvalue below -1e-8 n, as no table gives: entries rounded too far, or pairs
// counted on different rows. The tests work on it, but may then contradict each other. Cost n^3 / 3.
bool is_indefinite(const Correlation& correlation);

}  // namespace why
