#include "experiments/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

#include "core/errors.h"
#include "discovery/graph/notation.h"
#include "experiments/report/marked_text.h"
#include "experiments/report/markup.h"
#include "experiments/report/page_files.h"
#include "experiments/report/page_parts.h"

namespace why {
namespace {

using Json = nlohmann::ordered_json;

std::string capital(std::string word) {
  word.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(word.front())));
  return word;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string percent_of(std::int64_t part, std::int64_t whole) { return percent(share(part, whole)); }

// ---- sections ----

std::string explained_in_words(const MethodSummary& method, const TaskWords& words) {
  return fmt::format("{} of {} ({})", method.explained, counted(method.samples, words.sample),
                     percent_of(method.explained, method.samples));
}

// What the headline says of an explained sample. A method that goes by no size has no sets on offer.
std::string found_in_words(const MethodSummary& method, const TaskWords& words) {
  const char* found = method.legal.empty() ? "a set" : "a smallest set";
  if (!words.of_text)
    return fmt::format(
        "it found {} of past items without which the model, asked again, recommended something else.", found);
  return fmt::format("it found {} of {}s without which the model, asked again, gave another answer.", found,
                     words.part);
}

// "The model's answer was right on 455 of 500 texts (91.0 %)."
std::string accuracy_in_words(const RunSummary& summary) {
  return fmt::format("The model's answer was right on {} of {} ({}).", summary.right,
                     counted(summary.labelled, summary.words.sample),
                     percent_of(summary.right, summary.labelled));
}

// "The model never says positive, the right answer of 2 texts: …" of each such label.
std::vector<std::string> never_answered(const RunSummary& summary) {
  std::vector<std::string> out;
  for (const auto& [label, times] : summary.labels)
    if (!summary.answers.contains(label))
      out.push_back(
          fmt::format("The model never {} {}, the right answer of {}: nothing here explains that answer.",
                      summary.words.says, clean_text(label), counted(times, summary.words.sample)));
  return out;
}

// "Random order 5 of 9 users (55.6 %)" of the first few besides the main one; the rest stands in the table.
std::vector<std::string> others_in_words(const RunSummary& summary, const MethodSummary& main) {
  constexpr std::size_t kMostNamed = 3;
  std::vector<std::string> out;
  for (const auto& method : summary.methods)
    if (&method != &main && out.size() < kMostNamed)
      out.push_back(
          fmt::format("{} {}", method_text(method.name).label, explained_in_words(method, summary.words)));
  const std::size_t rest = summary.methods.size() - 1 - out.size();
  if (rest > 0)
    out.push_back(fmt::format("and {} below", counted(static_cast<std::int64_t>(rest), "method")));
  return out;
}

std::string headline(const Page& page) {
  const MethodSummary* main = page.summary.main_method();
  std::string out;
  if (main == nullptr) {
    out = paragraph("The run has no sample yet, so there is nothing to report.", "headline");
  } else {
    const TaskWords& words = page.summary.words;
    std::string sentence = fmt::format("{} explained {} {} {}: {}", method_text(main->name).label,
                                       words.answer, words.of_text ? "on" : "of",
                                       explained_in_words(*main, words), found_in_words(*main, words));
    const auto others = others_in_words(page.summary, *main);
    if (!others.empty()) sentence += fmt::format(" Beside it: {}.", fmt::join(others, "; "));
    out = paragraph(sentence, "headline");
    if (page.summary.labelled > 0) out += paragraph(accuracy_in_words(page.summary));
    for (const auto& notice : never_answered(page.summary)) out += paragraph(notice, "notice");
  }
  for (const auto& notice : page.notices) out += paragraph(notice, "notice");
  return out;
}

std::string value_in_words(const Json& value) {
  if (value.is_string()) return clean_text(value.get<std::string>());
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  return value.dump();
}

std::string name_in_words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return clean_text(name);
}

// The plain values of environment.json; lists and objects stand in the settings.
std::string facts(const Json& environment) {
  std::string out;
  for (const auto& [name, value] : environment.items())
    if (value.is_primitive() && !value.is_null())
      out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escape_markup(name_in_words(name)),
                         escape_markup(value_in_words(value)));
  return out.empty() ? "" : "<dl class=\"facts\">\n" + out + "</dl>\n";
}

// The largest sizes together.
std::vector<std::string> lines_of_sizes(const MethodSummary& method, const std::string& part) {
  constexpr std::size_t kMostLines = 5;
  std::vector<std::string> out;
  std::int64_t above = 0;
  for (const auto& [size, times] : method.sizes)
    if (method.sizes.size() <= kMostLines || out.size() + 1 < kMostLines)
      out.push_back(fmt::format("{}: {}", counted(size, part), times));
    else
      above += times;
  if (above > 0) out.push_back(fmt::format("larger: {}", above));
  return out;
}

std::vector<std::string> lines_of_bounds(const MethodSummary& method) {
  std::vector<std::string> out;
  for (const auto& [bound, times] : method.bounds)
    out.push_back(fmt::format("{}: {}", name_in_words(bound), times));
  return out;
}

Cell optimum_cell(const MethodSummary& method) {
  if (method.compared + method.missed == 0) return {"–"};
  Cell out{method.compared == 0 ? "–" : percent_of(method.same_size, method.compared)};
  if (method.compared > 0)
    out.below.push_back(fmt::format("excess: {:.2f}", share(method.excess, method.compared)));
  out.below.push_back(fmt::format("missed: {}", method.missed));
  return out;
}

Cell rank_cell(const MethodSummary& method) {
  if (method.explained == 0) return {"–"};
  return {percent_of(method.explained - method.beyond_top10, method.explained),
          {fmt::format("mean place: {:.2f}", mean(ranks_to_eleven(method)))}};
}

std::string methods_section(const RunSummary& summary) {
  if (summary.methods.empty()) return paragraph("No method has been run on a sample yet.");
  const bool optimum = summary.methods.back().name == "exhaustive" ||
                       std::any_of(summary.methods.begin(), summary.methods.end(),
                                   [](const auto& method) { return method.compared + method.missed > 0; });
  Table table;
  table.columns = {"Method",       capital(summary.words.sample) + "s",
                   "Explained",    "None found",
                   "Budget spent", "Mean set size"};
  if (optimum) table.columns.push_back("As small as the optimum");
  const bool ranks = summary.words.ranks_tell;
  if (ranks) table.columns.push_back("Replacement in top 10");
  for (const auto& method : summary.methods) {
    const MethodText words = method_text(method.name);
    const Interval interval = interval_of_share(method.explained, method.samples);
    std::vector<Cell> row = {{clean_text(words.label), {words.sentence}},
                             {std::to_string(method.samples)},
                             {percent_of(method.explained, method.samples),
                              {fmt::format("{:.1f} to {:.1f}", 100 * interval.low, 100 * interval.high)}},
                             {percent_of(method.none, method.samples)},
                             {percent_of(method.budget, method.samples), lines_of_bounds(method)},
                             {method.sizes.empty() ? "–" : fmt::format("{:.2f}", mean(method.sizes)),
                              lines_of_sizes(method, summary.words.part)}};
    if (optimum) row.push_back(method.name == "exhaustive" ? Cell{"–"} : optimum_cell(method));
    if (ranks) row.push_back(rank_cell(method));
    table.rows.push_back(std::move(row));
  }
  return to_html(table);
}

// "p < 0.001", "p = 0.012"
std::string p_in_words(double p) {
  return p < 0.001 ? std::string("p < 0.001") : fmt::format("p = {:.3f}", p);
}

Cell comparison_cell(const Comparison& comparison, const TaskWords& words) {
  if (!comparison.difference) return {"–"};
  const bool is_share = comparison.measure == "explained";
  const auto shown = [&](double value) {
    return is_share ? fmt::format("{:+.1f}", 100 * value) : fmt::format("{:+.2f}", value);
  };
  Cell out{shown(*comparison.difference) + (is_share ? " points" : "")};
  if (const auto& interval = comparison.interval)
    out.below.push_back(fmt::format("{} to {}", shown(interval->low), shown(interval->high)));
  out.below.push_back(p_in_words(*comparison.p_holm));
  out.below.push_back(counted(comparison.n, words.sample));
  return out;
}

// Comparisons come method by method, each with all measures.
std::string comparisons_section(const RunSummary& summary) {
  if (summary.comparisons.empty()) return "";
  const TaskWords& words = summary.words;
  const std::string other = clean_text(method_text(summary.comparisons.front().against).label);
  Table table;
  table.columns = {"Method", "Explained", "Set size", "First hit: calls",
                   "First hit with the ranking: calls"};
  if (words.ranks_tell) table.columns.push_back("Replacement: place");
  for (const auto& each : summary.comparisons) {
    if (each.measure == kMeasures[0]) table.rows.push_back({{clean_text(method_text(each.method).label)}});
    table.rows.back().push_back(comparison_cell(each, words));
  }
  const std::string note = fmt::format(
      "Each method's value minus that of {0}, on the same {1}s; of set sizes{5}, on those that both "
      "explained. Fewer calls and smaller sets are better{6}. Calls are counted up to {2}; a {1} that was "
      "not explained "
      "counts as {2}. Below stand the 95 % interval (bootstrap, {3} resamples), the chance p of a difference "
      "no smaller if both were equally good (McNemar's test of what is explained, Wilcoxon's signed ranks "
      "otherwise; Holm's correction for all {4} comparisons here), and how many {1}s count. The interval is "
      "of the mean, which a few {1}s can move; signed ranks ask which way most go.",
      other, words.sample, counted(summary.budget, "call"), kResamples, summary.comparisons.size(),
      words.ranks_tell ? " and replacements" : "",
      words.ranks_tell ? fmt::format(", and a replacement that stood high in the original ten (further down "
                                     "counts as {})",
                                     kBeyondTop10)
                       : "");
  return "<h3>" + escape_markup("Compared with " + other) + "</h3>\n" + to_html(table) +
         paragraph(note, "soft");
}

std::string nearest_in_words(const std::string& nearest, double value) {
  return fmt::format("{} ({:.2f})", clean_text(method_text(nearest).label), value);
}

// Of each method, how often its first sets are those of `against`, and which other one's they resemble most.
std::string agreement_table(const RunSummary& summary, const std::string& against) {
  Table table;
  const std::string other = clean_text(method_text(against).label);
  table.columns = {"Method", "Same set as " + other, "Jaccard with " + other, "Most like"};
  for (const auto& method : summary.methods) {
    Cell same{"–"}, shared{"–"}, nearest{"–"};
    double most = -1;
    for (const auto& pair : summary.agreements) {
      if (!pair.jaccard || (pair.one != method.name && pair.other != method.name)) continue;
      const std::string& second = pair.one == method.name ? pair.other : pair.one;
      if (second == against) {
        same = {percent(*pair.identical), {counted(pair.n, summary.words.sample)}};
        shared = {fmt::format("{:.2f}", *pair.jaccard)};
      }
      if (*pair.jaccard <= most) continue;
      most = *pair.jaccard;
      nearest = {nearest_in_words(second, most)};
    }
    table.rows.push_back({{clean_text(method_text(method.name).label)}, same, shared, nearest});
  }
  return to_html(table);
}

std::string agreement_section(const RunSummary& summary) {
  if (summary.methods.size() < 2) return "";
  const std::string against = summary.main_method()->name;
  const std::string note = fmt::format(
      "Of the first sets that two methods found for the same {0}, on the {0}s that both explained: how often "
      "they are "
      "one set, and the mean Jaccard index, the share of the {1}s of both that are in each. 1: always the "
      "same {1}s; 0: never "
      "one in common. Every pair stands in summary.json.",
      summary.words.sample, summary.words.part);
  return "<h3>Do the methods agree?</h3>\n" + agreement_table(summary, against) + paragraph(note, "soft");
}

Cell estimate_cell(const RankingSummary& ranking, const Estimate& of) {
  if (ranking.samples == 0) return {"–"};
  return {fmt::format("{:.4f} ± {:.4f}", of.value, of.standard_error)};
}

Cell nearest_ranking(const RunSummary& summary, const std::string& name) {
  Cell out{"–"};
  double most = -2;
  for (const auto& pair : summary.ranking_agreements) {
    if (!pair.spearman || (pair.one != name && pair.other != name) || *pair.spearman <= most) continue;
    most = *pair.spearman;
    out = {nearest_in_words(pair.one == name ? pair.other : pair.one, most)};
  }
  return out;
}

std::string rankings_section(const RunSummary& summary) {
  if (summary.rankings.empty()) return "";
  Table table;
  const TaskWords& words = summary.words;
  table.columns = {"Ranking", capital(words.sample) + "s", "Comprehensiveness", "Sufficiency",
                   "Most like (Spearman)"};
  for (const auto& ranking : summary.rankings)
    table.rows.push_back({{clean_text(method_text(ranking.name).label)},
                          {std::to_string(ranking.samples)},
                          estimate_cell(ranking, ranking.comprehensiveness),
                          estimate_cell(ranking, ranking.sufficiency),
                          nearest_ranking(summary, ranking.name)});
  const std::string note = fmt::format(
      "How far the probability of {0} falls without the {1}s ranked highest (comprehensiveness: more is "
      "better) and with "
      "them alone (sufficiency: less is better), the mean over the first 1, 5, 10, 20 and 50 % of the {1}s, "
      "at least "
      "one; ± the standard error over {2}s. The probability is the softmax of the model's scores over what "
      "may be answers. "
      "These passes count for no method. A causal graph ranks nothing, so CLEANN has no line here; neither "
      "have methods "
      "that are no ranking.",
      words.answer, words.part, words.sample);
  return "<h3>How good are the rankings themselves?</h3>\n" + to_html(table) + paragraph(note, "soft");
}

std::string drawing_of(const PageFigure& figure, std::size_t number) {
  const std::string prefix = fmt::format("f{}-", number);
  if (figure.kind == PageFigure::Kind::graph) return graph_drawing(figure.svg, prefix, figure.title);
  return "<div class=\"drawing chart\">\n" + inline_svg(figure.svg, prefix, figure.title) + "</div>\n";
}

std::string figure_section(const PageFigure& figure, std::size_t number) {
  const std::string shown = figure.svg.empty() ? paragraph(figure.sentence, "notice")
                                               : drawing_of(figure, number) + "<figcaption>" +
                                                     escape_markup(figure.caption) + "</figcaption>\n";
  return "<figure>\n<h3>" + escape_markup(figure.title) + "</h3>\n" + shown + "</figure>\n";
}

// Charts, the note on the graphs, graphs.
std::string figures_section(const Page& page) {
  std::string charts, graphs;
  for (std::size_t i = 0; i < page.figures.size(); ++i) {
    const PageFigure& figure = page.figures[i];
    (figure.kind == PageFigure::Kind::chart ? charts : graphs) += figure_section(figure, i + 1);
  }
  return charts + paragraph(page.note_on_graphs) + graphs;
}

Cell first_hit_cell(const MethodSummary& method) {
  Cell out{method.explained == 0 ? "–" : fmt::format("{:.1f}", mean(method.first_hits))};
  const double before = share(method.ranking_calls, method.samples);
  if (method.ranking_calls > 0) out.below.push_back(fmt::format("ranking: {:.1f} more", before));
  return out;
}

Cell area_cell(const MethodSummary& method) {
  const auto [area, error] = area_of_calls(method.first_hits, method.samples, kAreaCalls);
  const auto whole = area_of_calls(method.first_hits_with_ranking, method.samples, kAreaCalls);
  return {fmt::format("{:.3f} ± {:.3f}", area, error),
          {fmt::format("with the ranking: {:.3f}", whole.value)}};
}

std::string effort_section(const RunSummary& summary) {
  if (summary.methods.empty()) return paragraph("No model call has been made yet.");
  std::size_t sizes = 0;
  for (const auto& method : summary.methods)  // the exhaustive search may go on for long
    if (method.name != "exhaustive" || summary.methods.size() == 1)
      sizes = std::max(sizes, method.legal.size());
  Table table;
  const TaskWords& words = summary.words;
  const std::string calls = fmt::format("Calls a {}: ", words.sample);
  table.columns = {"Method",       calls + "mean", calls + "median",
                   calls + "95 %", "Calls in all", "Of these computed"};
  table.columns.push_back(fmt::format("First hit: calls a {}", words.sample));
  table.columns.push_back("Area of first hits, 100 calls");
  for (std::size_t k = 1; k <= sizes; ++k)
    table.columns.push_back(fmt::format("Coverage, {}", counted(static_cast<std::int64_t>(k), words.part)));
  for (const auto& method : summary.methods) {
    const auto in_all = std::accumulate(method.calls.begin(), method.calls.end(), std::int64_t{0});
    std::vector<Cell> row;
    for (const auto& value :
         {clean_text(method_text(method.name).label), fmt::format("{:.1f}", mean(method.calls_of_all)),
          std::to_string(quantile(method.calls_of_all, 0.5)),
          std::to_string(quantile(method.calls_of_all, 0.95)), std::to_string(in_all),
          std::to_string(method.passes)})
      row.push_back(Cell{value});
    row.push_back(first_hit_cell(method));
    row.push_back(area_cell(method));
    for (std::size_t k = 0; k < sizes; ++k) {
      const bool known = k < method.legal.size() && k < method.possible.size() && method.possible[k] > 0;
      row.push_back(known ? Cell{percent_of(method.legal[k], method.possible[k]),
                                 {fmt::format("{} of {}", method.legal[k], method.possible[k])}}
                          : Cell{"–"});
    }
    table.rows.push_back(std::move(row));
  }
  std::string out = to_html(table);
  if (summary.isolated_roots > 0)
    out += paragraph(fmt::format("For {} no head joins {} with any {}; CLEANN has no set to try.",
                                 counted(summary.isolated_roots, words.sample), words.answer, words.part));
  if (summary.with_warnings > 0)
    out += paragraph(fmt::format("{} came with warnings; they stand on the cards below.",
                                 counted(summary.with_warnings, words.sample)));
  return out;
}

std::string settings_section(const Page& page) {
  return fmt::format(
      "<details open><summary>config.yaml, as resolved</summary><pre>{}</pre></details>\n"
      "<details><summary>environment.json</summary><pre>{}</pre></details>\n",
      escape_markup(page.config), escape_markup(page.environment.dump(2)));
}

// What a card of the list shows.
std::string cards_in_words(const TaskWords& words) {
  if (!words.of_text)
    return "One card a user. The squares are the history as the model saw it, oldest first; the filled ones "
           "are the explanation: without them the model was seen to recommend something else.";
  return "One card a text. Marked is the explanation: without it the model was seen to give another answer.";
}

// The text in stretches: [text, part, part, …].
Json runs_of(const SampleText& text) {
  Json out = Json::array();
  for (const auto& run : text_runs(text)) {
    Json line = Json::array({clean_lines(run.text)});
    for (const int part : run.parts) line.push_back(part);
    out.push_back(std::move(line));
  }
  return out;
}

constexpr Mark kMarks[] = {Mark::circle, Mark::arrow, Mark::tail};

// Edges as [x, y, symbol, x, y, symbol, …]; a symbol is 3 · (mark at x) + (mark at y) in the order of kMarks.
Json edges_of(const MixedGraph& graph) {
  const auto number = [](Mark mark) {
    return std::find(std::begin(kMarks), std::end(kMarks), mark) - std::begin(kMarks);
  };
  Json out = Json::array();
  for (Node x = 0; x < graph.num_nodes(); ++x)
    for (const Node y : graph.neighbors(x))
      if (x < y) {
        out.push_back(x);
        out.push_back(y);
        out.push_back(3 * number(graph.mark(y, x)) + number(graph.mark(x, y)));
      }
  return out;
}

Json symbols() {
  Json out = Json::array();
  for (const Mark at_x : kMarks)
    for (const Mark at_y : kMarks) out.push_back(edge_symbol(at_x, at_y));
  return out;
}

}  // namespace

std::size_t PageData::number_of(const std::string& item) {
  const auto [at, added] = numbers_.emplace(item, titles_.size());
  if (added) titles_.push_back(title_of_(item));
  return at->second;
}

void PageData::add(const Sample& sample) {
  const auto numbers_of = [this](const std::vector<std::string>& items) {
    Json out = Json::array();
    for (const auto& item : items) out.push_back(number_of(item));
    return out;
  };
  Json methods = Json::object(), graphs = Json::array(), warnings = Json::array();
  for (const auto& [method, result] : sample.methods) {
    Json sets = Json::array();
    for (const auto& set : result.sets)
      sets.push_back({{"members", set.members},
                      {"replacement", number_of(set.replacement)},
                      {"rank", set.replacement_rank ? Json(*set.replacement_rank) : Json()},
                      {"margin", set.margin ? Json(*set.margin) : Json()},
                      {"heads", set.heads}});
    methods[method] = {
        {"status", name(result.status)},
        {"bound", result.bound == SearchBound::none ? "" : name_in_words(std::string(name(result.bound)))},
        {"sets", sets},
        {"calls", result.total_calls()}};
  }
  for (const auto& head : sample.graphs)
    graphs.push_back({{"head", head.head}, {"edges", edges_of(head.graph)}});
  for (const auto& warning : sample.warnings) warnings.push_back(clean_text(warning));
  Json out = {{"source", clean_text(sample.source)},
              {"parts", numbers_of(sample.parts)},
              {"answer", number_of(sample.answer)},
              {"top10", numbers_of(sample.top10)},
              {"methods", methods},
              {"graphs", graphs},
              {"warnings", warnings}};
  if (sample.text) {
    out["runs"] = runs_of(*sample.text);
    out["label"] = clean_text(sample.text->label);
    out["probability"] = sample.text->probability;
  }
  samples_.push_back(std::move(out));
}

Json PageData::finish(const RunSummary& summary) {
  Json methods = Json::array();
  for (const auto& method : summary.methods)
    methods.push_back({{"name", method.name}, {"label", clean_text(method_text(method.name).label)}});
  const TaskWords& words = summary.words;
  return {{"methods", methods},
          {"symbols", symbols()},
          {"words",
           {{"sample", words.sample},
            {"part", words.part},
            {"answer", words.answer},
            {"says", words.says},
            {"target", words.target},
            {"ranks", words.ranks_tell}}},
          {"items", std::move(titles_)},
          {"samples", std::move(samples_)}};
}

std::string to_html(const Page& page) {
  const TaskWords& words = page.summary.words;
  const std::string question = words.of_text ? "Why these answers? " : "Why these recommendations? ";
  return fill(kPageHtml, {{"title", escape_markup(question + clean_text(page.run_name))},
                          {"css", kPageCss},
                          {"headline", headline(page)},
                          {"facts", facts(page.environment)},
                          {"methods", methods_section(page.summary)},
                          {"comparisons", comparisons_section(page.summary)},
                          {"rankings", rankings_section(page.summary)},
                          {"agreement", agreement_section(page.summary)},
                          {"figures", figures_section(page)},
                          {"effort", effort_section(page.summary)},
                          {"settings", settings_section(page)},
                          {"sample", words.sample},
                          {"Samples", capital(words.sample) + "s"},
                          {"part", words.part},
                          {"answer", words.answer},
                          {"cards", cards_in_words(words)},
                          {"example", words.of_text ? "a word, or an answer" : "a film, or user 196"},
                          {"data", json_for_script(page.data)},
                          {"script", std::string(kGraphScript) + kPageScript}});
}

}  // namespace why
