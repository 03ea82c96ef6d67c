#include "models/formats/tokenizers/prefix_tree.h"

#include <algorithm>
#include <numeric>

namespace why {

PrefixTree::PrefixTree(const Vocabulary& vocabulary) {
  std::vector<int> order(static_cast<std::size_t>(vocabulary.size()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return vocabulary.token(a) < vocabulary.token(b); });

  // Breadth first: a node is a range of the sorted tokens that share their first `depth` bytes.
  struct Range {
    std::size_t first, last, depth;
  };
  std::vector<Range> ranges = {{0, order.size(), 0}};
  nodes_.emplace_back();
  for (std::size_t node = 0; node < ranges.size(); ++node) {
    auto [first, last, depth] = ranges[node];
    const auto token = [&](std::size_t i) -> const std::string& { return vocabulary.token(order[i]); };
    if (first < last && token(first).size() == depth) nodes_[node].id = order[first++];
    nodes_[node].first = static_cast<std::uint32_t>(nodes_.size());
    for (std::size_t begin = first, end = first; begin < last; begin = end) {
      const char byte = token(begin)[depth];
      while (end < last && token(end)[depth] == byte) ++end;
      nodes_.push_back({-1, 0, 0, static_cast<unsigned char>(byte)});
      ranges.push_back({begin, end, depth + 1});
    }
    nodes_[node].count = static_cast<std::uint16_t>(nodes_.size() - nodes_[node].first);
  }
}

std::size_t PrefixTree::child(std::size_t node, unsigned char byte) const {
  const auto begin = nodes_.begin() + nodes_[node].first, end = begin + nodes_[node].count;
  const auto found =
      std::lower_bound(begin, end, byte, [](const Node& a, unsigned char b) { return a.byte < b; });
  return found != end && found->byte == byte ? static_cast<std::size_t>(found - nodes_.begin()) : 0;
}

}  // namespace why
