#include "discovery/search/orientation.h"

#include <algorithm>
#include <optional>

#include "core/errors.h"
#include "discovery/search/small_marks.h"

namespace why {
namespace {

constexpr Mark kMarks[] = {Mark::circle, Mark::arrow, Mark::tail};

bool is_chosen(std::size_t rule, const RuleChoice& choice) {
  if (rule < 4) return true;                   // R1-R4
  if (rule < 7) return choice.selection_bias;  // R5-R7
  return choice.tails;                         // R8-R10
}

Ruling ruling_on(const Triple& triple, const SepSet& sepset, const Evidence& evidence) {
  if (evidence.rulings) return evidence.rulings->of(triple);
  return std::ranges::find(sepset.set, triple[1]) != sepset.set.end() ? Ruling::noncollider
                                                                      : Ruling::collider;
}

// Calls use(x, z, y, ruling) for every unshielded x *-* z *-* y whose ends some set separates, x < y. In the
// order of x, y, z.
template <class Use>
void for_each_unshielded(const MixedGraph& graph, const Evidence& evidence, Use&& use) {
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for_each_bit(two_steps_away(graph, x), [&](Node y) {
      if (y < x) return;
      const auto sepset = evidence.sepsets->find(x, y);
      if (!sepset) return;
      for_each_common_bit(graph.neighbor_bits(x), graph.neighbor_bits(y), [&](Node z) {
        use(x, z, y, ruling_on({x, z, y}, *sepset, evidence));
      });
    });
}

// The same in the order of x, z, y, which takes a fraction of the time where neighbours are many.
template <class Use>
void for_each_unshielded_by_middle(const MixedGraph& graph, const Evidence& evidence, Use&& use) {
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for_each_bit(graph.neighbor_bits(x), [&](Node z) {
      NodeSet ends(graph.neighbor_bits(z));
      ends -= graph.neighbor_bits(x);
      for_each_bit(ends, [&](Node y) {
        if (y <= x) return;
        if (const auto sepset = evidence.sepsets->find(x, y))
          use(x, z, y, ruling_on({x, z, y}, *sepset, evidence));
      });
    });
}

// Calls use(x, y, mark) for every end whose mark, the one at y, is known.
template <class Use>
void for_each_known_end(const MixedGraph& graph, const Evidence& evidence, Use&& use) {
  const Knowledge& knowledge = knowledge_or_none(evidence.knowledge);
  if (knowledge.empty()) return;
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for_each_bit(graph.neighbor_bits(x), [&](Node y) {
      const Mark mark = knowledge.mark(x, y);
      if (mark != Mark::none) use(x, y, mark);
    });
}

// Circles, and what is known.
MixedGraph with_known_marks(const MixedGraph& skeleton, const Evidence& evidence) {
  MixedGraph graph(skeleton.num_nodes());
  for (Node x = 0; x < skeleton.num_nodes(); ++x)
    for_each_bit(skeleton.neighbor_bits(x), [&](Node y) {
      if (x < y) graph.connect(x, y, Mark::circle, Mark::circle);
    });
  for_each_known_end(skeleton, evidence, [&](Node x, Node y, Mark mark) { graph.set_mark(x, y, mark); });
  return graph;
}

std::vector<MarkReason> known_reasons(const MixedGraph& skeleton, const Evidence& evidence) {
  std::vector<MarkReason> out;
  for_each_known_end(skeleton, evidence, [&](Node x, Node y, Mark mark) {
    out.push_back({x, y, mark, {evidence.knowledge->rule(x, y), {x, y}}});
  });
  return out;
}

// To their fixpoint.
void apply_rules(Sketch& sketch, const RuleChoice& choice) {
  const auto rules = orientation_rules();
  for (std::size_t i = 0; i < rules.size();)
    if (is_chosen(i, choice) && rules[i].apply(sketch))
      i = 0;  // something new for the rules above
    else
      ++i;
}

NodeWord word_of_set(std::span<const Node> set) {
  NodeWord out = 0;
  for (const Node x : set) out |= word_of(x);
  return out;
}

MixedGraph with_marks(const MixedGraph& skeleton, const SmallMarks& marks) {
  MixedGraph out(skeleton.num_nodes());
  const auto mark_at = [&](Node x, Node y) {
    return in_word(marks.arrow_here[x], y)  ? Mark::arrow
           : in_word(marks.tail_here[x], y) ? Mark::tail
                                            : Mark::circle;
  };
  for (Node x = 0; x < skeleton.num_nodes(); ++x)
    for_each_bit(skeleton.neighbor_bits(x), [&](Node y) {
      if (x < y) out.connect(x, y, mark_at(x, y), mark_at(y, x));
    });
  return out;
}

// R0-R4 on a small graph, where separating sets are all the evidence and every pair that is not adjacent has
// one; else nothing.
std::optional<MixedGraph> orient_in_words(const MixedGraph& skeleton, const Evidence& evidence,
                                          const RuleChoice& choice) {
  const int n = skeleton.num_nodes();
  if (n < 2 || n > kMostInWord || choice.selection_bias || choice.tails || evidence.rulings ||
      !knowledge_or_none(evidence.knowledge).empty() || evidence.path_check)
    return std::nullopt;
  SmallMarks marks;
  marks.n = n;
  std::vector<NodeWord> sets(static_cast<std::size_t>(pair_index(n - 2, n - 1) + 1));
  for (Node x = 0; x < n; ++x) {
    marks.neighbors[x] = skeleton.neighbor_bits(x).front();
    for (Node y = 0; y < x; ++y) {
      if (in_word(marks.neighbors[x], y)) continue;
      const auto found = evidence.sepsets->find(x, y);
      if (!found) return std::nullopt;
      sets[static_cast<std::size_t>(pair_index(x, y))] = word_of_set(found->set);
    }
  }
  orient_small(marks, sets.data());
  return with_marks(skeleton, marks);
}

}  // namespace

Sketch::Sketch(MixedGraph graph, Evidence evidence)
    : graph_(std::move(graph)),
      evidence_(std::move(evidence)),
      none_(graph_.num_nodes()),
      here_(std::size(kMarks), BitMatrix(graph_.num_nodes())),
      there_(here_),
      contradicted_(graph_.num_nodes()) {
  for (Node x = 0; x < num_nodes(); ++x)
    for_each_bit(neighbors(x), [&](Node y) {
      here_[index(graph_.mark(y, x))].set(x, y);
      there_[index(graph_.mark(x, y))].set(x, y);
    });
}

Bits Sketch::unsure_across(Node z, Node x) const {
  return evidence_.rulings ? evidence_.rulings->unsure_across(z, x) : Bits(none_);
}

bool Sketch::change(Node x, Node y, Mark at_y) {
  const Mark before = graph_.mark(x, y);
  WHY_ASSERT(before != Mark::none && at_y != Mark::circle);
  if (before == at_y) return false;
  if (before != Mark::circle) {
    contradicted_.set(x, y);
    return false;
  }
  graph_.set_mark(x, y, at_y);
  here_[index(before)].clear(y, x);
  here_[index(at_y)].set(y, x);
  there_[index(before)].clear(x, y);
  there_[index(at_y)].set(x, y);
  return true;
}

int Sketch::conflicts() const {
  int count = 0;
  BitMatrix contradicted = contradicted_;
  for_each_unshielded_by_middle(graph_, evidence_, [&](Node x, Node z, Node y, Ruling ruling) {
    count += ruling == Ruling::noncollider && graph_.is_collider(x, z, y);
    for (const Node end : {x, y})  // of R0, by a known tail
      if (ruling == Ruling::collider && graph_.mark(end, z) == Mark::tail) contradicted.set(end, z);
  });
  for (Node x = 0; x < num_nodes(); ++x) count += NodeSet(contradicted.row(x)).count();
  return count;
}

// R0   x *-* z *-* y,  x and y not adjacent,  z not in their separating set   =>   x *-> z <-* y
MixedGraph orient_colliders(const MixedGraph& skeleton, const Evidence& evidence) {
  MixedGraph graph = with_known_marks(skeleton, evidence);
  for_each_unshielded_by_middle(skeleton, evidence, [&](Node x, Node z, Node y, Ruling ruling) {
    if (ruling != Ruling::collider) return;
    for (const Node end : {x, y})
      if (graph.mark(end, z) == Mark::circle) graph.set_mark(end, z, Mark::arrow);
  });
  return graph;
}

std::vector<MarkReason> collider_reasons(const MixedGraph& skeleton, const Evidence& evidence) {
  std::vector<MarkReason> out = known_reasons(skeleton, evidence);
  BitMatrix done(skeleton.num_nodes());
  for (const MarkReason& known : out) done.set(known.x, known.y);
  for_each_unshielded(skeleton, evidence, [&](Node x, Node z, Node y, Ruling ruling) {
    if (ruling != Ruling::collider) return;
    for (const Node end : {x, y}) {
      if (done.has(end, z)) continue;
      done.set(end, z);
      out.push_back({end, z, Mark::arrow, {"R0", {x, z, y}}});
    }
  });
  return out;
}

Oriented orient_known(const MixedGraph& skeleton, const Evidence& evidence) {
  return {with_known_marks(skeleton, evidence), 0, known_reasons(skeleton, evidence)};
}

MixedGraph orient_marks(const MixedGraph& skeleton, const Evidence& evidence, const RuleChoice& choice) {
  if (auto marks = orient_in_words(skeleton, evidence, choice)) return std::move(*marks);
  Sketch sketch(orient_colliders(skeleton, evidence), evidence);
  apply_rules(sketch, choice);
  return sketch.graph();
}

Oriented orient(const MixedGraph& skeleton, const Evidence& evidence, const RuleChoice& choice) {
  Sketch sketch(orient_colliders(skeleton, evidence), evidence);
  apply_rules(sketch, choice);
  std::vector<MarkReason> reasons = collider_reasons(skeleton, evidence);
  reasons.insert(reasons.end(), sketch.reasons().begin(), sketch.reasons().end());
  return {sketch.graph(), sketch.conflicts(), std::move(reasons)};
}

}  // namespace why
