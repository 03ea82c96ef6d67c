#include "discovery/search/ordicd.h"

#include <algorithm>

#include "core/errors.h"
#include "discovery/graph/pds.h"
#include "discovery/search/skeleton.h"

namespace why {
namespace {

// Sets of size r for the edges of one node with those before it.
class SetsBefore {
 public:
  SetsBefore(const MixedGraph& graph, std::span<const Node> order, std::size_t base, int r)
      : graph_(graph), base_(order[base]), r_(r) {
    for (const Node later : order.subspan(base + 1))
      for (const Node x : graph_.neighbors(later)) graph_.disconnect(x, later);
    if (r > 1) above_ = possible_ancestors(graph_);
  }

  // Tells use(x, sets) for every neighbour x of the node; of more than `most` sets only that there are more.
  template <class Use>
  void for_each_edge(int most, Use&& use) const {
    const PdsPaths paths(graph_);
    const PdsTree tree = paths.tree(base_, r_);
    for (const Node x : graph_.neighbors(base_)) use(x, paths.legal_sets(tree, r_, members_for(x), most));
  }

 private:
  // Possible ancestors of either end; in round 1 every neighbour of the node, as in icd.
  NodeSet members_for(Node x) const {
    NodeSet members(r_ > 1 ? above_.row(base_) : graph_.neighbor_bits(base_));
    if (r_ > 1) members |= above_.row(x);
    members.erase(x);
    members.erase(base_);
    return members;
  }

  MixedGraph graph_;  // without what comes after the node
  Node base_;
  int r_;
  BitMatrix above_;  // from round 2 on
};

class OrderedSearch {
 public:
  OrderedSearch(const CiTest& test, const OrdIcdOptions& options)
      : test_(test),
        options_(options),
        knowledge_(knowledge_of_order(options.order, test.num_nodes())),
        found_(nothing_separated(test)),
        evidence_(found_.sepsets) {
    if (options.knowledge) knowledge_ = *options.knowledge;
    WHY_ASSERT(!options.knowledge || knowledge_.total_order() == options.order);
    evidence_.knowledge = &knowledge_;
    complete_ = found_.graph;
  }

  SearchResult run() {
    const RuleChoice rules{false, options_.tails};
    try {
      ask_rounds();
      take_orientation(found_, orient(found_.graph, evidence_, rules));
    } catch (const Stopped&) {
      take_unfinished(found_, found_.rounds > 0 ? orient(complete_, evidence_, rules)
                                                : orient_known(complete_, evidence_));
    }
    return std::move(found_);
  }

 private:
  // Places in the order: the later nodes of the pairs to ask about.
  struct Bases {
    std::size_t begin, end;
  };

  void ask_rounds() {
    if (options_.node_by_node) {
      for (std::size_t base = 1; base < options_.order.size(); ++base) search({base, base + 1});
    } else if (!options_.order.empty()) {
      search({1, options_.order.size()});
    }
  }

  void search(const Bases& bases) {
    for (int r = 0; has_sets(bases, r); ++r) {
      if (!within_bounds(found_, test_, r, options_.max_order, "max-order")) break;
      const bool complete = ask_round(bases, r);
      found_.graph = orient_marks(found_.graph, evidence_, kRules1To4);
      complete_ = found_.graph;
      found_.rounds = std::max(found_.rounds, r + 1);
      if (complete) continue;
      note_bound(found_, text("max-sets-per-edge ", options_.max_sets_per_edge, " (order ", r, ")"));
      break;
    }
  }

  bool has_sets(const Bases& bases, int r) const {
    bool any = false;
    if (r == 0) {
      for_each_open_edge(bases, [&](Node, Node) { any = true; });
      return any;
    }
    for (std::size_t base = bases.begin; base < bases.end && !any; ++base) {
      throw_if_stopped(test_);
      SetsBefore(found_.graph, options_.order, base, r).for_each_edge(1, [&](Node x, const LegalSets& sets) {
        any |= sets.count() > 0 && !knowledge_.are_joined(options_.order[base], x);
      });
    }
    return any;
  }

  // Calls use(x, y) for every edge from one of the bases to what comes before it, unless it is known to stay.
  template <class Use>
  void for_each_open_edge(const Bases& bases, Use&& use) const {
    NodeSet before(test_.num_nodes());
    for (std::size_t i = 0; i < bases.end; ++i) {
      const Node base = options_.order[i];
      if (i >= bases.begin)
        for_each_bit(found_.graph.neighbor_bits(base), [&](Node x) {
          if (before.contains(x) && !knowledge_.are_joined(base, x)) use(base, x);
        });
      before.insert(base);
    }
  }

  // Given nothing: all pairs at once, or those of the bases.
  void ask_unconditionally(const Bases& bases) {
    if (!options_.node_by_node) return separate_given_nothing(found_, test_, Stage::icd_sep, knowledge_);
    ListedSets listed(found_, test_, 0, Stage::icd_sep);
    for_each_open_edge(bases, [&](Node x, Node y) { listed.add(x, y, {}, 1); });
    listed.ask();
  }

  // False if some edge had too many sets to list and was not asked about.
  bool ask_round(const Bases& bases, int r) {
    if (r == 0) {
      ask_unconditionally(bases);
      return true;
    }
    const MixedGraph graph = found_.graph;
    bool complete = true;
    ListedSets listed(found_, test_, r, Stage::icd_sep);
    for (std::size_t base = bases.begin; base < bases.end; ++base) {
      throw_if_stopped(test_);
      SetsBefore(graph, options_.order, base, r)
          .for_each_edge(options_.max_sets_per_edge, [&](Node x, const LegalSets& sets) {
            if (knowledge_.are_joined(options_.order[base], x)) return;
            complete &= sets.complete;
            if (sets.complete) listed.add(options_.order[base], x, sets.members, sets.count());
          });
    }
    listed.ask();
    return complete;
  }

  const CiTest& test_;
  const OrdIcdOptions& options_;
  Knowledge knowledge_;
  SearchResult found_;
  Evidence evidence_;
  MixedGraph complete_;  // behind the last round that was completed
};

}  // namespace

SearchResult ordicd(const CiTest& test, const OrdIcdOptions& options) {
  return OrderedSearch(test, options).run();
}

}  // namespace why
