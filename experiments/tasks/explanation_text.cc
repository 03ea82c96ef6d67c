#include "experiments/tasks/explanation_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/printable.h"
#include "discovery/graph/notation.h"
#include "experiments/methods.h"
#include "experiments/report/marked_text.h"
#include "experiments/report/markup.h"
#include "experiments/tasks/explanation_words.h"

namespace why {
namespace {

constexpr std::size_t kMostNeighbors = 12;  // listed a head
constexpr std::size_t kMostSets = 10;
constexpr char kMark[] = "**";  // around what is explained by

std::string heads_in_words(const std::vector<int>& heads) {
  return fmt::format("{} {}", heads.size() == 1 ? "head" : "heads", fmt::join(heads, ", "));
}

class Writer {
 public:
  Writer(const Sample& sample, const ItemTitles& titles, const ExplanationSettings& settings)
      : sample_(sample),
        words_(sample, titles, settings),
        method_(settings.method),
        options_(settings.options),
        sample_size_(settings.sample_size),
        found_(sample.methods.at(settings.method)) {}

  std::string write() {
    sample_.text ? verdict() : recommendation();
    sets();
    if (sample_.graphs.empty())
      ranking();
    else
      graphs();
    costs();
    return std::move(out_);
  }

 private:
  template <class... Values>
  void line(fmt::format_string<Values...> form, Values&&... values) {
    out_ += fmt::format(form, std::forward<Values>(values)...) + "\n";
  }

  const TaskWords& task() const { return words_.task(); }

  void recommendation() {
    const std::size_t seen = sample_.parts.size();
    if (static_cast<std::int64_t>(seen) < sample_.excluded)
      line("The model sees the last {} of {} items; none of the others is recommended either.", seen,
           sample_.excluded);
    line("From {} the model recommends\n", counted(static_cast<std::int64_t>(seen), "item"));
    line("    {}\n", printable(words_.answer()));
    if (sample_.top10.size() > 1) line("and next in line is {}.", words_.title(sample_.top10[1]));
  }

  void verdict() {
    line("The model {}\n", task().says);
    line("    {}\n", printable(words_.answer()));
    line("{}\n", task().task == "masked-word" ? "at the mask in" : "of");
    std::istringstream lines(marked());
    for (std::string each; std::getline(lines, each);) line("    {}", printable(each));
  }

  std::string marked() const {
    const std::vector<int> members = found_.explained() ? found_.sets.front().members : std::vector<int>{};
    std::string out;
    for (const auto& run : text_runs(*sample_.text)) {
      const char* mark = is_marked(run, members) ? kMark : "";
      out += mark + run.text + mark;
    }
    return out;
  }

  void sets() {
    if (!found_.explained()) {
      line("\nNo answer: {}.", printable(words_.why_not(found_, options_.sets)));
      return;
    }
    line("\nIt would {} {} without\n", task().say, printable(words_.other()));
    for (std::size_t i = 0; i < std::min(found_.sets.size(), kMostSets); ++i) one_set(found_.sets[i]);
    if (found_.sets.size() > kMostSets)
      line("    and {} more\n", counted(static_cast<std::int64_t>(found_.sets.size() - kMostSets), "set"));
    out_.pop_back();
  }

  void one_set(const FoundSet& set) {
    for (std::size_t i = 0; i < set.members.size(); ++i)
      line("    {}{}", i > 0 ? "and " : "", printable(words_.part(set.members[i])));
    line("        then: {}", printable(words_.replacement(set)));
    const std::string heads = set.heads.empty() ? "" : ", proposed by " + heads_in_words(set.heads);
    line("        margin {}{}\n", set.margin.value_or(0), heads);
  }

  void ranking() {
    const MethodText method = method_text(method_);
    line("\n{}: {}", method.label, method.sentence);
    for (const auto& warning : sample_.warnings) line("    {}", warning);
  }

  void graphs() {
    line("\nThe causal graphs around {} ({}, alpha {}, {} samples)\n", task().answer, options_.graph.search,
         options_.graph.alpha, sample_size_);
    for (const HeadGraph* head : graphs_in_search(sample_, options_.sets)) one_graph(*head);
    for (const auto& warning : sample_.warnings) line("    {}", warning);
  }

  // Does the head have a part in what is told? Of a text's many heads the others get a line only.
  bool is_told(int head) const {
    if (!sample_.text || !found_.explained()) return true;
    return std::any_of(found_.sets.begin(), found_.sets.end(), [&](const FoundSet& set) {
      return std::find(set.heads.begin(), set.heads.end(), head) != set.heads.end();
    });
  }

  void one_graph(const HeadGraph& head) {
    const Node target = sample_.root();
    const auto near = head.graph.neighbors(target);
    line("    head {}: {}, {} at {}", head.head, words_.size_of(head.graph), near.size(), task().answer);
    if (!is_told(head.head)) return;
    for (std::size_t i = 0; i < std::min(near.size(), kMostNeighbors); ++i) {
      const Mark at_part = head.graph.mark(target, near[i]), at_target = head.graph.mark(near[i], target);
      line("        {} {} {}: {}", printable(words_.part(near[i])), edge_symbol(at_part, at_target),
           task().answer, edge_in_words(at_part, at_target));
    }
    if (near.size() > kMostNeighbors) line("        and {} more", near.size() - kMostNeighbors);
  }

  // How much of what could be asked was proposed (the coverage), and how much of that was asked.
  void costs() {
    line("\nStatus: {}\n", printable(words_.status(found_)));
    if (!found_.legal.empty()) costs_by_size();
    const std::string before =
        sample_.graphs.empty() && found_.ranking_calls > 0
            ? fmt::format(", and {} for the ranking before", counted(found_.ranking_calls, "model call"))
            : "";
    line("    {} in all{}", counted(found_.total_calls(), "model call"), before);
  }

  void costs_by_size() {
    const std::string parts = task().part + "s";
    line("    {}  sets there are  {}  asked", parts, sample_.graphs.empty() ? "on offer" : "proposed");
    for (std::size_t i = 0; i < found_.legal.size(); ++i)
      line("    {:>{}}  {:>14}  {:>8}  {:>5}", i + 1, parts.size(), found_.possible[i], found_.legal[i],
           found_.calls[i]);
  }

  const Sample& sample_;
  const ExplanationWords words_;
  const std::string& method_;
  const ExplanationOptions& options_;
  int sample_size_;
  const MethodResult& found_;
  std::string out_;
};

// The keys of a run's configuration, in one object.
nlohmann::ordered_json to_json(const ExplanationSettings& settings) {
  const auto& [graph, sets] = settings.options;
  nlohmann::ordered_json out = {
      {"model", settings.model}, {"method", settings.method},         {"search", graph.search},
      {"alpha", graph.alpha},    {"samples", settings.sample_size},   {"estimator", graph.estimator},
      {"layer", graph.layer},    {"max_order", graph.max_order},      {"heads", sets.heads},
      {"removal", sets.removal}, {"max_set_size", sets.max_set_size}, {"max_calls", sets.max_calls}};
  if (!settings.instead_of.empty()) out["instead_of"] = settings.instead_of;
  return out;
}

}  // namespace

std::string explanation_text(const Sample& sample, const ItemTitles& titles,
                             const ExplanationSettings& settings) {
  return Writer(sample, titles, settings).write();
}

std::string explanation_json(const Sample& sample, const ItemTitles& titles,
                             const ExplanationSettings& settings, JsonLayout layout) {
  auto out = nlohmann::ordered_json::parse(to_json_line(sample));
  out["settings"] = to_json(settings);
  if (!sample.text) {
    std::set<std::string> items(sample.parts.begin(), sample.parts.end());
    items.insert(sample.top10.begin(), sample.top10.end());
    if (!settings.instead_of.empty()) items.insert(settings.instead_of);
    for (const auto& [name, method] : sample.methods)
      for (const auto& set : method.sets) items.insert(set.replacement);
    for (const auto& item : items) out["titles"][item] = titles.title(item);
  }
  return out.dump(layout == JsonLayout::indented ? 2 : -1) + "\n";
}

}  // namespace why
