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
      entry_of_(static_cast<std::size_t>(num_nodes) * static_cast<std::size_t>(num_nodes), -1) {}

void SepSets::store(Node x, Node y, std::span<const Node> set, double p_value, Stage stage) {
  WHY_ASSERT(x != y && entry_of_[pair(x, y)] < 0);
  entry_of_[pair(x, y)] = count();
  entries_.push_back({members_.size(), set.size(), p_value, stage});
  members_.insert(members_.end(), set.begin(), set.end());
}

void SepSets::store_empty(Node x, std::span<const Node> ys, std::span<const double> p_values, Stage stage) {
  WHY_ASSERT(ys.size() == p_values.size());
  for (std::size_t i = 0; i < ys.size(); ++i) store(x, ys[i], {}, p_values[i], stage);
}

std::optional<SepSet> SepSets::find(Node x, Node y) const {
  const int at = entry_of_[pair(x, y)];
  if (at < 0) return std::nullopt;
  const Entry& entry = entries_[static_cast<std::size_t>(at)];
  return SepSet{std::span(members_).subspan(entry.begin, entry.size), entry.p_value, entry.stage};
}

}  // namespace why
