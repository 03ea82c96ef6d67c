// What is known before any test.
//
// Statements are about the graph behind the data, hidden variables included; "A is a cause of B" means that a
// directed path leads from A to B.
//
//   tiers              a variable of a later tier is no cause of one of an earlier tier
//   order              tiers of one variable each
//   forbidden A --> B  A is no cause of B, neither directly nor through others
//   required  A --> B  A is a direct cause of B, so that no set separates them
//
// (A forbidden *direct* edge alone would say nothing about a graph with hidden variables: A may still cause B
// through others, and then A *-* B cannot be told from A --> B.)
//
// Knowledge excludes selection. Where the sample was selected, a tail at B says that B causes A or what was
// selected on, so that neither time nor a forbidden direction could set an arrowhead; rules R5-R7 are for
// selection only and are left out together with it.
//
// What searches make of it:
//   - marks: A *-> B where B is known to be no cause of A; A --> B where required. The rules go on from
//     there; they stay sound, and with tiers they are complete (Andrews, Spirtes, Cooper 2020, "On the
//     completeness of causal discovery in the presence of latent confounding with tiered background
//     knowledge")
//   - required pairs are never asked about
//   - no set is asked about x and y that holds a variable after both (what rfci checks of triples and paths
//     aside): if any set separates them, their ancestors do (Richardson & Spirtes 2002, section 4), and none
//     of these comes after both
#pragma once

#include <optional>
#include <vector>

#include "discovery/graph/mixed_graph.h"

namespace why {

class Knowledge {
 public:
  // Nothing is known of so many nodes.
  explicit Knowledge(int num_nodes = 0) : num_nodes_(num_nodes) {}

  // No contradictions are looked for here (knowledge_file.h does).
  void set_tier(Node x, int tier);  // 0 or more
  void forbid(Node cause, Node effect);
  void require(Node cause, Node effect);
  void call_tiers_order() { tier_rule_ = "order"; }

  bool empty() const { return tier_.empty() && forbidden_.empty() && required_.empty(); }

  // -1 where none is known.
  int tier(Node x) const { return tier_.empty() ? -1 : tier_[static_cast<std::size_t>(x)]; }
  bool comes_after(Node x, Node y) const { return tier(y) >= 0 && tier(x) > tier(y); }
  bool is_forbidden(Node cause, Node effect) const { return has(forbidden_, cause, effect); }
  bool is_required(Node cause, Node effect) const { return has(required_, cause, effect); }

  // In either direction: the two are adjacent whatever tests say.
  bool are_joined(Node x, Node y) const { return is_required(x, y) || is_required(y, x); }
  bool is_no_cause(Node x, Node y) const {
    return comes_after(x, y) || is_forbidden(x, y) || is_required(y, x);
  }
  // Can z be needed to separate x and y?
  bool may_separate(Node z, Node x, Node y) const { return !(comes_after(z, x) && comes_after(z, y)); }

  // What the knowledge says of the mark at y of an edge x - y: Mark::none where it says nothing.
  Mark mark(Node x, Node y) const;
  // Where it says something: "order", "tier", "forbidden" or "required".
  const char* rule(Node x, Node y) const;

  // All nodes by tier, if no two are in the same.
  std::optional<std::vector<Node>> total_order() const;

 private:
  static bool has(const std::vector<BitMatrix>& relation, Node x, Node y) {
    return !relation.empty() && relation.front().has(x, y);
  }
  void add(std::vector<BitMatrix>& relation, Node x, Node y);

  int num_nodes_;
  const char* tier_rule_ = "tier";
  std::vector<int> tier_;  // [n], or empty
  std::vector<BitMatrix> forbidden_,
      required_;  // row(cause): effects; one, or none as long as it would be empty
};

inline const Knowledge kNothingKnown;

// A search's own option: a pointer that may be null.
inline const Knowledge& knowledge_or_none(const Knowledge* knowledge) {
  return knowledge ? *knowledge : kNothingKnown;
}

// Tiers of one node each, ancestors first. UserError unless every node is in the order once.
Knowledge knowledge_of_order(const std::vector<Node>& order, int num_nodes);

}  // namespace why
