// Removing edges whose ends some set separates. All that asks throws Stopped when the test is to stop; what
// was found until then is kept.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/knowledge.h"
#include "discovery/search/search_result.h"

namespace why {

// For each node, the candidates for its separating sets: ascending, without the node itself.
using Pools = std::vector<std::vector<Node>>;

// The neighbours of each node.
Pools neighbor_pools(const MixedGraph& graph);

// The pool at one end of an edge, without the other end and what knowledge says is not needed.
std::vector<Node> candidates(const Pools& pools, const Knowledge& knowledge, Node at, Node other);

// Candidates listed for one batch of questions (16 MiB of them), so that memory stays bounded on large dense
// graphs; where a batch ends does not show in the result.
inline constexpr std::size_t kListedAtOnce = std::size_t{1} << 22;

// A complete graph of circles and nothing asked yet.
SearchResult nothing_separated(const CiTest& test);

// Asks about every edge that is not known to stay given nothing, and then removes those that were separated.
// Size 0 has one set and needs no candidates, and its graph is the largest: each of test.threads threads
// calls test.ask for the edges of one node after the other. Holds 8 bytes for each of some four million
// edges at a time.
void separate_given_nothing(SearchResult& found, const CiTest& test, Stage stage,
                            const Knowledge& knowledge = kNothingKnown);

// Asks, for every edge x - y of the graph that is not known to stay, whether a set of size k out of pools[x]
// or, if none does, of pools[y] separates them (as `candidates` gives it), and then removes all edges that
// were separated. Pairs come in ascending order, sets lexicographically; the pools do not change meanwhile,
// so neither the order of the pairs nor the number of threads shows in the result.
void separate_edges(SearchResult& found, const CiTest& test, const Pools& pools, int k, Stage stage,
                    const Knowledge& knowledge = kNothingKnown);

// The same with explicit tasks, each about a pair of adjacent nodes; of several about one pair, the first
// that separates it counts.
void separate_edges(SearchResult& found, const CiTest& test, std::span<const ListTask> tasks, Stage stage);
void separate_edges(SearchResult& found, const CiTest& test, std::span<const PoolTask> tasks, Stage stage);

// Adds the questions of one answer, about sets of size k, to the counts.
void count_tests(SearchResult& found, int k, const Separation& answer);

// More explicit sets than this at one end of an edge would not fit into memory on large dense graphs.
inline constexpr int kMaxSetsPerEdge = 1'000'000;

// Collects explicit sets of size k edge by edge and asks about them in batches of kListedAtOnce nodes.
class ListedSets {
 public:
  // All must outlive it.
  ListedSets(SearchResult& found, const CiTest& test, int k, Stage stage)
      : found_(found), test_(test), k_(k), stage_(stage) {}

  // sets: [count, k]. May ask about what was collected and remove edges.
  void add(Node x, Node y, std::span<const Node> sets, std::int64_t count);
  // Asks about what is left.
  void ask();

 private:
  SearchResult& found_;
  const CiTest& test_;
  int k_;
  Stage stage_;
  std::vector<Node> listed_;
  std::vector<ListTask> tasks_;
};

// Does some edge that is not known to stay have k candidates for its sets?
bool has_pool_of_size(const MixedGraph& graph, const Pools& pools, int k,
                      const Knowledge& knowledge = kNothingKnown);

// Says in the result that a bound left larger sets unasked; two stages may hit the same one.
void note_bound(SearchResult& found, const std::string& bound);

// May sets of size k be asked? If not, notes which bound forbids it: `max_order` (-1: none), called `option`
// in the note, or the test's own, which comes from the number of samples.
bool within_bounds(SearchResult& found, const CiTest& test, int k, int max_order, const char* option);

// The adjacency search of PC-stable (Colombo & Maathuis 2014), from nothing_separated: sizes 0, 1, ... while
// some edge has so many neighbours; candidates are the neighbours at the start of each size. All marks are
// circles.
void search_adjacencies(SearchResult& found, const CiTest& test, int max_order, const Knowledge& knowledge);
SearchResult pc_stable_skeleton(const CiTest& test, int max_order = -1,
                                const Knowledge& knowledge = kNothingKnown);

}  // namespace why
