// Where search meets statistics: search decides the order of the questions, the test decides how to batch
// them.
//
// Given nothing, a search asks `ask` about each pair, on the test's threads (skeleton.h). With conditioning
// sets it asks for whole batches: for each of many pairs, the lowest-ranked set that separates it. A test
// that can answer many questions at once (SIMD, threads, a device that enumerates subsets itself) overrides
// the two virtual batch functions; one that cannot implements `ask` and inherits loops over it, on `threads`
// threads.
//
// The winner is the first separating set in a stated order, never the first to finish, so the answer does not
// depend on threads, batches or device.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/subsets.h"
#include "discovery/graph/mixed_graph.h"

namespace why {

// One answer. Independent iff p_value > alpha of the test. A degenerate question (singular block, |r| >= 1,
// too few samples) is answered dependent, so that the edge stays, and is counted.
struct CiAnswer {
  bool independent = false;
  bool degenerate = false;
  double p_value = 0;
};

// Which size-k subset of `pool` separates x and y? Subsets are ranked lexicographically in the order of
// `pool`.
struct PoolTask {
  Node x, y;
  std::span<const Node> pool;  // without x and y
  int k;
  bool ascending = false;  // the pool is known to be, so that nobody need look
};

// Which of these sets, each of size k and listed one after the other, separates x and y? Ranked as listed.
// count: number of sets; needed because k = 0 lists nothing.
struct ListTask {
  Node x, y;
  std::span<const Node> sets;  // [count, k]
  int k;
  std::int64_t count;
};

// rank: position of the separating set in the task's order, -1 if none separates.
// tests: questions asked up to and including the answer, as a sequential loop would count them.
struct Separation {
  std::int64_t rank = -1;
  double p_value = 0;  // of the separating set; of the last question asked if there is none
  std::int64_t tests = 0;
  std::int64_t degenerate = 0;
  explicit operator bool() const { return rank >= 0; }
};

class CiTest {
 public:
  virtual ~CiTest() = default;

  virtual int num_nodes() const = 0;

  // x and y given z, all different. Const and safe to call from several threads.
  virtual CiAnswer ask(Node x, Node y, std::span<const Node> z) const = 0;

  // The largest size of a conditioning set that this test can answer (samples bound it); -1 if unbounded.
  virtual int max_order() const { return -1; }

  // How many rows an answer about these variables rests on; nothing where there are no rows.
  virtual std::optional<int> samples(Node, Node, std::span<const Node>) const { return std::nullopt; }

  virtual std::vector<Separation> separate(std::span<const PoolTask> tasks) const;
  virtual std::vector<Separation> separate(std::span<const ListTask> tasks) const;

  int threads = 1;

  // Asked now and then, from any thread, whether the search shall end early: time is up, or somebody wants to
  // go home. Once true it must stay true. Batches then come back with tasks unanswered (rank -1), and
  // searches return what they have (SearchResult::stopped).
  std::function<bool()> should_stop;
  bool stop_requested() const { return should_stop && should_stop(); }
};

// Ends a search from inside; searches catch it and do not let it out.
struct Stopped {};

inline void throw_if_stopped(const CiTest& test) {
  if (test.stop_requested()) throw Stopped{};
}

}  // namespace why
