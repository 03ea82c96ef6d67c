// Subsets of one size by the sum of their members' values, the largest first, one at a time.
//
// Members of equal values go by their numbers, equal sums by the places of the members in that order,
// lexicographic. The first k of them cost O(k s log k) steps for subsets of s, however many there are.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "discovery/graph/mixed_graph.h"

namespace why {

// The numbers 0 .. n-1, those of the largest values first; ties: the smaller number.
std::vector<Node> by_value(std::span<const double> values);

class BestSums {
 public:
  BestSums(std::vector<double> values, int size);

  struct Sum {
    std::vector<Node> members;  // ascending
    double value;
  };
  std::optional<Sum> next();  // nothing when all have been given

 private:
  struct Entry {
    double sum;
    std::vector<int> places;  // in order_, ascending
    bool operator<(const Entry& other) const {
      return sum != other.sum ? sum > other.sum : places < other.places;
    }
  };

  void push(std::vector<int> places);

  std::vector<double> values_;
  std::vector<Node> order_;
  std::set<Entry> waiting_;
  std::set<std::vector<int>> seen_;
};

}  // namespace why
