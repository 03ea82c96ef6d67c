// Which set separated which pair: one entry a pair of nodes, the same for (x, y) and (y, x).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "discovery/graph/node_set.h"

namespace why {

// What the separating set was taken from.
enum class Stage : std::uint8_t {
  adjacency,
  possible_d_sep,
  icd_sep,
  unshielded_triple,
  discriminating_path
};

std::string_view stage_name(
    Stage stage);  // "adjacency", "possible-d-sep", "icd-sep", "unshielded-triple", ...

// set: ascending; its size is the order at which it was found. A view into the SepSets it comes from.
struct SepSet {
  std::span<const Node> set;
  double p_value;
  Stage stage;
};

class SepSets {
 public:
  explicit SepSets(int num_nodes = 0);

  int num_nodes() const { return n_; }
  std::int64_t count() const { return count_; }

  // Each pair is stored at most once: the first set that separates it stays.
  void store(Node x, Node y, std::span<const Node> set, double p_value, Stage stage);
  // The empty set for x and every later node y that has its p-value in p_values[y - x - 1], of the `count`
  // that are not kNotSeparated. Once a node, and before `store` of its pairs.
  void store_empty(Node x, std::vector<double> p_values, int count, Stage stage);
  static constexpr double kNotSeparated = -1;

  std::optional<SepSet> find(Node x, Node y) const;

 private:
  struct Entry {
    std::size_t begin, size;
    double p_value;
    Stage stage;
  };
  // What order 0 says of one node and the later ones: nearly all pairs of a sparse graph.
  struct Row {
    std::vector<double> p_values;  // empty: nothing
    Stage stage = Stage::adjacency;
  };
  static std::size_t pair(Node x, Node y) {
    const auto low = static_cast<std::size_t>(std::min(x, y)),
               high = static_cast<std::size_t>(std::max(x, y));
    return high * (high - 1) / 2 + low;
  }

  const double* empty_set_p(Node x, Node y) const;  // null: the empty set does not separate them

  int n_;
  std::int64_t count_ = 0;
  std::vector<Row> rows_;
  std::vector<int> entry_of_;  // [pair]; -1 where there is none
  std::vector<Entry> entries_;
  std::vector<Node> members_;
};

}  // namespace why
