#include "discovery/search/icd.h"

#include <algorithm>
#include <optional>

#include "core/errors.h"
#include "discovery/graph/pds.h"
#include "discovery/search/skeleton.h"

namespace why {
namespace {

// The sets to ask in one round, all from the state of the graph at its start.
class IcdRound {
 public:
  // r >= 1.
  IcdRound(const MixedGraph& graph, int r, const Knowledge& knowledge)
      : graph_(graph),
        r_(r),
        knowledge_(knowledge),
        paths_(graph_),
        above_(r > 1 ? possible_ancestors(graph_) : BitMatrix()),
        trees_(index(graph.num_nodes())) {
    for (Node x = 0; x < graph.num_nodes(); ++x)
      for_each_bit(graph.neighbor_bits(x), [&](Node y) {
        if (x < y && !knowledge.are_joined(x, y)) edges_.emplace_back(x, y);
      });
  }

  IcdRound(const IcdRound&) = delete;  // paths_ points to graph_

  // Those that may be removed.
  const std::vector<std::pair<Node, Node>>& edges() const { return edges_; }

  bool has_sets(const CiTest& test) const {
    for (const auto& [x, y] : edges_) {
      throw_if_stopped(test);
      if (has_set(x, y)) return true;
    }
    return false;
  }

  // Appends the sets for the edge x - y to `out`, [count, r]; returns their number, or nothing when there are
  // more than `most` at one end.
  std::optional<int> append_sets(Node x, Node y, int most, std::vector<Node>& out) const {
    const NodeSet allowed = members_for(x, y);
    if (r_ == 1) return append_neighbors(x, y, allowed, most, out);
    const PdsTree &tree_x = tree(x), &tree_y = tree(y);
    const LegalSets near_x = paths_.legal_sets(tree_x, r_, allowed, most);
    const LegalSets near_y = paths_.legal_sets(tree_y, r_, allowed, most);
    if (!near_x.complete || !near_y.complete) return std::nullopt;

    // merge the two sorted lists
    int count = 0;
    for (int i = 0, j = 0; i < near_x.count() || j < near_y.count();) {
      const int order = compare(near_x, i, near_y, j);
      const bool from_x = order <= 0;
      const auto set = from_x ? near_x.set(i) : near_y.set(j);
      const int depth_sum = from_x ? near_x.depth_sum[index(i)] : near_y.depth_sum[index(j)];
      if (order == 0 || !is_nearer(from_x ? tree_y : tree_x, set, depth_sum)) {
        out.insert(out.end(), set.begin(), set.end());
        ++count;
      }
      i += order <= 0;
      j += order >= 0;
    }
    return count;
  }

 private:
  // Round 1, where the sets are single neighbours of either end, all of them equally near.
  std::optional<int> append_neighbors(Node x, Node y, Bits allowed, int most, std::vector<Node>& out) const {
    for (const Node end : {x, y})
      if (most >= 0 && count_common_bits(graph_.neighbor_bits(end), allowed) > most) return std::nullopt;
    const std::size_t before = out.size();
    for_each_bit(allowed, [&](Node z) { out.push_back(z); });
    return static_cast<int>(out.size() - before);
  }

  // Is there a set for the edge x - y?
  bool has_set(Node x, Node y) const {
    const NodeSet allowed = members_for(x, y);
    return paths_.legal_sets(tree(x), r_, allowed, 1).count() > 0 ||
           paths_.legal_sets(tree(y), r_, allowed, 1).count() > 0;
  }

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  // Made when it is first asked for.
  const PdsTree& tree(Node x) const {
    PdsTree& out = trees_[index(x)];
    if (out.root < 0) out = paths_.tree(x, r_);
    return out;
  }

  // Who may be in a set for x - y: the possible ancestors of either, from round 2 on. In round 1 every
  // neighbour may: all arrowheads then rest on unconditional tests alone, and on data a few wrong ones among
  // these would keep most edges from ever being asked about.
  NodeSet members_for(Node x, Node y) const {
    NodeSet members(r_ > 1 ? above_.row(x) : graph_.neighbor_bits(x));
    members |= r_ > 1 ? above_.row(y) : graph_.neighbor_bits(y);
    members.erase(x);
    members.erase(y);
    if (!knowledge_.empty())
      for (const Node z : members.members())
        if (!knowledge_.may_separate(z, x, y)) members.erase(z);
    return members;
  }

  // Which comes first? Negative: a's set i; positive: b's set j; 0: they are the same, equally near.
  static int compare(const LegalSets& a, int i, const LegalSets& b, int j) {
    if (i == a.count()) return 1;
    if (j == b.count()) return -1;
    const int nearer = a.depth_sum[index(i)] - b.depth_sum[index(j)];
    if (nearer != 0) return nearer;
    const auto set_a = a.set(i), set_b = b.set(j);
    const auto [at_a, at_b] = std::mismatch(set_a.begin(), set_a.end(), set_b.begin());
    return at_a == set_a.end() ? 0 : *at_a - *at_b;
  }

  // Is the set legal from the other end too, at a smaller summed depth?
  bool is_nearer(const PdsTree& other, std::span<const Node> set, int depth_sum) const {
    int sum = 0;
    for (const Node node : set) {
      const int depth = other.depth[index(node)];
      if (depth < 0) return false;
      sum += depth;
    }
    return sum < depth_sum && paths_.is_legal(other.root, set);
  }

  const MixedGraph graph_;
  int r_;
  const Knowledge& knowledge_;
  std::vector<std::pair<Node, Node>> edges_;
  PdsPaths paths_;
  BitMatrix above_;                     // row(x): possible ancestors of x, from round 2 on
  mutable std::vector<PdsTree> trees_;  // filled in by the one thread that lists the sets
};

// False if some edge had too many sets to list and was not asked about.
bool ask_round(SearchResult& found, const CiTest& test, const IcdRound& round, int r,
               const IcdOptions& options) {
  ListedSets listed(found, test, r, Stage::icd_sep);
  bool complete = true;
  std::vector<Node> sets;
  for (const auto& [x, y] : round.edges()) {
    throw_if_stopped(test);
    sets.clear();
    const auto count = round.append_sets(x, y, options.max_sets_per_edge, sets);
    complete &= count.has_value();
    listed.add(x, y, sets, count.value_or(0));
  }
  listed.ask();
  return complete;
}

// All rounds; `complete` is the graph behind the last one that was completed.
class Rounds {
 public:
  Rounds(SearchResult& found, const CiTest& test, const Evidence& evidence, const IcdOptions& options,
         MixedGraph& complete)
      : found_(found), test_(test), evidence_(evidence), options_(options), complete_(complete) {}

  void ask_all() {
    const Knowledge& knowledge = knowledge_or_none(options_.knowledge);
    if (!has_open_edge(found_.graph, knowledge)) return;
    separate_given_nothing(found_, test_, Stage::icd_sep, knowledge);
    end_round();
    for (int r = 1;; ++r) {
      const IcdRound round(found_.graph, r, knowledge);
      if (!round.has_sets(test_)) break;
      if (!within_bounds(found_, test_, r, options_.max_order, "max-order")) break;
      const bool asked_all = ask_round(found_, test_, round, r, options_);
      end_round();
      if (asked_all) continue;
      note_bound(found_, text("max-sets-per-edge ", options_.max_sets_per_edge, " (order ", r, ")"));
      break;
    }
  }

 private:
  static bool has_open_edge(const MixedGraph& graph, const Knowledge& knowledge) {
    bool out = false;
    for (Node x = 0; x < graph.num_nodes() && !out; ++x)
      for_each_bit(graph.neighbor_bits(x), [&](Node y) { out |= !knowledge.are_joined(x, y); });
    return out;
  }

  void end_round() {
    found_.graph = orient_marks(found_.graph, evidence_, kRules1To4);
    complete_ = found_.graph;
    ++found_.rounds;
    if (options_.keep_snapshots) found_.snapshots.push_back(found_.graph);
  }

  SearchResult& found_;
  const CiTest& test_;
  const Evidence& evidence_;
  const IcdOptions& options_;
  MixedGraph& complete_;
};

}  // namespace

SearchResult icd(const CiTest& test, const IcdOptions& options) {
  SearchResult found = nothing_separated(test);
  const Evidence evidence(found.sepsets, options.knowledge);
  MixedGraph complete = found.graph;
  try {
    Rounds(found, test, evidence, options, complete).ask_all();
    take_orientation(found, orient(found.graph, evidence, options.rules));
  } catch (const Stopped&) {
    take_unfinished(found, found.rounds > 0 ? orient(complete, evidence, options.rules)
                                            : orient_known(complete, evidence));
  }
  return found;
}

}  // namespace why
