#include "discovery/graph/verify_pag.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/errors.h"
#include "discovery/graph/notation.h"

namespace why {
namespace {

Verdict judge(Mark claimed, const EndMarks& truth) {
  const bool contradicted = (claimed == Mark::arrow && truth.tail) || (claimed == Mark::tail && truth.arrow);
  if (contradicted) return Verdict::unsound;
  if (!truth.complete) return Verdict::undecided;
  return claimed == Mark::circle && !(truth.arrow && truth.tail) ? Verdict::incomplete : Verdict::right;
}

std::string_view members_have(const EndMarks& truth) {
  if (truth.arrow && truth.tail) return "members have either";
  if (truth.arrow)
    return truth.complete ? "all members have an arrowhead" : "no member with a tail was found";
  if (truth.tail) return truth.complete ? "all members have a tail" : "no member with an arrowhead was found";
  return "no member was found";
}

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::right:
      return "right";
    case Verdict::unsound:
      return "unsound";
    case Verdict::incomplete:
      return "incomplete";
    case Verdict::undecided:
      return "undecided";
  }
  WHY_ASSERT(false);
}

std::string summary(const PagVerdict& verdict) {
  const auto undecided = verdict.count(Verdict::undecided);
  const auto wrong = verdict.count(Verdict::unsound) + verdict.count(Verdict::incomplete);
  if (!verdict.missing.empty() || !verdict.extra.empty() || wrong > 0) return "This is not the true PAG";
  if (undecided > 0) return "No mistake was found, but not every mark could be decided";
  return "This is the true PAG";
}

}  // namespace

int PagVerdict::count(Verdict verdict) const {
  return static_cast<int>(std::ranges::count(marks, verdict, &MarkVerdict::verdict));
}

bool PagVerdict::right() const {
  return missing.empty() && extra.empty() && count(Verdict::right) == static_cast<int>(marks.size());
}

PagVerdict verify_pag(const MixedGraph& pag, const Separations& truth, const ClassOptions& options) {
  WHY_CHECK(pag.num_nodes() == truth.num_nodes(), "a graph of ", pag.num_nodes(),
            " nodes cannot be compared with the separations of ", truth.num_nodes());
  const MarkovClass members(truth, options);
  PagVerdict verdict;
  verdict.pag = pag;
  verdict.steps = members.steps();
  for (Node x = 0; x < pag.num_nodes(); ++x)
    for (Node y = x + 1; y < pag.num_nodes(); ++y) {
      if (members.adjacent(x, y) && !pag.adjacent(x, y)) verdict.missing.emplace_back(x, y);
      if (!members.adjacent(x, y) && pag.adjacent(x, y)) verdict.extra.emplace_back(x, y);
      if (!members.adjacent(x, y) || !pag.adjacent(x, y)) continue;
      for (const auto& [from, at] : {std::pair{x, y}, std::pair{y, x}}) {
        const Mark claimed = pag.mark(from, at);
        const EndMarks marks = members.marks(from, at);
        verdict.marks.push_back({from, at, claimed, marks, judge(claimed, marks)});
      }
    }
  return verdict;
}

std::string to_text(const PagVerdict& verdict, std::span<const std::string> names) {
  const auto name = [&](Node x) { return names[static_cast<std::size_t>(x)]; };
  // as the format `edges` writes it
  const auto edge = [&](Node x, Node y) {
    if (name(y) < name(x)) std::swap(x, y);
    return text(name(x), " ", edge_symbol(verdict.pag.mark(y, x), verdict.pag.mark(x, y)), " ", name(y));
  };
  std::string out = summary(verdict);
  out += text(": of ", verdict.marks.size(), " marks ", verdict.count(Verdict::right), " are right, ",
              verdict.count(Verdict::unsound), " unsound, ", verdict.count(Verdict::incomplete),
              " incomplete, ", verdict.count(Verdict::undecided), " undecided, and ",
              verdict.missing.size() + verdict.extra.size(),
              " adjacencies are wrong; judged by all graphs with the same m-separations (", verdict.steps,
              " steps).");
  for (const auto& [x, y] : verdict.missing)
    out += text(" An edge between ", name(x), " and ", name(y), " is missing.");
  for (const auto& [x, y] : verdict.extra)
    out += text(" No edge belongs between ", name(x), " and ", name(y), ".");
  for (const MarkVerdict& mark : verdict.marks)
    if (mark.verdict != Verdict::right)
      out += text(" In ", edge(mark.x, mark.y), " the ", mark_name(mark.claimed), " at ", name(mark.y),
                  " is ", word(mark.verdict), ": ", members_have(mark.truth), ".");
  return out;
}

}  // namespace why
