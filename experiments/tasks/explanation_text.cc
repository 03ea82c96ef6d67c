#include "experiments/tasks/explanation_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "discovery/graph/notation.h"

namespace why {
namespace {

constexpr std::size_t kMostNeighbors = 12;  // listed a head
constexpr std::size_t kMostSets = 10;

std::string count_of(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string heads_in_words(const std::vector<int>& heads) {
  return fmt::format("{} {}", heads.size() == 1 ? "head" : "heads", fmt::join(heads, ", "));
}

class Writer {
 public:
  Writer(const Sample& sample, const ItemTitles& titles, const ExplanationOptions& options, int sample_size)
      : sample_(sample),
        titles_(titles),
        options_(options),
        sample_size_(sample_size),
        found_(sample.methods.at("cleann")) {}

  std::string write() {
    recommendation();
    sets();
    graphs();
    costs();
    return std::move(out_);
  }

 private:
  template <class... Values>
  void line(fmt::format_string<Values...> form, Values&&... values) {
    out_ += fmt::format(form, std::forward<Values>(values)...) + "\n";
  }

  const std::string& title(const std::string& item) const { return titles_.title(item); }

  // The title at a position of the history; which one it is, where an item was watched more than once.
  std::string item(Node position) const {
    const auto at = static_cast<std::size_t>(position);
    const std::string& id = sample_.parts[at];
    if (std::count(sample_.parts.begin(), sample_.parts.end(), id) == 1) return title(id);
    return fmt::format("{} (number {} of the history)", title(id), at + 1);
  }

  void recommendation() {
    const std::size_t seen = sample_.parts.size();
    if (static_cast<std::int64_t>(seen) < sample_.excluded)
      line("The model sees the last {} of {} items; none of the others is recommended either.", seen,
           sample_.excluded);
    line("From {} the model recommends\n", count_of(seen, "item", "items"));
    line("    {}\n", title(sample_.answer));
    if (sample_.top10.size() > 1) line("and next in line is {}.", title(sample_.top10[1]));
  }

  void sets() {
    if (!found_.explained()) {
      line("\nNo answer: {}.", why_not());
      return;
    }
    line("\nIt would recommend something else without\n");
    for (std::size_t i = 0; i < std::min(found_.sets.size(), kMostSets); ++i) one_set(found_.sets[i]);
    if (found_.sets.size() > kMostSets)
      line("    and {} more\n", count_of(found_.sets.size() - kMostSets, "set", "sets"));
    out_.pop_back();
  }

  void one_set(const FoundSet& set) {
    for (std::size_t i = 0; i < set.members.size(); ++i)
      line("    {}{}", i > 0 ? "and " : "", item(set.members[i]));
    const std::string rank = set.replacement_rank
                                 ? fmt::format("number {} of the original ten", *set.replacement_rank)
                                 : std::string("not among the original ten");
    line("        then: {}, {}", title(set.replacement), rank);
    line("        margin {}, proposed by {}\n", set.margin.value_or(0), heads_in_words(set.heads));
  }

  std::string why_not() const {
    if (found_.bound == SearchBound::max_calls)
      return fmt::format("nothing was found within {} model calls (--max-calls)", options_.sets.max_calls);
    if (found_.bound == SearchBound::max_set_size)
      return fmt::format(
          "no set of up to {} items that the graphs propose changes the recommendation (--max-set-size)",
          options_.sets.max_set_size);
    return "no set of items that the graphs propose changes the recommendation; all were asked";
  }

  void graphs() {
    line("\nThe causal graphs around the recommendation ({}, alpha {}, {} samples)\n", options_.graph.search,
         options_.graph.alpha, sample_size_);
    for (const auto& head : sample_.graphs) one_graph(head);
    for (const auto& warning : sample_.warnings) line("    {}", warning);
  }

  void one_graph(const HeadGraph& head) {
    const Node target = sample_.root();
    const auto near = head.graph.neighbors(target);
    line("    head {}: {} among {}, {} at the recommendation", head.head,
         count_of(static_cast<std::size_t>(head.graph.num_edges()), "edge", "edges"),
         count_of(sample_.parts.size() + 1, "item", "items"), near.size());
    for (std::size_t i = 0; i < std::min(near.size(), kMostNeighbors); ++i) {
      const Mark at_item = head.graph.mark(target, near[i]), at_target = head.graph.mark(near[i], target);
      line("        {} {} the recommendation: {}", item(near[i]), edge_symbol(at_item, at_target),
           edge_in_words(at_item, at_target));
    }
    if (near.size() > kMostNeighbors) line("        and {} more", near.size() - kMostNeighbors);
  }

  // How much of what could be asked was proposed (the coverage), and how much of that was asked.
  void costs() {
    line("\nStatus: {}\n", status());
    line("    items  sets there are  proposed  asked");
    for (std::size_t i = 0; i < found_.legal.size(); ++i)
      line("    {:>5}  {:>14}  {:>8}  {:>5}", i + 1, found_.possible[i], found_.legal[i], found_.calls[i]);
    line("    {} in all",
         count_of(static_cast<std::size_t>(found_.total_calls()), "model call", "model calls"));
  }

  std::string status() const {
    if (found_.status == SearchStatus::none) return "none, and every set that the graphs propose was asked";
    if (found_.status == SearchStatus::budget) return fmt::format("budget, {} was hit", name(found_.bound));
    std::string out =
        "minimal among the sets that the graphs propose: no smaller one changes the recommendation";
    if (found_.bound == SearchBound::max_calls) out += "; there may be more of this size (max_calls)";
    return out;
  }

  const Sample& sample_;
  const ItemTitles& titles_;
  const ExplanationOptions& options_;
  int sample_size_;
  const MethodResult& found_;
  std::string out_;
};

}  // namespace

std::string edge_in_words(Mark at_item, Mark at_recommendation) {
  const bool into_item = at_item == Mark::arrow, into_target = at_recommendation == Mark::arrow;
  if (into_item && into_target) return "both have a hidden cause";
  if (into_target)
    return at_item == Mark::tail ? "a cause of it" : "a cause of it, or both have a hidden cause";
  if (into_item)
    return at_recommendation == Mark::tail ? "caused by it" : "caused by it, or both have a hidden cause";
  if (at_item == Mark::circle && at_recommendation == Mark::circle) return "tied to it, direction open";
  return "tied to it by selection, or direction open";
}

std::string explanation_text(const Sample& sample, const ItemTitles& titles,
                             const ExplanationOptions& options, int sample_size) {
  return Writer(sample, titles, options, sample_size).write();
}

std::string explanation_json(const Sample& sample, const ItemTitles& titles) {
  auto out = nlohmann::ordered_json::parse(to_json_line(sample));
  std::set<std::string> items(sample.parts.begin(), sample.parts.end());
  items.insert(sample.top10.begin(), sample.top10.end());
  for (const auto& [name, method] : sample.methods)
    for (const auto& set : method.sets) items.insert(set.replacement);
  for (const auto& item : items) out["titles"][item] = titles.title(item);
  return out.dump(2) + "\n";
}

}  // namespace why
