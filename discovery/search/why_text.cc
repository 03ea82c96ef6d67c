#include "discovery/search/why_text.h"

#include <algorithm>
#include <cstdio>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/notation.h"
#include "discovery/graph/statements.h"

namespace why {
namespace {

class Teller {
 public:
  Teller(const SearchResult& found, std::span<const std::string> names) : found_(found), names_(names) {}

  std::string separated(Node x, Node y) const {
    const auto sepset = found_.sepsets.find(x, y);
    WHY_ASSERT(sepset);
    char p_value[32];
    std::snprintf(p_value, sizeof p_value, "%.3g", sepset->p_value);
    const std::string given =
        sepset->set.empty() ? "without conditioning" : "given " + in_braces(sepset->set);
    return text(name(x), " and ", name(y), " are not adjacent.\nThey are independent ", given,
                ": p = ", p_value, ", order ", sepset->set.size(), ", stage ", stage_name(sepset->stage),
                ".\n");
  }

  std::string joined(Node x, Node y) const {
    const MixedGraph& graph = found_.graph;
    const Because* because = reason_of(found_, x, y);
    const bool required = because && std::string(because->rule) == "required";
    return text(name(x), " ", edge_symbol(graph.mark(y, x), graph.mark(x, y)), " ", name(y), "\n",
                required ? "The pair was not asked about" : "No set that was asked separates ",
                required ? "" : text(name(x), " and ", name(y)), ".\n", end(y, x), end(x, y));
  }

 private:
  std::string name(Node x) const { return names_[static_cast<std::size_t>(x)]; }

  std::string listed(std::span<const Node> nodes) const {
    std::string out;
    for (const Node x : nodes) out += (out.empty() ? "" : ", ") + name(x);
    return out;
  }

  std::string in_braces(std::span<const Node> set) const {
    std::vector<Node> sorted(set.begin(), set.end());
    std::ranges::sort(sorted, {}, [&](Node x) { return name(x); });
    return "{" + listed(sorted) + "}";
  }
  std::string on_path(std::span<const Node> path) const { return "<" + listed(path) + ">"; }

  // The mark at y.
  std::string end(Node x, Node y) const {
    const Mark mark = found_.graph.mark(x, y);
    const std::string at = text("At ", name(y),
                                mark == Mark::arrow  ? " an arrowhead"
                                : mark == Mark::tail ? " a tail"
                                                     : " a circle");
    if (const Because* because = reason_of(found_, x, y))
      return text(at, ". ", because->rule, ": ", told(*because), ".\n");
    if (mark == Mark::circle) return at + ": no rule decides between arrowhead and tail.\n";
    if (found_.graph.mark(y, x) == Mark::arrow) return at + ", as the edge points away from it.\n";
    return at + ": no rule gives the edge a direction.\n";
  }

  std::string sepset_of(Node x, Node y) const {
    const auto sepset = found_.sepsets.find(x, y);
    return sepset ? in_braces(sepset->set) : "{}";
  }

  std::string apart(Node x, Node y) const { return text(name(x), " and ", name(y), " are not adjacent"); }

  bool separates(Node x, Node z, Node y) const {
    const auto sepset = found_.sepsets.find(x, y);
    return sepset && std::ranges::find(sepset->set, z) != sepset->set.end();
  }

  // What the drawing of the rule says of these nodes.
  std::string told(const Because& because) const {
    const auto& path = because.path;
    const auto at = [&](std::size_t i) { return name(path[i]); };
    const std::string rule = because.rule;
    if (rule == "order") return text(at(1), " comes after ", at(0), " in the causal order");
    if (rule == "tier") return text(at(1), " is in a later tier than ", at(0));
    if (rule == "forbidden") return text("the knowledge forbids ", at(1), " --> ", at(0));
    if (rule == "required") return "the knowledge requires this edge";
    if (rule == "R0" && separates(path[0], path[1], path[2]))
      return text(apart(path[0], path[2]), ", and the collider rule makes ", at(1),
                  " a collider between them");
    if (rule == "R0")
      return text(apart(path[0], path[2]), ", and ", sepset_of(path[0], path[2]), " separates them without ",
                  at(1));
    if (rule == "R1" || rule == "M1")
      return text("an arrowhead comes from ", at(0), " to ", at(1), ", ", apart(path[0], path[2]), ", and ",
                  at(1), " is no collider between them, so ", at(1), " --> ", at(2));
    if (rule == "R2" || rule == "M2")
      return text("an arrowhead from ", at(0), " over ", at(1), " to ", at(2),
                  ", one of the two edges directed; a tail would close a cycle");
    if (rule == "R3")
      return text(at(0), " and ", at(2), " meet in the collider ", at(1), " and not in ", at(3), ", and ",
                  apart(path[0], path[2]), "; a tail at ", at(1), " would make it their ancestor");
    if (rule == "M4")
      return text(apart(path[1], path[3]), ", ", at(1), " --> ", at(2), " --> ", at(3), ", and ", at(0),
                  " is no collider between them; the other direction would close a cycle");
    if (rule == "M3")
      return text(apart(path[1], because.second[1]), ", both point to ", at(2), ", and ", at(0),
                  " is no collider between them; the other direction would close a cycle");
    if (rule == "R4") return told_discriminating(path);
    if (rule == "R5")
      return text("the uncovered circle ", on_path(path), " of edges without a mark is undirected");
    if (rule == "R6") return text(at(0), " --- ", at(1), " is undirected, so no arrowhead is at ", at(1));
    if (rule == "R7")
      return text(at(0), " --o ", at(1), ", and ", apart(path[0], path[2]), ", so no arrowhead is at ",
                  at(1));
    if (rule == "R8")
      return text("the way from ", at(0), " over ", at(1), " to ", at(2), " makes it an ancestor");
    if (rule == "R9")
      return text("the uncovered possibly directed path ", on_path(path), " makes it an ancestor");
    WHY_ASSERT(rule == "R10");
    return text("of the uncovered possibly directed paths ", on_path(path), " and ", on_path(because.second),
                " one makes it an ancestor");
  }

  std::string told_discriminating(std::span<const Node> path) const {
    const Node b = path[path.size() - 2], c = path.back();
    return text("the path ", on_path(path), " discriminates ", name(b), ", which is ",
                separates(path.front(), b, c) ? "" : "not ", "in the set ", sepset_of(path.front(), c),
                " that separates ", name(path.front()), " and ", name(c));
  }

  const SearchResult& found_;
  std::span<const std::string> names_;
};

std::string_view trimmed(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of(kWhiteSpace), word.size()));
  return word.substr(0, word.find_last_not_of(kWhiteSpace) + 1);
}

// -1 if no node has that name, as it stands or, where it is in quotes, as an edge would write it.
Node node_called(std::string_view word, std::span<const std::string> names) {
  const auto number = [&](std::string_view name) {
    const auto at = std::ranges::find(names, name);
    return at == names.end() ? -1 : static_cast<Node>(at - names.begin());
  };
  const Node node = number(word);
  if (node >= 0 || word.size() < 2 || word.front() != '"' || word.back() != '"') return node;
  std::size_t at = 0;
  const std::string name = read_quoted({word, "--why"}, at);
  return at == word.size() ? number(name) : -1;
}

}  // namespace

const Because* reason_of(const SearchResult& found, Node x, Node y) {
  const auto is_it = [&](const MarkReason& reason) {
    return reason.x == x && reason.y == y && reason.mark == found.graph.mark(x, y);
  };
  const auto at = std::ranges::find_if(found.reasons, is_it);
  return at == found.reasons.end() ? nullptr : &at->because;
}

std::string why_text(const SearchResult& found, std::span<const std::string> names, Node x, Node y) {
  const Teller teller(found, names);
  return found.graph.adjacent(x, y) ? teller.joined(x, y) : teller.separated(x, y);
}

std::pair<Node, Node> parse_pair(const std::string& text, std::span<const std::string> names) {
  std::vector<std::string_view> words;  // of the split that names most variables, to complain about
  int most = -1;
  for (auto comma = text.find(','); comma != std::string::npos; comma = text.find(',', comma + 1)) {
    const std::string_view whole = text, left = trimmed(whole.substr(0, comma)),
                           right = trimmed(whole.substr(comma + 1));
    const Node x = node_called(left, names), y = node_called(right, names);
    WHY_CHECK(x < 0 || x != y, "\"", printable(text), "\" names one variable twice");
    if (x >= 0 && y >= 0) return {x, y};
    if ((x >= 0) + (y >= 0) <= most) continue;
    most = (x >= 0) + (y >= 0);
    words = {left, right};
  }
  WHY_CHECK(!words.empty(), "\"", printable(text), "\" does not name two variables, as in \"A,B\"");
  const std::string_view unknown = node_called(words[0], names) < 0 ? words[0] : words[1];
  const std::string nearest = nearest_name(unknown, names);
  throw UserError(
      why::text("unknown variable \"", printable(unknown), "\" in \"", printable(text), "\"",
                nearest.empty() ? "" : why::text(" (did you mean \"", printable(nearest), "\"?)")));
}

}  // namespace why
