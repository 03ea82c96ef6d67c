// Columns of categories.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace why {

struct Categories {
  int rows = 0;
  std::vector<int> levels;  // [n]: how many categories each variable has
  std::vector<int> codes;   // [n, rows]: column after column, 0 .. levels - 1; -1 where one is missing

  int num_variables() const { return static_cast<int>(levels.size()); }
  std::span<const int> column(int x) const {
    const auto m = static_cast<std::size_t>(rows);
    return std::span(codes).subspan(static_cast<std::size_t>(x) * m, m);
  }
};

}  // namespace why
