#include "experiments/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/errors.h"
#include "core/files.h"
#include "experiments/report/charts.h"
#include "experiments/report/figure_files.h"
#include "experiments/report/markup.h"
#include "experiments/report/page.h"
#include "experiments/report/paper_table.h"
#include "experiments/report/run_summary.h"
#include "experiments/runner/metrics.h"
#include "experiments/runner/run_config.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kExamples = 3;
constexpr int kFewestItems = 4, kMostItems = 24;  // connected with the root, of an example

// ---- examples ----

// The head that proposed the explanation, and what of its graph is drawn.
struct Example {
  Sample sample;
  std::string method;
  HeadGraph head;
  DrawnPart part;

  const FoundSet& explanation() const { return sample.methods.at(method).sets.front(); }
};

bool all_drawn(const std::vector<int>& members, const DrawnPart& part) {
  return std::all_of(members.begin(), members.end(), [&](int member) {
    return std::find(part.nodes.begin(), part.nodes.end(), member) != part.nodes.end();
  });
}

// Nothing when the explanation is not joined to the answer in the head that proposed it.
std::optional<Example> example_of(const Sample& sample, const std::string& method) {
  const auto found = sample.methods.find(method);
  if (found == sample.methods.end() || !found->second.explained()) return std::nullopt;
  const FoundSet& set = found->second.sets.front();
  for (const auto& head : sample.graphs) {
    if (!set.heads.empty() && head.head != set.heads.front()) continue;
    auto part = part_around_root(head.graph, sample.root(), set.members);
    if (!all_drawn(set.members, part)) continue;
    return Example{sample, method, head, std::move(part)};
  }
  return std::nullopt;
}

// Keeps the first explained samples of each set size, apart those whose graphs are neither tiny nor crowded.
class ExamplePicker {
 public:
  explicit ExamplePicker(std::string method) : method_(std::move(method)) {}

  void add(const Sample& sample) {
    auto example = example_of(sample, method_);
    if (!example) return;
    const bool clear = example->part.connected >= kFewestItems && example->part.connected <= kMostItems;
    auto& kept = (clear ? clear_ : rest_)[example->explanation().members.size()];
    if (kept.size() < kExamples) kept.push_back(std::move(*example));
  }

  // One a size from the smallest, then a second one a size, …; the clear ones before the rest.
  std::vector<Example> finish() const {
    std::vector<Example> out;
    for (const auto* by_size : {&clear_, &rest_})
      for (std::size_t turn = 0; turn < kExamples; ++turn)
        for (const auto& [size, examples] : *by_size)
          if (turn < examples.size() && out.size() < kExamples) out.push_back(examples[turn]);
    return out;
  }

 private:
  std::string method_;
  std::map<std::size_t, std::vector<Example>> clear_, rest_;
};

// ---- figures ----

constexpr const char* kCharts = "charts";
constexpr const char* kGraphs = "graphs";

// Draws figures into the folder, and knows what could not be drawn.
class FigureWriter {
 public:
  explicit FigureWriter(fs::path folder) : files_(std::move(folder)) {}

  void chart(PageFigure figure, const Chart& chart) {
    figure.sentence = chart.sentence;
    if (chart.script.empty())
      keep(std::move(figure), std::nullopt);
    else
      draw(std::move(figure), draw_chart(chart), "gnuplot", kCharts);
  }

  void graph(PageFigure figure, const std::string& dot) {
    figure.kind = PageFigure::Kind::graph;
    draw(std::move(figure), draw_graph(dot), "Graphviz (dot)", kGraphs);
  }

  // What an earlier rendering left.
  void remove(const std::string& name) const { files_.keep(name, std::nullopt); }

  const std::vector<std::string>& warnings() const { return files_.warnings; }
  std::vector<PageFigure> figures;

 private:
  void draw(PageFigure figure, const std::optional<Drawing>& drawing, const char* tool, const char* what) {
    if (!drawing) {
      figure.sentence = fmt::format("Not drawn: {} is not installed.", tool);
      files_.note_missing(tool, what);
    }
    keep(std::move(figure), drawing);
  }

  void keep(PageFigure figure, const std::optional<Drawing>& drawing) {
    files_.keep(figure.name, drawing);
    if (drawing) figure.svg = drawing->svg;
    figures.push_back(std::move(figure));
  }

  FigureFiles files_;
};

void draw_charts(FigureWriter& writer, const RunSummary& summary) {
  const TaskWords& words = summary.words;
  PageFigure sizes, ranks, calls, hits;
  sizes.name = "set-sizes";
  sizes.title = fmt::format("How many {}s change {}", words.part, words.answer);
  sizes.caption = fmt::format(
      "Share of {0}s, in percent, by the number of {1}s in the smallest set found. “None”: no set on offer "
      "changes {2}. “Budget”: a bound was hit before. n: {0}s on which the method ran.",
      words.sample, words.part, words.answer);
  writer.chart(std::move(sizes), chart_of_sizes(summary));

  ranks.name = "replacement-rank";
  ranks.title = fmt::format("What takes the place of {}", words.answer);
  ranks.caption = fmt::format(
      "Share of the {0}s that a method explained (how many stands behind its name), in percent, by the place "
      "of "
      "the replacement in the original top 10, which {1} leads.",
      words.sample, words.answer);
  if (words.ranks_tell)
    writer.chart(std::move(ranks), chart_of_ranks(summary));
  else
    writer.remove(ranks.name);

  calls.name = "model-calls";
  calls.title = "Share explained against model calls";
  calls.caption = fmt::format(
      "Share of {0}s explained with at most so many model calls, on a logarithmic axis. All sets of a size "
      "are judged before a search stops; the calls of a {0} are counted to the end of that size.",
      words.sample);
  writer.chart(std::move(calls), chart_of_calls(summary));

  hits.name = "first-hits";
  hits.title = fmt::format("How soon a set is found that changes {}", words.answer);
  hits.caption = fmt::format(
      "Share of {0}s for which so many passes through the model were enough: those of the ranking, and calls "
      "up "
      "to the first set that changed {1}. On a logarithmic axis. Here the order of sets within a size shows.",
      words.sample, words.answer);
  writer.chart(std::move(hits), chart_of_first_hits(summary));
}

std::string title_in_graph(const Example& example, const TitleOf& title_of) {
  const bool of_text = words_of(example.sample).of_text;
  return fmt::format("{} {}: why {}?", of_text ? "Text" : "User", clean_text(example.sample.source),
                     title_of(example.sample.answer));
}

// A text that is short enough to stand above what is said of it.
std::string quotation(const Sample& sample) {
  constexpr std::size_t kLongest = 300;
  if (!sample.text || sample.text->text.size() > kLongest) return "";
  return "“" + clean_text(sample.text->text) + "” ";
}

std::string caption_of(const Example& example, const TitleOf& title_of) {
  std::vector<std::string> removed;
  for (const int position : example.explanation().members)
    removed.push_back(title_of(example.sample.parts[position]));
  return fmt::format("{}Without {} the model {} {}. {}", quotation(example.sample),
                     fmt::join(removed, " and "), words_of(example.sample).says,
                     title_of(example.explanation().replacement),
                     sentence_about(example.sample, example.head, example.part));
}

void draw_examples(FigureWriter& writer, const std::vector<Example>& examples, const TitleOf& title_of) {
  for (std::size_t i = 0; i < kExamples; ++i) {
    const std::string name = fmt::format("graph-{}", i + 1);
    if (i >= examples.size()) {
      writer.remove(name);
      continue;
    }
    const Example& example = examples[i];
    PageFigure figure;
    figure.name = name;
    figure.title = title_in_graph(example, title_of);
    figure.caption = caption_of(example, title_of);
    writer.graph(std::move(figure), dot_of_part(example.sample, example.head.graph, example.part,
                                                example.explanation().members, title_of));
  }
}

std::string note_on_examples(std::size_t drawn, const RunSummary& summary) {
  const TaskWords& words = summary.words;
  const bool has_graphs = std::any_of(summary.methods.begin(), summary.methods.end(),
                                      [](const auto& method) { return method.name == "cleann"; });
  if (!has_graphs && !summary.methods.empty()) return "No graph is drawn: CLEANN was not run.";
  if (drawn == 0)
    return fmt::format("No graph is drawn: of no explained {} did {} have a neighbour.", words.sample,
                       words.answer);
  std::string out = fmt::format(
      "Graphs of the first {0}s, in the order of the run, with an explanation of one, two and three {1}s "
      "and {2} to {3} {1}s joined to {4}; failing these, of the first explained ones. Dark: {4}. Filled, "
      "with a thick border: the explanation. Numbers: places in the {5}. A circle is an undetermined end of "
      "an edge; an arrowhead says that the {1} there is no cause of the other, a bare end that it is; two "
      "arrowheads: a hidden common cause.",
      words.sample, words.part, kFewestItems, kMostItems, words.answer,
      words.of_text ? "text, from 1" : "history, 1 the oldest");
  if (drawn < kExamples)
    out += fmt::format(" Only {} could be drawn.", counted(static_cast<std::int64_t>(drawn), words.sample));
  return out;
}

// ---- the run folder ----

Json read_environment(const fs::path& path) {
  const Json out = Json::parse(read_file(path), nullptr, false);
  WHY_CHECK(out.is_object(), path.string(), " is no JSON object");
  return out;
}

// A task that is not known (a folder of another version) is told as the first one.
std::string task_of_run(const fs::path& folder) {
  const std::string path = (folder / "config.yaml").string();
  const std::string task = ConfigTree::load(path).scalar("task");
  WHY_CHECK(!task.empty(), path, ": key \"task\" is missing, so it is not what the run wrote");
  return std::find(kTasks.begin(), kTasks.end(), task) == kTasks.end() ? kTasks.front() : task;
}

// Nothing for a configuration that is not read any more (a folder of another version).
std::optional<ComparisonOptions> comparison_of_run(const fs::path& folder) {
  try {
    return comparison_options(load_run_config((folder / "config.yaml").string()));
  } catch (const UserError&) {
    return std::nullopt;
  }
}

std::string name_of(const fs::path& folder) {
  const fs::path path = fs::weakly_canonical(folder);
  return path.filename().string();
}

}  // namespace

void write_results(const fs::path& run_folder) {
  const std::string task = task_of_run(run_folder);
  std::string metrics = metrics_header(task);
  SummaryBuilder summary(task, comparison_of_run(run_folder));
  for_each_sample(run_folder / "samples.jsonl", [&](const Sample& sample) {
    metrics += metrics_rows(sample);
    summary.add(sample);
  });
  write_file(run_folder / "metrics.csv", metrics);
  write_file(run_folder / "summary.json", to_json(summary.finish()).dump(2) + "\n");
}

std::string unfinished_note(const fs::path& run_folder, std::int64_t samples) {
  const Json environment = read_environment(run_folder / "environment.json");
  const auto sessions = environment.find("sessions"), planned = environment.find("samples");
  if (sessions == environment.end() || !sessions->is_array()) return "";
  const auto finished = [](const Json& session) {
    return session.is_object() && session.contains("finished");
  };
  const bool knows = planned != environment.end() && planned->is_number_integer();
  const std::int64_t all = knows ? planned->get<std::int64_t>() : samples;
  if (samples >= all && std::any_of(sessions->begin(), sessions->end(), finished)) return "";
  return fmt::format("the run is not finished: it holds {}; `whyformer run --resume {}` continues it",
                     knows ? fmt::format("{} of its {} samples", samples, all) : counted(samples, "sample"),
                     run_folder.string());
}

std::vector<std::string> write_report(const fs::path& run_folder, const ItemTitles& titles) {
  const fs::path samples = run_folder / "samples.jsonl";
  WHY_CHECK(fs::exists(samples), run_folder.string(), " is no run folder: it has no samples.jsonl");
  const TitleOf title_of = [&titles](const std::string& item) { return clean_text(titles.title(item)); };

  Page page;
  page.run_name = name_of(run_folder);
  page.config = clean_lines(read_file(run_folder / "config.yaml"));
  page.environment = read_environment(run_folder / "environment.json");

  // one pass over the samples
  SummaryBuilder summary(task_of_run(run_folder), comparison_of_run(run_folder));
  PageData data(title_of);
  ExamplePicker examples("cleann");
  const bool cut = for_each_sample(samples, [&](const Sample& sample) {
    summary.add(sample);
    data.add(sample);
    examples.add(sample);
  });
  page.summary = summary.finish();
  page.data = data.finish(page.summary);

  FigureWriter writer(run_folder / "figures");
  draw_charts(writer, page.summary);
  const std::vector<Example> chosen = examples.finish();
  draw_examples(writer, chosen, title_of);
  page.note_on_graphs = note_on_examples(chosen.size(), page.summary);
  page.figures = std::move(writer.figures);
  std::vector<std::string> warnings = writer.warnings();
  if (const auto note = unfinished_note(run_folder, page.summary.samples); !note.empty())
    warnings.push_back(note);
  if (cut) warnings.push_back("the last line of samples.jsonl is incomplete and was left out");
  page.notices = warnings;
  if (page.summary.samples == 0)
    warnings.push_back("the run holds no sample yet");  // the page says so itself
  write_file(run_folder / "figures/methods.md", paper_table_markdown(page.summary));
  write_file(run_folder / "figures/methods.tex", paper_table_latex(page.summary));
  write_file(run_folder / "report.html", to_html(page));
  return warnings;
}

}  // namespace why
