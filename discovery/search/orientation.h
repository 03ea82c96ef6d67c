// Orienting edges: rules R0-R10 of Zhang 2008, "On the completeness of orientation rules for causal discovery
// in the presence of latent confounders and selection bias", each drawn above its code in
// orientation_rules.cc.
//
// What is known (knowledge.h) is marked first. R0 looks only at the skeleton and the separating sets, so no
// order of triples shows in it. The other rules then replace circles, and only circles: a mark once made
// stays. A rule runs, over its cases in ascending order of nodes, when the rules above it have nothing left
// to do; so the result is a fixpoint of all of them and depends on nothing but the input.
//
// Answers that fit no graph contradict each other. Two kinds are counted as conflicts, each case once:
//   - an end at which a rule wanted another mark than the one that stays there, which a rule or knowledge
//   made
//   - an unshielded collider a *-> b <-* c whose middle is in the set that separates a and c; its arrowheads
//     come from elsewhere, and stay
#pragma once

#include <functional>
#include <span>

#include "discovery/graph/mixed_graph.h"
#include "discovery/search/knowledge.h"
#include "discovery/search/mark_reason.h"
#include "discovery/search/sep_sets.h"
#include "discovery/search/triple_rulings.h"

namespace why {

// What the tests said, as far as it orients edges. All that is pointed to must outlive its use.
struct Evidence {
  Evidence(const SepSets& sets, const Knowledge* known = nullptr)  // sets alone are evidence enough
      : sepsets(&sets), knowledge(known) {}

  const SepSets* sepsets;
  // Decides R0 instead of the separating sets (colliders.h). A rule that needs a triple not to be a collider
  // is silent where the triple is unsure.
  const TripleRulings* rulings = nullptr;
  // Makes its marks before R0 does; they stay.
  const Knowledge* knowledge;
  // May R4 use the discriminating path <d, ..., a, b, c>? Without a check it may use every path.
  std::function<bool(std::span<const Node>)> path_check;
};

// A graph being oriented: its marks, and the same as rows of bits.
class Sketch {
 public:
  // What the evidence points to must outlive it.
  Sketch(MixedGraph graph, Evidence evidence);

  const MixedGraph& graph() const { return graph_; }
  const SepSets& sepsets() const { return *evidence_.sepsets; }
  int num_nodes() const { return graph_.num_nodes(); }

  // The nodes y, not adjacent to x, for which it is open whether z is a collider in x *-* z *-* y.
  Bits unsure_across(Node z, Node x) const;
  bool may_use(std::span<const Node> path) const {
    return !evidence_.path_check || evidence_.path_check(path);
  }

  Bits neighbors(Node x) const { return graph_.neighbor_bits(x); }
  // The nodes y whose edge to x has this mark at x ...
  Bits marked_here(Node x, Mark mark) const { return here_[index(mark)].row(x); }
  // ... and at y.
  Bits marked_there(Node x, Mark mark) const { return there_[index(mark)].row(x); }

  // Makes the circle at y of the edge x - y the given mark; true if it did. Another mark that is there
  // already stays, and if it is not the given one, that is a conflict. because() is called for a mark that is
  // made and returns the Because of its reason.
  template <class GiveReason>
  bool put(Node x, Node y, Mark at_y, GiveReason&& because) {
    if (!change(x, y, at_y)) return false;
    reasons_.push_back({x, y, at_y, because()});
    return true;
  }

  const std::vector<MarkReason>& reasons() const { return reasons_; }
  int conflicts() const;  // ends at which some conclusion wanted another mark

 private:
  static std::size_t index(Mark mark) { return static_cast<std::size_t>(mark) - 1; }
  bool change(Node x, Node y, Mark at_y);

  MixedGraph graph_;
  Evidence evidence_;
  NodeSet none_;
  std::vector<BitMatrix> here_, there_;  // one a mark
  BitMatrix contradicted_;
  std::vector<MarkReason> reasons_;
};

struct OrientationRule {
  const char* name;        // "R4"
  bool (*apply)(Sketch&);  // on all its cases; true if some mark changed
};

// R1 ... R10 in order.
std::span<const OrientationRule> orientation_rules();

// Which of them run. R1-R4 make all arrowheads.
struct RuleChoice {
  bool selection_bias = true;  // R5-R7: undirected edges, which only selection makes
  bool tails = true;           // R8-R10
};

inline constexpr RuleChoice kRules1To4{false, false};

struct Oriented {
  MixedGraph graph;
  int conflicts = 0;
  std::vector<MarkReason> reasons;  // one for each arrowhead and tail, in the order in which they were made
};

// Forgets all marks and applies knowledge and R0 only.
MixedGraph orient_colliders(const MixedGraph& skeleton, const Evidence& evidence);
// The reasons of its marks: knowledge, or the first triple that asks for each.
std::vector<MarkReason> collider_reasons(const MixedGraph& skeleton, const Evidence& evidence);

// Forgets all marks and applies knowledge only: what is true whatever the tests have still to say.
Oriented orient_known(const MixedGraph& skeleton, const Evidence& evidence);

// Forgets all marks, applies R0 and then the rules to their fixpoint.
Oriented orient(const MixedGraph& skeleton, const Evidence& evidence, const RuleChoice& choice);
// Its graph alone, for what a search does between its rounds.
MixedGraph orient_marks(const MixedGraph& skeleton, const Evidence& evidence, const RuleChoice& choice);

}  // namespace why
