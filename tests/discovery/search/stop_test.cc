// Searches that are stopped anywhere: what they return must be true, though it may be little.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>

#include "discovery/graph/m_separation.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/m_separation_test.h"
#include "discovery/search/ordicd.h"
#include "discovery/search/pc.h"
#include "discovery/search/reference_icd.h"
#include "discovery/search/rfci.h"
#include "discovery/search/why_text.h"
#include "tests/discovery/search/ancestry.h"
#include "tests/discovery/search/made_up_answers.h"

namespace why {
namespace {

std::vector<Node> order_of(const Dag& dag) {
  std::vector<Node> order = dag.nodes_of(NodeKind::observed);
  std::ranges::stable_sort(order, {}, [&](Node x) { return NodeSet(dag.ancestors(x)).count(); });
  return order;
}

// Stops when it was asked so often whether to stop.
void stop_after(CiTest& test, int looks) {
  const auto left = std::make_shared<std::atomic<int>>(looks);
  test.should_stop = [left] { return (*left)-- <= 0; };
}

// Every removed edge was separated by a set that separates in the truth, no edge of the truth is gone, and
// every mark that is no circle has a reason.
void expect_supergraph(const SearchResult& found, const MSeparationTest& oracle, const MixedGraph& mag) {
  ASSERT_TRUE(has_all_edges_of(found.graph, mag));
  for (Node x = 0; x < mag.num_nodes(); ++x)
    for (Node y = x + 1; y < mag.num_nodes(); ++y) {
      const auto sepset = found.sepsets.find(x, y);
      ASSERT_EQ(!sepset, found.graph.adjacent(x, y));
      if (sepset) {
        ASSERT_TRUE(oracle.ask(x, y, sepset->set).independent);
      }
    }
  for (const MarkReason& reason : found.reasons) {
    ASSERT_TRUE(found.graph.adjacent(reason.x, reason.y));
    ASSERT_EQ(found.graph.mark(reason.x, reason.y), reason.mark);
  }
}

struct Tally {
  int stopped = 0, finished = 0, marks = 0, left_over = 0;
};

void add(Tally& tally, const SearchResult& found, const MixedGraph& mag, int marks) {
  (found.stopped ? tally.stopped : tally.finished) += 1;
  if (!found.stopped) return;
  tally.marks += marks;
  tally.left_over += found.graph.num_edges() - mag.num_edges();
}

TEST(Stop, WhatIsLeftIsTrue) {
  Tally with_rounds, without;
  for (int i = 0; i < 250; ++i) {
    SCOPED_TRACE(i);
    Random random = Random(95).child("graph", static_cast<std::uint64_t>(i));
    const bool selection = i % 2 == 1;
    const Dag dag = random_dag({.observed = 5 + i % 4,
                                .latent = i % 4,
                                .selection = selection ? 2 : 0,
                                .edge_probability = 0.15 + 0.05 * static_cast<double>(random.below(7))},
                               random);
    const MixedGraph mag = dag_to_mag(dag);
    MSeparationTest oracle(dag);
    const auto looks = [&] { return static_cast<int>(random.below(120)); };
    const auto check = [&](const SearchResult& found, Tally& tally) {
      oracle.should_stop = nullptr;
      expect_supergraph(found, oracle, mag);
      const AncestryTally ancestry = compare_with_ancestry(found.graph, dag);
      ASSERT_EQ(ancestry.wrong, 0);
      add(tally, found, mag, ancestry.marks);
    };
    for (int repeat = 0; repeat < 4; ++repeat) {
      stop_after(oracle, looks());
      check(fci(oracle), without);
      stop_after(oracle, looks());
      check(fci(oracle, {.colliders = ColliderRule::majority, .rules = {}}), without);
      stop_after(oracle, looks());
      check(rfci(oracle), without);
      stop_after(oracle, looks());
      check(icd(oracle), with_rounds);
      if (selection) continue;
      for (const bool node_by_node : {false, true}) {
        stop_after(oracle, looks());
        check(ordicd(oracle, {.order = order_of(dag), .node_by_node = node_by_node}), with_rounds);
      }
    }
  }
  std::cout << "icd and ordicd: " << with_rounds.stopped << " stopped with " << with_rounds.marks
            << " marks and " << with_rounds.left_over << " edges left over; fci and rfci: " << without.stopped
            << " stopped with " << without.left_over << " edges left over\n";
  EXPECT_GT(with_rounds.stopped, 300);
  EXPECT_GT(with_rounds.finished, 300);
  EXPECT_GT(with_rounds.marks, 1000);
  EXPECT_GT(with_rounds.left_over, 300);
  EXPECT_GT(without.stopped, 300);
  EXPECT_GT(without.left_over, 300);
  EXPECT_EQ(without.marks, 0);
}

TEST(Stop, PcClaimsNoDirectionButWhatIsKnown) {
  int stopped = 0;
  for (int i = 0; i < 60; ++i) {
    Random random = Random(96).child("graph", static_cast<std::uint64_t>(i));
    const Dag dag = random_dag({.observed = 7, .latent = 0, .selection = 0, .edge_probability = 0.4}, random);
    Knowledge knowledge(7);
    const MixedGraph mag = dag_to_mag(dag);
    for (Node x = 0; x < 7; ++x)
      if (x > 0 && dag.has_edge(x, 0)) knowledge.require(x, 0);
    MSeparationTest oracle(dag);
    stop_after(oracle, 2 + i % 40);
    const SearchResult found = pc(oracle, {.colliders = i % 2 ? ColliderRule::majority : ColliderRule::sepset,
                                           .knowledge = &knowledge});
    oracle.should_stop = nullptr;
    expect_supergraph(found, oracle, mag);
    if (!found.stopped) continue;
    ++stopped;
    for (Node x = 0; x < 7; ++x)
      for (const Node y : found.graph.neighbors(x)) {
        const bool as_known = knowledge.is_required(x, y)   ? found.graph.is_parent(x, y)
                              : knowledge.is_required(y, x) ? found.graph.is_parent(y, x)
                                                            : found.graph.is_undirected(x, y);
        ASSERT_TRUE(as_known);
      }
  }
  EXPECT_GT(stopped, 20);
}

TEST(Stop, TheReferencesSearchKeepsCircles) {
  Random random(5);
  MSeparationTest oracle(random_dag({.observed = 8, .latent = 0, .edge_probability = 0.4}, random));
  stop_after(oracle, 60);
  const SearchResult found = reference_icd(oracle);
  EXPECT_TRUE(found.stopped);
  for (Node x = 0; x < 8; ++x)
    for (const Node y : found.graph.neighbors(x)) EXPECT_EQ(found.graph.mark(x, y), Mark::circle);
}

TEST(Stop, BeforeTheFirstQuestionEverythingIsLeft) {
  for (const int threads : {1, 4}) {
    Table test(6, {{0, 1, {}}});
    test.threads = threads;
    test.should_stop = [] { return true; };
    for (const SearchResult& found : {pc(test), fci(test), rfci(test), icd(test),
                                      ordicd(test, {.order = {0, 1, 2, 3, 4, 5}}), reference_icd(test)}) {
      EXPECT_TRUE(found.stopped);
      EXPECT_EQ(found.graph.num_edges(), 15);
    }
  }
}

// A task with many sets is left in its middle.
TEST(Stop, LooksBetweenTheSetsOfOneTask) {
  Table test(30, {});
  stop_after(test, 3);
  std::vector<Node> pool(28);
  for (Node x = 0; x < 28; ++x) pool[static_cast<std::size_t>(x)] = x;
  const PoolTask task{28, 29, pool, 14};  // 40 million sets
  const std::vector<Separation> answers = test.separate(std::span(&task, 1));
  EXPECT_EQ(answers[0].rank, -1);
  EXPECT_LT(answers[0].tests, 1000);
}

// Nothing is separable, so that a round lists many sets: whoever lists them must look too, node by node or
// edge by edge, and not only whoever asks.
TEST(StoppedSearches, LookWhileSetsAreListed) {
  constexpr int kVariables = 30;
  Correlation correlation{SquareMatrix(kVariables), 1'000'000};
  for (int x = 0; x < kVariables; ++x)
    for (int y = 0; y < kVariables; ++y) correlation.matrix(x, y) = x == y ? 1 : .5;
  std::vector<Node> order;
  for (Node x = 0; x < kVariables; ++x) order.push_back(x);
  const auto looks = [&](auto&& search) {
    CorrelationTest test(correlation, {.alpha = .01});
    const auto count = std::make_shared<std::atomic<int>>(0);
    test.should_stop = [count] {
      ++*count;
      return false;
    };
    search(test);
    return count->load();
  };
  const auto ordicd_at = [&](int max_order) {
    return looks([&](const CiTest& test) { ordicd(test, {.order = order, .max_order = max_order}); });
  };
  const auto icd_at = [&](int max_order) {
    return looks([&](const CiTest& test) { icd(test, {.max_order = max_order}); });
  };
  // 28 looks are those of whoever asks about 435 pairs, 16 at a time
  EXPECT_GE(ordicd_at(1) - ordicd_at(0), 28 + kVariables);
  EXPECT_GE(icd_at(1) - icd_at(0), 28 + kVariables * (kVariables - 1) / 2);
}

}  // namespace
}  // namespace why
