// The Markov equivalence class of an independence model, by exhaustive search: the reference that tells
// whether a PAG is right.
//
// Members are the maximal ancestral graphs (edges -->, <--, <->, ---; no directed cycle, no almost directed
// cycle, no arrowhead at a node with an undirected edge) that have exactly the given m-separations over all
// pairs and all sets. Their PAG shows the marks that all of them share (Zhang 2008).
//
// Nothing here knows FCI or its orientation rules. Two nodes are adjacent iff no set separates them, which
// also makes every member maximal. The marks are found by backtracking: each step adds what the definition
// of an ancestral graph and the unshielded triples force, and turns back when, whatever becomes of the open
// marks, a separation of the model is broken or a connection lost. Once no mark is open, that comparison is
// the full one of all m-separations.
//
// For up to 8 nodes. Exponential in the worst case; with 7 or 8 nodes usually about a millisecond.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "discovery/graph/small_mag.h"

namespace why {

struct ClassOptions {
  std::int64_t max_steps = 200'000;  // of backtracking, for each question "is there a member with this mark?"
};

// What members of the class have at one end of an edge.
struct EndMarks {
  bool arrow = false;     // some member has an arrowhead here
  bool tail = false;      // some member has a tail
  bool complete = false;  // both, or it was proved that no member has the other; false: out of steps
};

class MarkovClass {
 public:
  // UserError if no graph has these separations, which cannot be if a DAG has them.
  explicit MarkovClass(const Separations& separations, const ClassOptions& options = {});

  int num_nodes() const { return start_.n; }
  bool adjacent(Node x, Node y) const { return (start_.adjacent & entry(x, y)) != 0; }
  // At y, on the edge between x and y.
  EndMarks marks(Node x, Node y) const { return ends_[y][x]; }
  bool complete() const;  // every end is
  // The marks that all members share; a circle where they differ or it is not known.
  MixedGraph pag() const;

  std::int64_t steps() const { return steps_; }

  // Every member once, in a fixed order. Not bounded by max_steps: a complete graph of 8 nodes has too many.
  void for_each_member(const std::function<void(const MixedGraph&)>& visit) const;

 private:
  enum class Answer { found, none, out_of_steps };
  struct End {
    Node at, from;
  };

  void read_skeleton_and_triples();
  void settle_ends();
  bool settle_end(const End& end);
  bool narrow(SmallMag& mag) const;
  bool propagate(SmallMag& mag) const;
  bool fits(const SmallMag& mag) const;
  Answer find_member(const SmallMag& mag, std::int64_t last_step);
  End next_end(const SmallMag& mag) const;
  void note_member(const SmallMag& member);
  void visit_members(const SmallMag& mag, const std::function<void(const MixedGraph&)>& visit) const;

  static SmallMag with_mark(SmallMag mag, const End& end, Mark mark);
  static End first_end(Bits8x8 ends);

  Separations separations_;
  ClassOptions options_;
  SmallMag start_;  // what all members are known to share
  // noncolliders_[v][u]: row of the nodes w with u - v - w unshielded and v no collider on it
  std::array<std::array<unsigned, kMaxSmallNodes>, kMaxSmallNodes> noncolliders_{};
  std::array<std::array<EndMarks, kMaxSmallNodes>, kMaxSmallNodes> ends_{};
  SmallMag latest_;  // the member found last: the next one is sought near it
  std::array<std::array<std::int64_t, kMaxSmallNodes>, kMaxSmallNodes> dead_end_{};  // step of the last one
  std::int64_t steps_ = 0;
};

// The PAG of the DAG or MAG behind these separations. UserError as MarkovClass, and if it runs out of steps.
MixedGraph true_pag(const Separations& separations, const ClassOptions& options = {});

}  // namespace why
