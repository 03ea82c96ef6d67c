#include "discovery/graph/compare_pags.h"

#include <algorithm>
#include <map>

#include "core/errors.h"
#include "core/printable.h"

namespace why {
namespace {

std::optional<double> ratio(int part, int whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / whole;
}

void count(Agreement& agreement, bool in_truth, bool in_found) {
  agreement.right += in_truth && in_found;
  agreement.extra += !in_truth && in_found;
  agreement.missing += in_truth && !in_found;
}

void count(MarkAgreement& marks, Mark truth, Mark found) {
  count(marks.arrowhead, truth == Mark::arrow, found == Mark::arrow);
  count(marks.tail, truth == Mark::tail, found == Mark::tail);
  count(marks.circle, truth == Mark::circle, found == Mark::circle);
}

// Names in `of` that `among` lacks: `"A", "B" and 3 more`; empty when there are none.
std::string names_outside(std::span<const std::string> of, std::span<const std::string> among) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> known(among.begin(), among.end()), outside;
  std::ranges::sort(known);
  for (const auto& name : of)
    if (!std::ranges::binary_search(known, name)) outside.push_back(name);
  std::ranges::sort(outside);
  std::string out;
  for (std::size_t i = 0; i < std::min(outside.size(), kShown); ++i)
    out += text(i > 0 ? ", " : "", "\"", printable(outside[i]), "\"");
  if (outside.size() > kShown) out += text(" and ", outside.size() - kShown, " more");
  return out;
}

}  // namespace

std::optional<double> Agreement::precision() const { return ratio(right, right + extra); }
std::optional<double> Agreement::recall() const { return ratio(right, right + missing); }
std::optional<double> Agreement::f1() const { return ratio(2 * right, 2 * right + extra + missing); }

PagComparison compare_pags(const MixedGraph& truth, const MixedGraph& found) {
  WHY_ASSERT(truth.num_nodes() == found.num_nodes());
  PagComparison out;
  out.nodes = truth.num_nodes();
  for (Node x = 0; x < out.nodes; ++x)
    for (Node y = x + 1; y < out.nodes; ++y) {
      const bool in_truth = truth.adjacent(x, y), in_found = found.adjacent(x, y);
      count(out.adjacency, in_truth, in_found);
      int differing = 0;
      for (const auto& [from, at] : {std::pair{x, y}, std::pair{y, x}}) {
        count(out.marks, truth.mark(from, at), found.mark(from, at));
        if (in_truth && in_found) count(out.on_common, truth.mark(from, at), found.mark(from, at));
        differing += truth.mark(from, at) != found.mark(from, at);
      }
      out.mark_hamming += differing;
      if (differing > 0) out.different.emplace_back(x, y);
    }
  out.structural_hamming = static_cast<int>(out.different.size());
  return out;
}

MixedGraph renumbered(const NamedGraph& named, std::span<const std::string> names, std::string_view source,
                      std::string_view other) {
  const std::string here = names_outside(named.names, names), there = names_outside(names, named.names);
  WHY_CHECK(here.empty() && there.empty(), source, " and ", other,
            " have different nodes:", here.empty() ? "" : text(" ", here, " only in ", source),
            here.empty() || there.empty() ? "" : ",",
            there.empty() ? "" : text(" ", there, " only in ", other));
  std::map<std::string_view, Node> number;
  for (std::size_t i = 0; i < names.size(); ++i) number[names[i]] = static_cast<Node>(i);
  MixedGraph out(named.graph.num_nodes());
  for (Node x = 0; x < out.num_nodes(); ++x)
    for (const Node y : named.graph.neighbors(x))
      if (x < y)
        out.connect(number.at(named.names[static_cast<std::size_t>(x)]),
                    number.at(named.names[static_cast<std::size_t>(y)]), named.graph.mark(y, x),
                    named.graph.mark(x, y));
  return out;
}

}  // namespace why
