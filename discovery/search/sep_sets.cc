#include "discovery/search/sep_sets.h"

#include "core/errors.h"

namespace why {

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::adjacency:
      return "adjacency";
    case Stage::possible_d_sep:
      return "possible-d-sep";
    case Stage::icd_sep:
      return "icd-sep";
    case Stage::unshielded_triple:
      return "unshielded-triple";
    case Stage::discriminating_path:
      return "discriminating-path";
  }
  WHY_ASSERT(false);
}

SepSets::SepSets(int num_nodes)
    : n_(num_nodes),
      rows_(static_cast<std::size_t>(num_nodes)),
      entry_of_(num_nodes < 2 ? 0 : pair(num_nodes - 2, num_nodes - 1) + 1, -1) {}

void SepSets::store(Node x, Node y, std::span<const Node> set, double p_value, Stage stage) {
  WHY_ASSERT(x != y && entry_of_[pair(x, y)] < 0 && !empty_set_p(x, y));
  entry_of_[pair(x, y)] = static_cast<int>(entries_.size());
  entries_.push_back({members_.size(), set.size(), p_value, stage});
  members_.insert(members_.end(), set.begin(), set.end());
  ++count_;
}

void SepSets::store_empty(Node x, std::vector<double> p_values, int count, Stage stage) {
  Row& row = rows_[static_cast<std::size_t>(x)];
  WHY_ASSERT(row.p_values.empty() && p_values.size() == static_cast<std::size_t>(n_ - x - 1));
  row = {std::move(p_values), stage};
  count_ += count;
}

const double* SepSets::empty_set_p(Node x, Node y) const {
  const Row& row = rows_[static_cast<std::size_t>(std::min(x, y))];
  if (row.p_values.empty()) return nullptr;
  const double& p = row.p_values[static_cast<std::size_t>(std::abs(x - y) - 1)];
  return p == kNotSeparated ? nullptr : &p;
}

std::optional<SepSet> SepSets::find(Node x, Node y) const {
  if (x == y) return std::nullopt;
  if (const double* p = empty_set_p(x, y))
    return SepSet{{}, *p, rows_[static_cast<std::size_t>(std::min(x, y))].stage};
  const int at = entry_of_[pair(x, y)];
  if (at < 0) return std::nullopt;
  const Entry& entry = entries_[static_cast<std::size_t>(at)];
  return SepSet{std::span(members_).subspan(entry.begin, entry.size), entry.p_value, entry.stage};
}

}  // namespace why
