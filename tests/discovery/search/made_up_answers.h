// Tests of independence whose answers fit no graph: what searches meet on data, at its worst.
#pragma once

#include <algorithm>

#include "core/random.h"
#include "discovery/search/ci_test.h"

namespace why {

// Answers drawn by hashing the question, so that they are the same whenever and from whichever thread they
// are asked.
class RandomAnswers : public CiTest {
 public:
  // `independence`: share of questions answered so.
  RandomAnswers(int num_nodes, double independence, std::uint64_t seed)
      : n_(num_nodes), independence_(independence), seed_(seed) {}

  int num_nodes() const override { return n_; }

  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override {
    std::vector<Node> given(z.begin(), z.end());
    std::sort(given.begin(), given.end());
    Random random =
        Random(seed_).child("pair", static_cast<std::uint64_t>(std::min(x, y) * n_ + std::max(x, y)));
    for (const Node node : given) random = random.child("given", static_cast<std::uint64_t>(node));
    const double p_value = random.uniform();
    return {p_value > 1 - independence_, p_value < 0.01, p_value};
  }

 private:
  int n_;
  double independence_;
  std::uint64_t seed_;
};

// Answers from a table; everything else is dependent.
class Table : public CiTest {
 public:
  struct Line {
    Node x, y;
    std::vector<Node> z;
  };
  Table(int n, std::vector<Line> independent, int max_order = -1)
      : n_(n), independent_(std::move(independent)), max_order_(max_order) {}
  int num_nodes() const override { return n_; }
  int max_order() const override { return max_order_; }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override {
    for (const Line& line : independent_)
      if (line.x == std::min(x, y) && line.y == std::max(x, y) && std::ranges::equal(line.z, z))
        return {true, false, 0.5};
    return {};
  }

 private:
  int n_;
  std::vector<Line> independent_;
  int max_order_;
};

// The same answers with the nodes renamed.
class Renamed : public CiTest {
 public:
  Renamed(const CiTest& test, std::vector<Node> old_name) : test_(test), old_name_(std::move(old_name)) {}
  int num_nodes() const override { return test_.num_nodes(); }
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override {
    std::vector<Node> given;
    for (const Node node : z) given.push_back(old_name_[static_cast<std::size_t>(node)]);
    return test_.ask(old_name_[static_cast<std::size_t>(x)], old_name_[static_cast<std::size_t>(y)], given);
  }

 private:
  const CiTest& test_;
  std::vector<Node> old_name_;
};

}  // namespace why
