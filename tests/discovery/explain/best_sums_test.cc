#include "discovery/explain/best_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.h"
#include "core/subsets.h"

namespace why {
namespace {

using testing::ElementsAre;
using Sets = std::vector<std::vector<Node>>;

Sets all_of(BestSums sums) {
  Sets out;
  while (const auto sum = sums.next()) out.push_back(sum->members);
  return out;
}

TEST(BestSums, PairsByHand) {
  // 5+3, 5+2, 5+0 and 3+2 (tied; 5 comes first), 3+0, 2+0
  EXPECT_EQ(all_of({{2, 5, 0, 3}, 2}), (Sets{{1, 3}, {0, 1}, {1, 2}, {0, 3}, {2, 3}, {0, 2}}));
}

TEST(BestSums, EqualValuesGoByNumber) {
  EXPECT_THAT(by_value(std::vector<double>{1, 2, 1, 2}), ElementsAre(1, 3, 0, 2));
  EXPECT_EQ(all_of({{1, 1, 1, 1}, 2}), (Sets{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}));
  EXPECT_EQ(all_of({{-1, -1}, 1}), (Sets{{0}, {1}}));
}

TEST(BestSums, AwkwardSizes) {
  EXPECT_EQ(all_of({{}, 1}), Sets{});
  EXPECT_EQ(all_of({{7}, 2}), Sets{});
  EXPECT_EQ(all_of({{7, 8}, 2}), (Sets{{0, 1}}));
}

// All subsets, sorted as the header says.
Sets sorted_subsets(const std::vector<double>& values, int size) {
  const auto order = by_value(values);
  struct Entry {
    double sum;
    std::vector<int> places;
    std::vector<Node> members;
  };
  std::vector<Entry> all;
  if (const int n = static_cast<int>(values.size()); size <= n) {
    auto places = first_subset(size);
    do {
      Entry entry{0, places, {}};
      for (const int place : places) {
        entry.members.push_back(order[static_cast<std::size_t>(place)]);
        entry.sum += values[static_cast<std::size_t>(entry.members.back())];
      }
      std::sort(entry.members.begin(), entry.members.end());
      all.push_back(entry);
    } while (next_subset(places, n));
  }
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) {
    return a.sum != b.sum ? a.sum > b.sum : a.places < b.places;
  });
  Sets out;
  for (const auto& entry : all) out.push_back(entry.members);
  return out;
}

TEST(BestSums, AgreesWithSortingAllSubsets) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    std::vector<double> values(random.below(9));
    for (auto& value : values)  // whole numbers tie often, others round
      value = seed % 2 == 0 ? static_cast<double>(random.below(4)) - 1 : random.normal();
    const int size = 1 + static_cast<int>(random.below(4));
    EXPECT_EQ(all_of({values, size}), sorted_subsets(values, size)) << "seed " << seed;
  }
}

TEST(BestSums, TheFirstOfManyAreCheap) {
  std::vector<double> values(200);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  BestSums sums(values, 5);  // of 2.5e9
  EXPECT_THAT(sums.next()->members, ElementsAre(195, 196, 197, 198, 199));
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(sums.next());
}

}  // namespace
}  // namespace why
