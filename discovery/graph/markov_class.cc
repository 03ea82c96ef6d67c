#include "discovery/graph/markov_class.h"

#include <bit>

#include "core/errors.h"

namespace why {
namespace {

constexpr Mark opposite(Mark mark) { return mark == Mark::arrow ? Mark::tail : Mark::arrow; }

constexpr const char* kNoMember =
    "no ancestral graph has exactly these separations, so they are not those of a DAG";

}  // namespace

MarkovClass::MarkovClass(const Separations& separations, const ClassOptions& options)
    : separations_(separations), options_(options) {
  start_.n = separations.num_nodes();
  read_skeleton_and_triples();
  settle_ends();
}

void MarkovClass::read_skeleton_and_triples() {
  for (Node x = 0; x < start_.n; ++x)
    for (Node y = 0; y < start_.n; ++y)
      if (x != y && separations_.separating(x, y) == 0) start_.adjacent |= entry(x, y);

  // The middle of x - v - y, x and y not adjacent, is in no separating set if it is a collider there and in
  // every one if it is not: else x - v - y itself connects.
  for (Node v = 0; v < start_.n; ++v)
    for (Node x = 0; x < start_.n; ++x)
      for (Node y = 0; y < start_.n; ++y) {
        const bool unshielded = x != y && adjacent(v, x) && adjacent(v, y) && !adjacent(x, y);
        if (!unshielded) continue;
        if ((separations_.separating(x, y) & Separations::sets_with(v, x, y)) != 0)
          noncolliders_[v][x] |= 1u << y;
        else
          start_.arrow |= entry(v, x) | entry(v, y);
      }
}

// Finds a member for each mark at each end, or the proof that there is none. A member shows many marks.
void MarkovClass::settle_ends() {
  WHY_CHECK(narrow(start_), kNoMember);
  const Answer any = find_member(start_, steps_ + options_.max_steps);
  WHY_CHECK(any != Answer::none, kNoMember);
  if (any == Answer::out_of_steps) return;
  for (Node v = 0; v < start_.n; ++v)
    for (Node u = 0; u < start_.n; ++u)
      if (adjacent(v, u)) ends_[v][u].complete = settle_end({v, u});
}

bool MarkovClass::settle_end(const End& end) {
  const EndMarks& seen = ends_[end.at][end.from];
  const bool forced = (start_.open() & entry(end.at, end.from)) == 0;
  if (forced || (seen.arrow && seen.tail)) return true;

  const Mark known = seen.arrow ? Mark::arrow : Mark::tail;
  SmallMag other = with_mark(start_, end, opposite(known));
  const Answer answer = narrow(other) ? find_member(other, steps_ + options_.max_steps) : Answer::none;
  if (answer == Answer::none) {
    start_ = with_mark(start_, end, known);
    WHY_ASSERT(narrow(start_));
  }
  return answer != Answer::out_of_steps;
}

bool MarkovClass::narrow(SmallMag& mag) const { return propagate(mag) && fits(mag); }

// Adds the marks that follow from the definition, until nothing changes. False at a contradiction.
bool MarkovClass::propagate(SmallMag& mag) const {
  for (;;) {
    const SmallMag before = mag;
    // *-> x, so x has no undirected edge:   x -? y  =>  x --> y,   y -? x  =>  y --> x
    const Bits8x8 below = rows_in_use(mag.arrow);
    mag.arrow |= transposed(below & mag.tail) | (below & transposed(mag.tail));
    // x --- y, so no arrowhead at x or y
    mag.tail |= rows_in_use(mag.tail & transposed(mag.tail)) & mag.adjacent;
    // x --> .. --> y and x ?-? y, so no arrowhead at x:   x --> y
    const Bits8x8 ancestor = transitive_closure(mag.tail & transposed(mag.arrow)) & mag.adjacent;
    mag.tail |= ancestor;
    mag.arrow |= transposed(ancestor);
    // x *-> v ?-? y unshielded, v no collider   =>   v -? y
    for (Node v = 0; v < mag.n; ++v)
      for (unsigned rest = row_of(mag.arrow, v); rest != 0; rest &= rest - 1)
        mag.tail |= Bits8x8{noncolliders_[v][std::countr_zero(rest)]} << (8 * v);

    if ((mag.arrow & mag.tail) != 0) return false;
    if (mag == before) return true;
  }
}

// Can every separation and every connection of the model still hold? Without open marks: do they?
bool MarkovClass::fits(const SmallMag& mag) const {
  const Connections connections(mag);
  for (Node x = 0; x < mag.n; ++x)
    for (Node y = x + 1; y < mag.n; ++y) {
      if (adjacent(x, y)) continue;  // connected given every set, in the model and in the graph
      const SetMask connecting = separations_.connecting(x, y);
      const SetMask surely = connections.surely(x, y);
      if ((surely & ~connecting) != 0) return false;
      if (surely != connecting && (connecting & ~connections.possibly(x, y)) != 0) return false;
    }
  return true;
}

// Depth first; at each end the mark of the latest member first. `mag` is narrow.
MarkovClass::Answer MarkovClass::find_member(const SmallMag& mag, std::int64_t last_step) {
  if (mag.open() == 0) {
    note_member(mag);
    return Answer::found;
  }
  const End end = next_end(mag);
  const Mark likely = (latest_.arrow & entry(end.at, end.from)) != 0 ? Mark::arrow : Mark::tail;
  for (const Mark mark : {likely, opposite(likely)}) {
    if (steps_ == last_step) return Answer::out_of_steps;
    ++steps_;
    SmallMag next = with_mark(mag, end, mark);
    if (!narrow(next)) continue;
    const Answer answer = find_member(next, last_step);
    if (answer != Answer::none) return answer;
  }
  dead_end_[end.at][end.from] = steps_;
  return Answer::none;
}

// The open end to decide next: that of the latest dead end, so that what caused it is met early; else one
// whose edge already has a mark.
MarkovClass::End MarkovClass::next_end(const SmallMag& mag) const {
  const Bits8x8 half_open = mag.open() & ~transposed(mag.open());
  End best = first_end(half_open != 0 ? half_open : mag.open());
  for (Bits8x8 rest = mag.open(); rest != 0; rest &= rest - 1) {
    const End end = first_end(rest);
    if (dead_end_[end.at][end.from] > dead_end_[best.at][best.from]) best = end;
  }
  return best;
}

void MarkovClass::note_member(const SmallMag& member) {
  latest_ = member;
  for (Node v = 0; v < member.n; ++v)
    for (Node u = 0; u < member.n; ++u) {
      ends_[v][u].arrow |= (member.arrow & entry(v, u)) != 0;
      ends_[v][u].tail |= (member.tail & entry(v, u)) != 0;
    }
}

bool MarkovClass::complete() const {
  for (Node v = 0; v < start_.n; ++v)
    for (Node u = 0; u < start_.n; ++u)
      if (adjacent(v, u) && !ends_[v][u].complete) return false;
  return true;
}

MixedGraph MarkovClass::pag() const {
  SmallMag shared{start_.n, start_.adjacent};
  for (Node v = 0; v < start_.n; ++v)
    for (Node u = 0; u < start_.n; ++u) {
      const EndMarks& end = ends_[v][u];
      if (!end.complete) continue;
      if (!end.tail) shared.arrow |= entry(v, u);
      if (!end.arrow) shared.tail |= entry(v, u);
    }
  return mixed_graph(shared);
}

void MarkovClass::for_each_member(const std::function<void(const MixedGraph&)>& visit) const {
  visit_members(start_, visit);
}

void MarkovClass::visit_members(const SmallMag& mag,
                                const std::function<void(const MixedGraph&)>& visit) const {
  if (mag.open() == 0) return visit(mixed_graph(mag));
  for (const Mark mark : {Mark::arrow, Mark::tail}) {
    SmallMag next = with_mark(mag, next_end(mag), mark);
    if (narrow(next)) visit_members(next, visit);
  }
}

SmallMag MarkovClass::with_mark(SmallMag mag, const End& end, Mark mark) {
  (mark == Mark::arrow ? mag.arrow : mag.tail) |= entry(end.at, end.from);
  return mag;
}

MarkovClass::End MarkovClass::first_end(Bits8x8 ends) {
  const int bit = std::countr_zero(ends);
  return {bit / 8, bit % 8};
}

MixedGraph true_pag(const Separations& separations, const ClassOptions& options) {
  const MarkovClass members(separations, options);
  WHY_CHECK(members.complete(), "some marks are still undecided after ", options.max_steps, " steps each");
  return members.pag();
}

}  // namespace why
