#include "experiments/attention_graphs.h"

#include <gmock/gmock.h>

#include "core/random.h"
#include "tests/available_devices.h"

namespace why {
namespace {

// One head; each token reads itself and those before it.
Attention causal_attention(int tokens, std::uint64_t seed) {
  Random random(seed);
  Attention out{1, tokens, 1, {}, std::vector<float>(static_cast<std::size_t>(tokens))};
  for (int query = 0; query < tokens; ++query) {
    std::vector<float> row(static_cast<std::size_t>(tokens));
    float sum = 0;
    for (int key = 0; key <= query; ++key)
      sum += row[static_cast<std::size_t>(key)] = static_cast<float>(random.uniform());
    for (const float value : row) out.probabilities.push_back(value / sum);
  }
  return out;
}

GraphOptions ordicd_at(double alpha) {
  GraphOptions options;
  options.search = "ordicd";
  options.alpha = alpha;
  return options;
}

// The number of edges; each has an arrowhead at its later end.
int edges_in_order(const MixedGraph& graph, const std::vector<Node>& order) {
  int edges = 0;
  for (std::size_t later = 0; later < order.size(); ++later)
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      if (!graph.adjacent(order[earlier], order[later])) continue;
      ++edges;
      EXPECT_EQ(graph.mark(order[earlier], order[later]), Mark::arrow) << earlier << ' ' << later;
    }
  return edges;
}

TEST(LearnGraph, OrdIcdFollowsTheSequence) {
  for (const std::uint64_t seed : {1, 2, 3})
    for (const double alpha : {1e-3, 0.05}) {
      const auto graph = learn_graph(causal_attention(8, seed), 0, ordicd_at(alpha), 64);
      EXPECT_GT(edges_in_order(graph, {0, 1, 2, 3, 4, 5, 6, 7}), 3) << seed;
    }
}

TEST(LearnGraph, OrdIcdOfOneToken) {
  EXPECT_EQ(learn_graph(causal_attention(1, 1), 0, ordicd_at(0.05), 64).num_nodes(), 1);
}

// The target is the last node wherever its token stands.
TEST(LearnGraph, GroupsKeepTheOrderOfTheirFirstTokens) {
  const std::vector<std::vector<int>> groups{{5, 2}, {0, 7}, {4}, {1, 3}, {6}};
  const auto graph = learn_graph(causal_attention(8, 1), 0, ordicd_at(0.05), 64, groups);
  EXPECT_GT(edges_in_order(graph, {1, 3, 0, 2, 4}), 2);
  const std::vector<std::vector<int>> target_first{{5, 2}, {7}, {4}, {1, 3}, {0}};
  const auto other = learn_graph(causal_attention(8, 1), 0, ordicd_at(0.05), 64, target_first);
  EXPECT_GT(edges_in_order(other, {4, 3, 0, 2, 1}), 2);
}

class LearnGraphs : public testing::TestWithParam<Device> {};

TEST_P(LearnGraphs, GiveWhatEachHeadGivesAlone) {
  std::vector<Attention> attention;
  for (const int tokens : {2, 9, 16, 24, 70}) attention.push_back(causal_attention(tokens, 1));
  const std::vector<std::vector<int>> none, groups{{5, 2}, {0, 7}, {4}, {1, 3}, {6}};
  std::vector<HeadOfInput> heads;
  for (const Attention& each : attention) heads.push_back({&each, 0, &none});
  heads.push_back({&attention[1], 0, &groups});
  for (const char* search : {"icd", "fci", "rfci", "pc", "ordicd"})
    for (const double alpha : {1e-3, .05})
      for (const bool positive_only : {false, true}) {
        GraphOptions options;
        options.search = search;
        options.alpha = alpha;
        options.positive_only = positive_only;
        options.max_order = 2;
        const std::vector<MixedGraph> found = learn_graphs(heads, options, 64, GetParam(), 2);
        ASSERT_EQ(found.size(), heads.size());
        for (std::size_t i = 0; i < heads.size(); ++i)
          EXPECT_EQ(found[i], learn_graph(*heads[i].attention, 0, options, 64, *heads[i].groups)) << i;
      }
  EXPECT_TRUE(learn_graphs({}, {}, 64, GetParam(), 2).empty());
}

INSTANTIATE_TEST_SUITE_P(Devices, LearnGraphs, testing::ValuesIn(available_devices()), device_label);

}  // namespace
}  // namespace why
