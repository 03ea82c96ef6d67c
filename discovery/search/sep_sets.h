// Which set separated which pair: one entry a pair of nodes, the same for (x, y) and (y, x).
#pragma once

#include <algorithm>
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
  int count() const { return static_cast<int>(entries_.size()); }

  // Each pair is stored at most once: the first set that separates it stays.
  void store(Node x, Node y, std::span<const Node> set, double p_value, Stage stage);
  // Room for so many more pairs.
  void reserve(std::size_t count) { entries_.reserve(entries_.size() + count); }
  // The empty set for x and each of ys, all behind x, with one p-value each.
  void store_empty(Node x, std::span<const Node> ys, std::span<const double> p_values, Stage stage);

  std::optional<SepSet> find(Node x, Node y) const;

 private:
  struct Entry {
    std::size_t begin, size;
    double p_value;
    Stage stage;
  };
  std::size_t pair(Node x, Node y) const {
    return static_cast<std::size_t>(std::min(x, y)) * static_cast<std::size_t>(n_) +
           static_cast<std::size_t>(std::max(x, y));
  }

  int n_;
  std::vector<int> entry_of_;  // [n, n], above the diagonal; -1 where there is none
  std::vector<Entry> entries_;
  std::vector<Node> members_;
};

}  // namespace why
