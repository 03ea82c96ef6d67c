// Removing edges whose ends some set separates.
#pragma once

#include "discovery/search/ci_test.h"
#include "discovery/search/search_result.h"

namespace why {

// For each node, the candidates for its separating sets: ascending, without the node itself.
using Pools = std::vector<std::vector<Node>>;

// Candidates listed for one batch of questions (16 MiB of them), so that memory stays bounded on large dense
// graphs; where a batch ends does not show in the result.
inline constexpr std::size_t kListedAtOnce = std::size_t{1} << 22;

// A complete graph of circles and nothing asked yet.
SearchResult nothing_separated(const CiTest& test);

// Asks, for every edge x - y of the graph, whether a set of size k out of pools[x] or, if none does, of
// pools[y] separates them (never x or y themselves), and then removes all edges that were separated. Pairs
// come in ascending order, sets lexicographically; the pools do not change meanwhile, so neither the order of
// the pairs nor the number of threads shows in the result.
void separate_edges(SearchResult& found, const CiTest& test, const Pools& pools, int k, Stage stage);

// The same with explicit sets: task i belongs to a pair of adjacent nodes.
void separate_edges(SearchResult& found, const CiTest& test, std::span<const ListTask> tasks, Stage stage);

// Does some edge have k candidates for its sets?
bool has_pool_of_size(const MixedGraph& graph, const Pools& pools, int k);

// May sets of size k be asked? If not, notes which bound forbids it: `max_order` (-1: none), called `option`
// in the note, or the test's own, which comes from the number of samples.
bool within_bounds(SearchResult& found, const CiTest& test, int k, int max_order, const char* option);

// The adjacency search of PC-stable (Colombo & Maathuis 2014): sizes 0, 1, ... while some edge has so many
// neighbours; candidates are the neighbours at the start of each size. All marks are circles.
SearchResult pc_stable_skeleton(const CiTest& test, int max_order = -1);

}  // namespace why
