#include "bench/search_digest.h"

#include <bit>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

void add(std::string& all, std::int64_t value) { all += text(value, " "); }

template <class Numbers>
void add_list(std::string& all, const Numbers& numbers) {
  add(all, static_cast<std::int64_t>(std::size(numbers)));
  for (const auto number : numbers) add(all, number);
}

void add_graph(std::string& all, const MixedGraph& graph) {
  add(all, graph.num_nodes());
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (Node y = 0; y < graph.num_nodes(); ++y)
      all += static_cast<char>('0' + static_cast<int>(graph.mark(x, y)));
}

void add_sepsets(std::string& all, const SepSets& sepsets) {
  add(all, sepsets.count());
  for (Node x = 0; x < sepsets.num_nodes(); ++x)
    for (Node y = 0; y < sepsets.num_nodes(); ++y) {
      const auto sepset = sepsets.find(x, y);
      if (!sepset) continue;
      add_list(all, sepset->set);
      add(all, std::bit_cast<std::int64_t>(sepset->p_value));
      add(all, static_cast<int>(sepset->stage));
    }
}

void add_result(std::string& all, const SearchResult& result) {
  add_graph(all, result.graph);
  add_sepsets(all, result.sepsets);
  add_list(all, result.tests);
  for (const std::int64_t number : {result.degenerate, std::int64_t{result.conflicts},
                                    std::int64_t{result.rounds}, std::int64_t{result.stopped}})
    add(all, number);
  for (const std::string& bound : result.bounds_hit) all += bound + "\n";
  for (const auto& [x, y, mark, because] : result.reasons) {
    all += because.rule;
    add_list(all, because.path);
    add_list(all, because.second);
    add_list(all, std::array{x, y, static_cast<Node>(mark)});
  }
  for (const auto& [x, z, y] : result.unsure) add_list(all, std::array{x, z, y});
  for (const MixedGraph& graph : result.snapshots) add_graph(all, graph);
}

}  // namespace

std::string digest(std::span<const SearchResult> results) {
  std::string all;
  for (const SearchResult& result : results) add_result(all, result);
  return sha256(all);
}

}  // namespace why
