#include "experiments/tasks/explanation_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/report/markup.h"

namespace why {

std::string edge_in_words(Mark at_part, Mark at_answer) {
  const bool into_part = at_part == Mark::arrow, into_answer = at_answer == Mark::arrow;
  if (into_part && into_answer) return "both have a hidden cause";
  if (into_answer)
    return at_part == Mark::tail ? "a cause of it" : "a cause of it, or both have a hidden cause";
  if (into_part)
    return at_answer == Mark::tail ? "caused by it" : "caused by it, or both have a hidden cause";
  if (at_part == Mark::circle && at_answer == Mark::circle) return "tied to it, direction open";
  return "tied to it by selection, or direction open";
}

std::vector<const HeadGraph*> graphs_in_search(const Sample& sample, const SetOptions& options) {
  const auto chosen = single_head(options);
  std::vector<const HeadGraph*> out;
  for (const auto& head : sample.graphs)
    if (!chosen || head.head == *chosen) out.push_back(&head);
  return out;
}

std::string ExplanationWords::part(Node position) const {
  const auto at = static_cast<std::size_t>(position);
  const std::string& name = sample_.parts[at];
  if (std::count(sample_.parts.begin(), sample_.parts.end(), name) == 1) return title(name);
  return fmt::format("{} (number {} of the {})", title(name), at + 1,
                     sample_.text ? words_.part + "s" : "history");
}

std::string ExplanationWords::answer() const {
  if (!sample_.text) return title(sample_.answer);
  return fmt::format("{} (probability {:.3f})", sample_.answer, sample_.text->probability);
}

std::string ExplanationWords::replacement(const FoundSet& set) const {
  std::string out = title(set.replacement);
  if (!words_.ranks_tell) return out;
  if (!set.replacement_rank) return out + ", not among the original ten";
  return fmt::format("{}, number {} of the original ten", out, *set.replacement_rank);
}

std::string ExplanationWords::why_not(const MethodResult& found, const SetOptions& options) const {
  if (found.bound == SearchBound::max_calls)
    return fmt::format("nothing was found within {} (--max-calls)", counted(options.max_calls, "model call"));
  if (found.bound == SearchBound::max_set_size)
    return fmt::format("no set of up to {}{} changes {} (--max-set-size)",
                       counted(options.max_set_size, words_.part),
                       of_graphs_ ? " that the graphs propose" : "", change());
  if (!of_graphs_ && found.legal.empty())
    return fmt::format("what the method takes away does not change {}", change());
  return fmt::format("no set of {}s{} changes {}; all were asked", words_.part,
                     of_graphs_ ? " that the graphs propose" : "", change());
}

std::string ExplanationWords::status(const MethodResult& found) const {
  if (found.status == SearchStatus::none && of_graphs_)
    return "none, and every set that the graphs propose was asked";
  if (found.status == SearchStatus::none)
    return found.legal.empty() ? "none" : "none, and every set was asked";
  if (found.status == SearchStatus::budget) return fmt::format("budget, {} was hit", name(found.bound));
  if (found.status == SearchStatus::found)
    return "found by a method that does not go by size: fewer may do as well";
  std::string out = fmt::format("minimal{}: no smaller one changes {}",
                                of_graphs_ ? " among the sets that the graphs propose" : "", change());
  if (found.bound == SearchBound::max_calls) out += "; there may be more of this size (max_calls)";
  return out;
}

std::string ExplanationWords::size_of(const MixedGraph& graph) const {
  const std::string edges = counted(graph.num_edges(), "edge");
  const auto parts = static_cast<std::int64_t>(sample_.parts.size());
  if (!sample_.text) return fmt::format("{} among {}", edges, counted(parts + 1, words_.part));
  return fmt::format("{} among {} and {}", edges, counted(parts, words_.part), words_.answer);
}

}  // namespace why
