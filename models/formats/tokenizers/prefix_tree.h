// All tokens that begin a text, in one walk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/formats/tokenizers/vocabulary.h"

namespace why {

class PrefixTree {
 public:
  explicit PrefixTree(const Vocabulary& vocabulary);

  // Calls found(id, bytes) for each, the shortest first.
  template <class Found>
  void each_prefix(std::string_view text, Found found) const {
    std::size_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = child(node, static_cast<unsigned char>(text[i]));
      if (node == 0) return;
      if (nodes_[node].id >= 0) found(nodes_[node].id, i + 1);
    }
  }

 private:
  struct Node {
    int id = -1;
    std::uint32_t first = 0;  // its children stand together, by byte
    std::uint16_t count = 0;
    unsigned char byte = 0;
  };
  std::size_t child(std::size_t node, unsigned char byte) const;  // 0: none

  std::vector<Node> nodes_;
};

}  // namespace why
