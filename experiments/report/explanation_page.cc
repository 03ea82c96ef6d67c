#include "experiments/report/explanation_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "discovery/graph/notation.h"
#include "experiments/methods.h"
#include "experiments/report/marked_text.h"
#include "experiments/report/markup.h"
#include "experiments/report/pag_drawing.h"
#include "experiments/report/page_files.h"
#include "experiments/report/page_parts.h"
#include "experiments/tasks/explanation_words.h"

namespace why {
namespace {

class ExplanationPage {
 public:
  ExplanationPage(const Sample& sample, const ItemTitles& titles, const ExplanationSettings& settings)
      : sample_(sample),
        words_(sample, titles, settings),
        settings_(settings),
        graphs_(graphs_in_search(sample, settings.options.sets)),
        found_(sample.methods.at(settings.method)),
        members_(found_.explained() ? found_.sets.front().members : std::vector<int>{}) {}

  std::string title() const {
    const std::string& other = settings_.instead_of;
    return "Why “" + clean(words_.title(sample_.answer)) + "”" +
           (other.empty() ? "?" : " and not “" + clean(words_.title(other)) + "”?");
  }

  std::string headline() const {
    std::string out = fmt::format("The model {} {}.", task().says, clean(words_.answer()));
    if (found_.explained())
      out += fmt::format(" Without {} it {} {}.", set_in_words(found_.sets.front()), task().says,
                         clean(words_.title(found_.sets.front().replacement)));
    else
      out += fmt::format(" No answer: {}.", clean(words_.why_not(found_, settings_.options.sets)));
    std::string markup = paragraph(out, "headline");
    for (const auto& warning : sample_.warnings) markup += paragraph("Warning: " + clean(warning), "notice");
    return markup;
  }

  std::string input() const { return sample_.text ? text() : history(); }
  std::string input_title() const { return sample_.text ? "The text" : "The history, oldest first"; }

  std::string sets() const {
    if (!found_.explained()) return paragraph("None.");
    Table table;
    table.columns = {"Without", fmt::format("The model {}", task().says), "Margin"};
    if (!graphs_.empty()) table.columns.push_back("Proposed by heads");
    for (const auto& set : found_.sets) {
      table.rows.push_back({{set_in_words(set)},
                            {clean(words_.replacement(set))},
                            {fmt::format("{}", set.margin.value_or(0))}});
      if (!graphs_.empty()) table.rows.back().push_back({fmt::format("{}", fmt::join(set.heads, ", "))});
    }
    return to_html(table) +
           paragraph(
               "Each was tried on the model. The margin is the score of the original answer minus that "
               "of the one that takes its place.",
               "soft");
  }

  std::string graph() const {
    if (graphs_.empty()) return paragraph("There is none. " + method_text(settings_.method).sentence);
    const HeadGraph& head = shown_head();
    const DrawnPart part = part_around_root(head.graph, sample_.root(), members_);
    const TitleOf title_of = [&](const std::string& name) { return clean(words_.title(name)); };
    const auto drawing = draw_graph_svg(dot_of_part(sample_, head.graph, part, members_, title_of));
    const std::string sentence = sentence_about(sample_, head, part);
    std::string out = drawing ? graph_drawing(*drawing, "g-", sentence)
                              : paragraph("Not drawn: Graphviz (dot) is not installed.", "notice");
    out +=
        paragraph(fmt::format("{} Dark: {}. Filled, with a thick border: the explanation. Numbers: places in "
                              "the {}, from 1.",
                              sentence, task().answer, sample_.text ? "text" : "history"),
                  "soft");
    for (const HeadGraph* each : graphs_) out += edges_of(*each);
    return out;
  }

  std::string effort() const {
    Table table;
    table.columns = {"Size", "Sets there are", graphs_.empty() ? "On offer" : "Proposed by the graphs",
                     "Asked of the model"};
    for (std::size_t i = 0; i < found_.legal.size(); ++i)
      table.rows.push_back({{std::to_string(i + 1)},
                            {std::to_string(found_.possible[i])},
                            {std::to_string(found_.legal[i])},
                            {std::to_string(found_.calls[i])}});
    std::string out = paragraph("Status: " + clean(words_.status(found_)) + ".");
    if (graphs_.empty())
      out += paragraph(fmt::format("{}, and {} for the ranking before.",
                                   counted(found_.total_calls(), "model call"),
                                   counted(found_.ranking_calls, "model call")));
    return table.rows.empty() ? out : out + to_html(table);
  }

  std::string settings() const {
    const auto& [graph, sets] = settings_.options;
    Table table;
    table.columns = {"Setting", "Value"};
    const auto row = [&](const char* name, const std::string& value) {
      table.rows.push_back({{name}, {value}});
    };
    row("model", clean(settings_.model));
    row("method", settings_.method);
    if (!graphs_.empty()) {
      row("search", graph.search);
      row("alpha", fmt::format("{}", graph.alpha));
      row("samples of the test", std::to_string(settings_.sample_size));
      row("largest conditioning set", graph.max_order < 0 ? "no bound" : std::to_string(graph.max_order));
    }
    if (!settings_.instead_of.empty()) row("instead of", clean(words_.title(settings_.instead_of)));
    if (sample_.text) row("unit", sample_.text->unit);
    row("removal", sets.removal);
    row("heads", sets.heads);
    row("largest set", std::to_string(sets.max_set_size));
    row("model calls at most", std::to_string(sets.max_calls));
    return to_html(table);
  }

 private:
  const TaskWords& task() const { return words_.task(); }
  static std::string clean(const std::string& text) { return clean_text(text); }

  std::string set_in_words(const FoundSet& set) const {
    std::vector<std::string> parts;
    for (const int member : set.members) parts.push_back("“" + clean(words_.part(member)) + "”");
    return fmt::format("{}", fmt::join(parts, " and "));
  }

  std::string text() const {
    std::string out = "<p class=\"text\">";
    for (const auto& run : text_runs(*sample_.text)) {
      const std::string markup = escape_markup(clean_lines(run.text));
      out += is_marked(run, members_) ? "<mark>" + markup + "</mark>" : markup;
    }
    return out + "</p>\n";
  }

  std::string history() const {
    std::string out = "<ol class=\"history\">\n";
    for (int i = 0; i < sample_.root(); ++i) {
      const std::string markup =
          escape_markup(clean(words_.title(sample_.parts[static_cast<std::size_t>(i)])));
      const bool marked = std::find(members_.begin(), members_.end(), i) != members_.end();
      out += "<li>" + (marked ? "<mark>" + markup + "</mark>" : markup) + "</li>\n";
    }
    return out + "</ol>\n";
  }

  const HeadGraph& shown_head() const {
    if (found_.explained() && !found_.sets.front().heads.empty())
      for (const HeadGraph* head : graphs_)
        if (head->head == found_.sets.front().heads.front()) return *head;
    return **std::max_element(graphs_.begin(), graphs_.end(), [&](const HeadGraph* a, const HeadGraph* b) {
      return a->graph.degree(sample_.root()) < b->graph.degree(sample_.root());
    });
  }

  std::string node(Node x) const { return x == sample_.root() ? task().answer : clean(words_.part(x)); }

  // Folded up: what of a head's graph touches the answer, in words, then the rest.
  std::string edges_of(const HeadGraph& head) const {
    std::string near, far;
    for (Node x = 0; x <= sample_.root(); ++x)
      for (const Node y : head.graph.neighbors(x)) {
        if (y < x) continue;
        const Mark at_x = head.graph.mark(y, x), at_y = head.graph.mark(x, y);
        const std::string line = fmt::format("{} {} {}", node(x), edge_symbol(at_x, at_y), node(y));
        if (y == sample_.root())
          near += fmt::format("{}: {}\n", line, edge_in_words(at_x, at_y));
        else
          far += line + "\n";
      }
    return fmt::format("<details><summary>Head {}: {}, {} at {}</summary><pre>{}</pre></details>\n",
                       head.head, escape_markup(words_.size_of(head.graph)),
                       head.graph.degree(sample_.root()), escape_markup(task().answer),
                       escape_markup(near + far));
  }

  const Sample& sample_;
  const ExplanationWords words_;
  const ExplanationSettings& settings_;
  const std::vector<const HeadGraph*> graphs_;
  const MethodResult& found_;
  const std::vector<int> members_;
};

}  // namespace

std::string explanation_page(const Sample& sample, const ItemTitles& titles,
                             const ExplanationSettings& settings) {
  const ExplanationPage page(sample, titles, settings);
  return fill(kExplanationHtml, {{"title", escape_markup(page.title())},
                                 {"css", kPageCss},
                                 {"headline", page.headline()},
                                 {"input_title", page.input_title()},
                                 {"input", page.input()},
                                 {"sets", page.sets()},
                                 {"graph", page.graph()},
                                 {"effort", page.effort()},
                                 {"settings", page.settings()}});
}

}  // namespace why
