#include "experiments/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "experiments/report/markup.h"
#include "experiments/report/page.h"

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

// Nothing when the explanation is not joined to the recommendation in the head that proposed it.
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
  explicit FigureWriter(fs::path folder) : folder_(std::move(folder)) {
    std::error_code error;
    fs::create_directories(folder_, error);
    WHY_CHECK(!error, "cannot make the folder ", folder_.string(), ": ", error.message());
  }

  void chart(PageFigure figure, const Chart& chart) {
    figure.sentence = chart.sentence;
    if (chart.script.empty())
      keep(std::move(figure), std::nullopt);
    else
      draw(std::move(figure), draw_chart(chart.script), "gnuplot", kCharts);
  }

  void graph(PageFigure figure, const std::string& dot) {
    figure.kind = PageFigure::Kind::graph;
    draw(std::move(figure), draw_graph(dot), "Graphviz (dot)", kGraphs);
  }

  // What an earlier rendering left.
  void remove(const std::string& name) const {
    fs::remove(folder_ / (name + ".svg"));
    fs::remove(folder_ / (name + ".png"));
  }

  std::vector<PageFigure> figures;
  std::vector<std::string> warnings;

 private:
  void draw(PageFigure figure, const std::optional<Drawing>& drawing, const char* tool, const char* what) {
    if (!drawing) {
      figure.sentence = fmt::format("Not drawn: {} is not installed.", tool);
      const std::string warning = fmt::format("{} is not installed: the {} are not drawn", tool, what);
      if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
    }
    keep(std::move(figure), drawing);
  }

  void keep(PageFigure figure, const std::optional<Drawing>& drawing) {
    if (drawing) {
      write_file(folder_ / (figure.name + ".svg"), drawing->svg);
      write_file(folder_ / (figure.name + ".png"), drawing->png);
      figure.svg = drawing->svg;
    } else {
      remove(figure.name);
    }
    figures.push_back(std::move(figure));
  }

  fs::path folder_;
};

void draw_charts(FigureWriter& writer, const RunSummary& summary) {
  const MethodSummary* main = summary.main_method();
  const std::string label = main == nullptr ? "CLEANN" : method_text(main->name).label;
  PageFigure sizes, ranks, calls;
  sizes.name = "set-sizes";
  sizes.title = "How many items make a recommendation change";
  sizes.caption =
      "Share of users, in percent, by the number of items in the smallest set found. “None”: no set on offer "
      "changes the recommendation. “Budget”: a bound was hit before. n: users on whom the method ran.";
  writer.chart(std::move(sizes), chart_of_sizes(summary));

  ranks.name = "replacement-rank";
  ranks.title = "What takes the place of the recommendation";
  ranks.caption = fmt::format(
      "Share of the users explained by {}, in percent, by the place of the replacement in the original top "
      "10, which the recommendation leads. “>10”: it stood further down.",
      label);
  writer.chart(std::move(ranks), chart_of_ranks(summary));

  calls.name = "model-calls";
  calls.title = "Share explained against model calls";
  calls.caption =
      "Share of users explained with at most so many model calls, on a logarithmic axis. All sets of a size "
      "are judged before a search stops; the calls of a user are counted to the end of that size.";
  writer.chart(std::move(calls), chart_of_calls(summary));
}

std::string title_in_graph(const Example& example, const TitleOf& title_of) {
  return fmt::format("User {}: why {}?", clean_text(example.sample.source), title_of(example.sample.answer));
}

std::string caption_of(const Example& example, const TitleOf& title_of) {
  std::vector<std::string> removed;
  for (const int position : example.explanation().members)
    removed.push_back(title_of(example.sample.parts[position]));
  return fmt::format("Without {} the model recommends {}. {}", fmt::join(removed, " and "),
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

std::string note_on_examples(std::size_t drawn) {
  if (drawn == 0)
    return "No graph is drawn: in none did an explained user's recommendation have a neighbour.";
  std::string out = fmt::format(
      "Graphs of the first users, in the order of the run, with an explanation of one, two and three items "
      "and {} to {} items joined to the recommendation; failing these, of the first explained ones. Dark: "
      "the recommendation. Filled, with a thick border: the explanation. Numbers: places in the history, 1 "
      "the oldest. A circle is an undetermined end of an edge; an arrowhead says that the item there is no "
      "cause of the other, a bare end that it is; two arrowheads: a hidden common cause.",
      kFewestItems, kMostItems);
  if (drawn < kExamples)
    out += fmt::format(" Only {} could be drawn.", counted(static_cast<std::int64_t>(drawn), "user"));
  return out;
}

// ---- the run folder ----

Json read_environment(const fs::path& path) {
  const Json out = Json::parse(read_file(path), nullptr, false);
  WHY_CHECK(out.is_object(), path.string(), " is no JSON object");
  return out;
}

std::string clean_lines(const std::string& contents) {
  std::istringstream in(contents);
  std::string out;
  for (std::string line; std::getline(in, line);) out += clean_text(line) + "\n";
  return out;
}

std::string name_of(const fs::path& folder) {
  const fs::path path = fs::weakly_canonical(folder);
  return path.filename().string();
}

}  // namespace

std::vector<std::string> write_report(const fs::path& run_folder, const ItemTitles& titles) {
  const fs::path samples = run_folder / "samples.jsonl";
  WHY_CHECK(fs::exists(samples), run_folder.string(), " is no run folder: it has no samples.jsonl");
  const TitleOf title_of = [&titles](const std::string& item) { return clean_text(titles.title(item)); };

  Page page;
  page.run_name = name_of(run_folder);
  page.config = clean_lines(read_file(run_folder / "config.yaml"));
  page.environment = read_environment(run_folder / "environment.json");

  // one pass over the samples
  SummaryBuilder summary;
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
  page.note_on_graphs = note_on_examples(chosen.size());
  page.figures = std::move(writer.figures);
  if (cut) writer.warnings.push_back("the last line of samples.jsonl is incomplete and was left out");
  page.notices = writer.warnings;
  if (page.summary.samples == 0)
    writer.warnings.push_back("the run holds no sample yet");  // the page says so itself
  write_file(run_folder / "report.html", to_html(page));
  return writer.warnings;
}

}  // namespace why
