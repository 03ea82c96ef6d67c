// Nodes, and sets of nodes as rows of bits.
//
// A row is words of 64; bit x of it is word x / 64, bit x % 64. Bits is a view of a row, NodeSet owns one,
// BitMatrix owns one a node. Rows that meet in one operation have the same number of words.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace why {

using Node = int;

using Bits = std::span<const std::uint64_t>;

inline std::size_t words_for(int n) { return (static_cast<std::size_t>(n) + 63) / 64; }
inline bool has_bit(Bits bits, Node x) { return bits[static_cast<std::size_t>(x) / 64] >> (x % 64) & 1; }

// Calls visit(x) for every set bit, ascending.
template <class Visit>
void for_each_bit(Bits bits, Visit&& visit) {
  for (std::size_t w = 0; w < bits.size(); ++w)
    for (std::uint64_t word = bits[w]; word != 0; word &= word - 1)
      visit(static_cast<Node>(64 * w + static_cast<std::size_t>(std::countr_zero(word))));
}

// Of the bits that are set in both.
template <class Visit>
void for_each_common_bit(Bits a, Bits b, Visit&& visit) {
  for (std::size_t w = 0; w < a.size(); ++w)
    for (std::uint64_t word = a[w] & b[w]; word != 0; word &= word - 1)
      visit(static_cast<Node>(64 * w + static_cast<std::size_t>(std::countr_zero(word))));
}

inline int count_common_bits(Bits a, Bits b) {
  int out = 0;
  for (std::size_t w = 0; w < a.size(); ++w) out += std::popcount(a[w] & b[w]);
  return out;
}

// A set of nodes below n. Up to 128 nodes it needs no memory from the heap.
class NodeSet {
 public:
  explicit NodeSet(int num_nodes = 0) : size_(words_for(num_nodes)), large_(size_ > kSmall ? size_ : 0) {}
  explicit NodeSet(Bits bits) : size_(bits.size()), large_(size_ > kSmall ? size_ : 0) {
    std::copy(bits.begin(), bits.end(), words());
  }
  NodeSet(int num_nodes, std::span<const Node> members) : NodeSet(num_nodes) {
    for (const Node x : members) insert(x);
  }

  operator Bits() const { return {size_ > kSmall ? large_.data() : small_.data(), size_}; }

  bool contains(Node x) const { return has_bit(*this, x); }
  void insert(Node x) { words()[static_cast<std::size_t>(x) / 64] |= std::uint64_t{1} << (x % 64); }
  void erase(Node x) { words()[static_cast<std::size_t>(x) / 64] &= ~(std::uint64_t{1} << (x % 64)); }

  NodeSet& operator|=(Bits other) {
    for (std::size_t w = 0; w < size_; ++w) words()[w] |= other[w];
    return *this;
  }
  NodeSet& operator&=(Bits other) {
    for (std::size_t w = 0; w < size_; ++w) words()[w] &= other[w];
    return *this;
  }
  NodeSet& operator-=(Bits other) {
    for (std::size_t w = 0; w < size_; ++w) words()[w] &= ~other[w];
    return *this;
  }

  bool empty() const {
    for (const auto word : Bits(*this))
      if (word != 0) return false;
    return true;
  }
  int count() const {
    int total = 0;
    for (const auto word : Bits(*this)) total += std::popcount(word);
    return total;
  }
  std::vector<Node> members() const {  // ascending
    std::vector<Node> out;
    for_each_bit(*this, [&](Node x) { out.push_back(x); });
    return out;
  }

  friend bool operator==(const NodeSet& a, const NodeSet& b) { return std::ranges::equal(Bits(a), Bits(b)); }

 private:
  static constexpr std::size_t kSmall = 2;

  std::uint64_t* words() { return size_ > kSmall ? large_.data() : small_.data(); }

  std::size_t size_;  // words
  std::array<std::uint64_t, kSmall> small_{};
  std::vector<std::uint64_t> large_;  // used instead when `size_` is greater
};

// One row of bits a node: a relation between nodes.
class BitMatrix {
 public:
  explicit BitMatrix(int num_nodes = 0)
      : n_(num_nodes), words_(words_for(num_nodes)), bits_(static_cast<std::size_t>(num_nodes) * words_, 0) {}

  Bits row(Node x) const { return Bits(bits_).subspan(static_cast<std::size_t>(x) * words_, words_); }
  bool has(Node x, Node y) const { return has_bit(row(x), y); }
  void set(Node x, Node y) { word(x, y) |= std::uint64_t{1} << (y % 64); }
  void clear(Node x, Node y) { word(x, y) &= ~(std::uint64_t{1} << (y % 64)); }
  void set_all(Node x, Bits more) {  // row(x) |= more
    for (std::size_t w = 0; w < words_; ++w) bits_[static_cast<std::size_t>(x) * words_ + w] |= more[w];
  }

  // Adds (x, z) wherever (x, y) and (y, z) are there (Warshall); O(n^2) row operations.
  void close_transitively();

  friend bool operator==(const BitMatrix&, const BitMatrix&) = default;

 private:
  std::uint64_t& word(Node x, Node y) {
    return bits_[static_cast<std::size_t>(x) * words_ + static_cast<std::size_t>(y) / 64];
  }

  int n_;
  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

inline void BitMatrix::close_transitively() {
  for (Node y = 0; y < n_; ++y)
    for (Node x = 0; x < n_; ++x)
      if (has(x, y)) set_all(x, row(y));
}

}  // namespace why
