#include "experiments/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/property_tree/xml_parser.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/errors.h"
#include "experiments/report/tools.h"
#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kNasty = R"(Bad </script><script>alert("x")</script> & 'Co' <img src=x> \n \ &lt;)";

ItemTitles nasty_titles() {
  ItemTitles out;
  for (const char* item : {"i0", "i1", "i2", "top", "r"}) out.add(item, kNasty);
  out.add("i3", "Bytes \xff and \x01");
  return out;
}

bool have_drawing_tools() { return run_tool({"gnuplot", "--version"}, "") && run_tool({"dot", "-V"}, ""); }

// Everything below `folder` but what the run itself wrote: path and contents.
std::map<std::string, std::string> rendered(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) out[fs::relative(entry.path(), folder).string()] = read_file(entry.path());
  for (const char* own : {"samples.jsonl", "config.yaml", "environment.json"}) out.erase(own);
  return out;
}

void expect_well_formed(const std::string& xml) {
  std::istringstream in(xml);
  boost::property_tree::ptree tree;
  EXPECT_NO_THROW(boost::property_tree::read_xml(in, tree));
}

// The JSON that the page's script reads.
nlohmann::json embedded_data(const std::string& html) {
  const std::string open = R"(<script type="application/json" id="data">)";
  const std::size_t start = html.find(open) + open.size();
  return nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start));
}

std::size_t occurrences(const std::string& text, const std::string& what) {
  std::size_t out = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++out;
  return out;
}

// What stands between each `open` and the next `close`.
std::vector<std::string> all_between(const std::string& text, const std::string& open, char close) {
  std::vector<std::string> out;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + 1)) {
    const std::size_t start = at + open.size();
    out.push_back(text.substr(start, text.find(close, start) - start));
  }
  return out;
}

// Six drawings on one page must not use each other's patterns.
void expect_ids_unique_and_references_known(const std::string& html) {
  std::set<std::string> known;
  for (const char quote : {'"', '\''})
    for (const auto& id : all_between(html, text(" id=", quote), quote))
      EXPECT_TRUE(known.insert(id).second) << id << " stands twice";
  auto references = all_between(html, "url(#", ')');
  for (const auto& reference : all_between(html, "href='#", '\'')) references.push_back(reference);
  EXPECT_THAT(references, testing::Contains(testing::StartsWith("f1-")));
  for (const auto& reference : references) EXPECT_TRUE(known.count(reference)) << reference;
}

std::vector<Sample> three_users() {
  std::vector<Sample> out = {made_up_sample(0), made_up_sample(1), made_up_sample(2)};
  out[1].methods["cleann"] = explained_by(found_set({0, 2}, std::nullopt), {2, 1, 0});
  out[2].methods["exhaustive"] = out[0].methods["cleann"];
  out[2].warnings = {"the graph is <nearly> empty"};
  return out;
}

TEST(Report, LeavesFiguresAndOnePageWithoutRawTitlesOrRequests) {
  if (!have_drawing_tools()) GTEST_SKIP() << "gnuplot or Graphviz is not installed";
  const fs::path folder = made_up_run("report_nasty", three_users());
  EXPECT_THAT(write_report(folder, nasty_titles()), IsEmpty());

  const auto files = rendered(folder);
  std::vector<std::string> names;
  for (const auto& [name, contents] : files) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("figures/first-hits.pdf", "figures/first-hits.png", "figures/first-hits.svg",
                                 "figures/graph-1.pdf", "figures/graph-1.png", "figures/graph-1.svg",
                                 "figures/graph-2.pdf", "figures/graph-2.png", "figures/graph-2.svg",
                                 "figures/graph-3.pdf", "figures/graph-3.png", "figures/graph-3.svg",
                                 "figures/methods.md", "figures/methods.tex", "figures/model-calls.pdf",
                                 "figures/model-calls.png", "figures/model-calls.svg",
                                 "figures/replacement-rank.pdf", "figures/replacement-rank.png",
                                 "figures/replacement-rank.svg", "figures/set-sizes.pdf",
                                 "figures/set-sizes.png", "figures/set-sizes.svg", "report.html"));
  for (const auto& [name, contents] : files) {
    SCOPED_TRACE(name);
    if (name.ends_with(".svg")) expect_well_formed(contents);
    if (name.ends_with(".png")) {
      EXPECT_TRUE(contents.starts_with("\x89PNG"));
    } else if (name.ends_with(".pdf")) {
      EXPECT_TRUE(contents.starts_with("%PDF"));
    } else {
      EXPECT_THAT(contents, Not(HasSubstr("nan")));
    }
  }

  const std::string& html = files.at("report.html");
  EXPECT_THAT(html, Not(HasSubstr("alert(\"x\")")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("http:")));
  EXPECT_THAT(html, Not(HasSubstr("https:")));
  EXPECT_THAT(html, Not(HasSubstr("NaN")));
  EXPECT_THAT(html, Not(HasSubstr("{{")));
  EXPECT_EQ(occurrences(html, "<script"), 2u);
  EXPECT_EQ(occurrences(html, "</script>"), 2u);
  EXPECT_EQ(occurrences(html, "<svg role"), 7u);
  expect_ids_unique_and_references_known(html);

  const auto data = embedded_data(html);
  EXPECT_EQ(data["samples"].size(), 3u);
  EXPECT_EQ(data["items"][data["samples"][0]["answer"].get<int>()], kNasty);
  EXPECT_EQ(data["items"][data["samples"][0]["parts"][3].get<int>()], "Bytes \xef\xbf\xbd and  ");
  EXPECT_EQ(data["samples"][2]["warnings"][0], "the graph is <nearly> empty");
}

TEST(Report, TextsAreShownAsWrittenAndEscaped) {
  const fs::path folder = made_up_run("report_texts", {made_up_text(0), made_up_text(1)}, "sentiment");
  write_report(folder, {});
  const std::string html = read_file(folder / "report.html");
  EXPECT_THAT(html, HasSubstr("Why these answers?"));
  EXPECT_THAT(
      html, HasSubstr("CLEANN explained the verdict on 2 of 2 texts (100.0\u00a0%): it found a smallest set "
                      "of words without which"));
  EXPECT_THAT(html, HasSubstr("The model&#39;s answer was right on 1 of 2 texts (50.0\u00a0%)."));
  EXPECT_THAT(html, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(html, Not(HasSubstr("<b>dull")));
  for (const char* word : {">Users<", "list of users", "a user", "past items", "film, or", "recommend"})
    EXPECT_THAT(html, Not(HasSubstr(word))) << word;
  EXPECT_FALSE(fs::exists(folder / "figures/replacement-rank.svg"));  // says nothing of two labels

  const auto sample = embedded_data(html)["samples"][1];
  EXPECT_EQ(sample["runs"][0], nlohmann::json({"A", 0}));
  EXPECT_EQ(sample["runs"][2], nlohmann::json({"<b>dull</b>", 1}));
  EXPECT_EQ(sample["runs"][5], nlohmann::json({"\n"}));
  EXPECT_EQ(sample["label"], "positive");
  if (!have_drawing_tools()) return;
  const std::string graph = read_file(folder / "figures/graph-1.svg");
  expect_well_formed(graph);
  EXPECT_THAT(graph, HasSubstr("verdict"));
  EXPECT_THAT(html, HasSubstr("Text test:0: why negative?"));
}

// Labels alternate, and the made-up verdict is always "negative".
TEST(Report, AClassThatIsNeverPredictedIsNamed) {
  const fs::path folder = made_up_run("report_one_class", {made_up_text(0), made_up_text(1)}, "sentiment");
  write_report(folder, {});
  EXPECT_THAT(read_file(folder / "report.html"),
              HasSubstr("The model never says positive, the right answer of 1 text: nothing here"));
  const fs::path right = made_up_run("report_right", {made_up_text(0), made_up_text(2)}, "sentiment");
  write_report(right, {});
  EXPECT_THAT(read_file(right / "report.html"), Not(HasSubstr("The model never says")));
}

// Two methods that never differ: no difference, p = 1, correlation of constant scores unknown.
TEST(Report, MeasuresWithoutVarianceAreNumbersOrDashes) {
  std::vector<Sample> samples = {made_up_sample(0), made_up_sample(1)};
  for (auto& sample : samples) {
    sample.methods["knockout"] = sample.methods["cleann"];
    sample.rankings = {{"attention", {{1, 1, 1, 1}, 0.0, 0.0}}, {"knockout", {{2, 2, 2, 2}, 0.0, 0.0}}};
  }
  const fs::path folder = made_up_run("report_constant", samples);
  write_file(folder / "config.yaml",
             "task: recommendation\nmodel: m\ndata: d\nmethods: [cleann, knockout]\n");
  write_results(folder);
  write_report(folder, {});
  const std::string html = read_file(folder / "report.html"), summary = read_file(folder / "summary.json");
  EXPECT_THAT(html, HasSubstr("p = 1.000"));
  EXPECT_THAT(html, HasSubstr("<td data-label=\"Most like (Spearman)\"><span>–</span></td>"));
  EXPECT_THAT(summary, HasSubstr("\"spearman\": null"));
  for (const auto& text : {html, summary}) EXPECT_THAT(text, Not(HasSubstr("nan")));
}

TEST(Report, AnotherRenderingRemovesAFigureThatIsNotDrawnAnyMore) {
  const fs::path folder = made_up_run("report_old_figure", {made_up_text(0)}, "sentiment");
  fs::create_directories(folder / "figures");
  write_file(folder / "figures/replacement-rank.svg", "old");
  write_report(folder, {});
  EXPECT_FALSE(fs::exists(folder / "figures/replacement-rank.svg"));
}

TEST(Report, PageRepeatsSettingsEnvironmentAndControls) {
  const fs::path folder = made_up_run("report_settings", three_users());
  write_report(folder, {});
  const std::string html = read_file(folder / "report.html");
  EXPECT_THAT(html, HasSubstr("name: &quot;&lt;b&gt;&amp;&quot;"));
  EXPECT_THAT(html, HasSubstr("<dt>commit</dt><dd>abc</dd>"));
  EXPECT_THAT(html, HasSubstr("<dt>seconds</dt><dd>2.5</dd>"));
  EXPECT_THAT(html, HasSubstr("CLEANN explained the recommendation of 3 of 3 users (100.0\u00a0%)"));
  EXPECT_THAT(html, HasSubstr("Permuted nodes 0 of 3 users (0.0\u00a0%); Random sets 0 of 3 users"));
}

TEST(Report, MethodsAreComparedWithTheFirstOfTheConfiguration) {
  const fs::path folder = made_up_run("report_compared", three_users());
  EXPECT_THAT((write_report(folder, {}), read_file(folder / "report.html")), Not(HasSubstr("Compared with")));
  write_file(
      folder / "config.yaml",
      "task: recommendation\nmodel: a\ndata: b\nmethods: [random-order, cleann]\nsets: {max_calls: 20}\n");
  write_report(folder, {});
  EXPECT_THAT(read_file(folder / "report.html"), Not(HasSubstr("Compared with")));  // it was not run
  write_file(folder / "config.yaml", "task: recommendation\nmodel: a\ndata: b\nsets: {max_calls: 20}\n");
  write_report(folder, {});
  const std::string html = read_file(folder / "report.html");
  EXPECT_THAT(html, HasSubstr("<h3>Compared with CLEANN</h3>"));
  EXPECT_THAT(html, HasSubstr("-100.0 points<span class=\"soft\">-100.0 to -100.0</span>"
                              "<span class=\"soft\">p = 1.000</span><span class=\"soft\">3 users</span>"));
  EXPECT_THAT(
      html, HasSubstr("Calls are counted up to 20 calls; a user that was not explained counts as 20 calls."));
  for (const char* word : {"nan", "NaN"}) EXPECT_THAT(html, Not(HasSubstr(word)));
}

// Each has a row or a panel of its own, also one that explained nothing.
TEST(Report, ManyMethodsStayReadableAndTheFirstNamedLeads) {
  if (!have_drawing_tools()) GTEST_SKIP() << "gnuplot or Graphviz is not installed";
  Sample sample = made_up_sample(0);
  for (const char* name : {"attention", "rollout", "knockout:any", "random-order", "accent"})
    sample.methods[name] = explained_by(found_set({1, 2}, std::nullopt), {2, 1, 0});
  const fs::path run = made_up_run("many_methods", {sample});
  write_file(run / "config.yaml", "task: recommendation\nmodel: m\ndata: d\nmethods: [rollout, cleann]\n");
  write_report(run, {});
  for (const char* chart : {"set-sizes", "first-hits", "model-calls", "replacement-rank"}) {
    const std::string svg = read_file(run / text("figures/", chart, ".svg"));
    expect_well_formed(svg);
    for (const char* label : {"CLEANN", "Attention rollout", "Knock-out, any size", "ACCENT-LOO"})
      EXPECT_THAT(svg, HasSubstr(label)) << chart;
  }
  EXPECT_THAT(read_file(run / "figures/first-hits.svg"),
              HasSubstr("explained nothing"));  // the permuted graphs
  EXPECT_THAT(
      read_file(run / "report.html"),
      HasSubstr("Attention rollout explained the recommendation of 1 of 1 user (100.0\u00a0%): it found"));
}

TEST(Report, TellsHowGoodRankingsAreAndHowAlikeMethods) {
  Sample sample = made_up_sample(0), short_one = made_up_sample(1);
  sample.methods["smart-attention"] = sample.methods["cleann"];
  sample.methods["random"] = explained_by(found_set({1, 2}, 2), {2, 1, 0});
  sample.rankings["attention"] = {{4, 3, 2, 1}, 0.25, -0.125};
  sample.rankings["rollout"] = {{4, 3, 1, 2}, {}, {}};
  const fs::path run = made_up_run("rankings", {sample, short_one});
  write_report(run, {});
  const std::string html = read_file(run / "report.html");
  EXPECT_THAT(html, HasSubstr("How good are the rankings themselves?"));
  EXPECT_THAT(html, HasSubstr("0.2500 ± 0.0000"));
  EXPECT_THAT(html, HasSubstr("Attention (0.80)"));  // the ranking most like rollout
  EXPECT_THAT(html, HasSubstr("Do the methods agree?"));
  EXPECT_THAT(html, HasSubstr("Smart attention (1.00)"));  // has CLEANN's set
  EXPECT_THAT(html, HasSubstr("<td data-label=\"Jaccard with CLEANN\"><span>0.50</span></td>"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST(Report, TwoRenderingsAreTheSameBytes) {
  const fs::path folder = made_up_run("report_twice", three_users());
  write_report(folder, nasty_titles());
  const auto first = rendered(folder);
  write_report(folder, nasty_titles());
  EXPECT_EQ(rendered(folder), first);
}

TEST(Report, NoExplainedUserGivesSentencesInsteadOfEmptyAxesAndRemovesOldFigures) {
  const fs::path folder = made_up_run("report_none", three_users());
  write_report(folder, {});
  auto samples = three_users();
  for (auto& sample : samples)
    for (auto& [name, result] : sample.methods)
      result = unexplained(SearchStatus::none, SearchBound::none, {2, 1, 0});
  std::string lines;
  for (const auto& sample : samples) lines += to_json_line(sample) + "\n";
  write_file(folder / "samples.jsonl", lines);
  write_report(folder, {});

  const std::string html = read_file(folder / "report.html");
  EXPECT_EQ(occurrences(html, "Nothing to draw: no method explained anything."), 3u);
  EXPECT_THAT(html, HasSubstr("No graph is drawn"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  for (const auto& [name, contents] : rendered(folder))
    EXPECT_TRUE(name == "report.html" || name.starts_with("figures/set-sizes") ||
                name.starts_with("figures/methods."))
        << name;
}

TEST(Report, ARunWithoutSamplesSaysSo) {
  const fs::path folder = made_up_run("report_empty", {});
  EXPECT_THAT(write_report(folder, {}), ElementsAre("the run holds no sample yet"));
  const std::string html = read_file(folder / "report.html");
  EXPECT_THAT(html, HasSubstr("The run has no sample yet, so there is nothing to report."));
  EXPECT_EQ(occurrences(html, "<svg role"), 0u);
  EXPECT_EQ(embedded_data(html)["samples"].size(), 0u);
}

TEST(Report, OneUserIsEnough) {
  if (!have_drawing_tools()) GTEST_SKIP() << "gnuplot or Graphviz is not installed";
  const fs::path folder = made_up_run("report_one", {made_up_sample(0)});
  write_report(folder, {});
  const std::string html = read_file(folder / "report.html");
  EXPECT_EQ(occurrences(html, "<svg role"), 5u);
  EXPECT_THAT(html, HasSubstr("Only 1 user could be drawn."));
}

TEST(Report, ExamplesAreTheFirstOfEachSizeWithAClearGraph) {
  if (!have_drawing_tools()) GTEST_SKIP() << "Graphviz is not installed";
  std::vector<Sample> samples;
  for (int user = 0; user < 6; ++user) samples.push_back(made_up_sample(user));
  samples[0].graphs = {{0, graph_of_numbers(5, "2 --> 4")}};  // only one item is joined: not clear
  samples[3].methods["cleann"] = explained_by(found_set({1, 2}, 2), {2, 1, 0});
  const fs::path folder = made_up_run("report_examples", samples);
  write_report(folder, {});
  const std::string html = read_file(folder / "report.html");
  std::vector<std::string> users;
  for (const char* user : {"u0", "u1", "u2", "u3", "u4", "u5"})
    if (html.find(text("<h3>User ", user, ":")) != std::string::npos) users.push_back(user);
  EXPECT_THAT(users, ElementsAre("u1", "u2", "u3"));
  EXPECT_LT(html.find("<h3>User u3"), html.find("<h3>User u2"));
}

TEST(Report, CutLastLineIsReported) {
  const fs::path folder = made_up_run("report_cut", {made_up_sample(0)});
  std::ofstream(folder / "samples.jsonl", std::ios::app) << "{\"sample\":";
  EXPECT_THAT(write_report(folder, {}),
              ElementsAre("the last line of samples.jsonl is incomplete and was left out"));
}

std::string error_of(const fs::path& folder) {
  try {
    write_report(folder, {});
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Report, DamagedRunFoldersAreNamed) {
  fs::path folder = made_up_run("report_damaged", {made_up_sample(0)});
  std::ofstream(folder / "samples.jsonl", std::ios::app) << "{}\n";
  EXPECT_EQ(error_of(folder), (folder / "samples.jsonl").string() + ":2: key \"sample\" is missing");
  write_file(folder / "environment.json", "[");
  EXPECT_EQ(error_of(folder), (folder / "environment.json").string() + " is no JSON object");
  fs::remove(folder / "samples.jsonl");
  EXPECT_EQ(error_of(folder), folder.string() + " is no run folder: it has no samples.jsonl");
}

// Runs the rest of the test with another PATH.
class WithPath {
 public:
  explicit WithPath(const std::string& path) : before_(std::getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);
  }
  ~WithPath() { setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

TEST(Report, MissingToolsAreAWarningAndASentence) {
  const fs::path folder = made_up_run("report_no_tools", three_users());
  const WithPath nothing("/nonexistent");
  EXPECT_THAT(write_report(folder, {}),
              ElementsAre("gnuplot is not installed: the charts are not drawn",
                          "Graphviz (dot) is not installed: the graphs are not drawn"));
  const std::string html = read_file(folder / "report.html");
  EXPECT_THAT(html, HasSubstr("Not drawn: gnuplot is not installed."));
  EXPECT_EQ(embedded_data(html)["samples"].size(), 3u);
}

TEST(Report, AToolThatFailsIsNamedWithItsComplaint) {
  const fs::path folder = made_up_run("report_failing_tool", three_users());
  const fs::path tool = folder / "gnuplot";
  write_file(tool, "#!/bin/sh\necho 'no terminal here' >&2\nexit 3\n");
  fs::permissions(tool, fs::perms::owner_all);
  const WithPath ours(folder.string());
  try {
    write_report(folder, {});
    FAIL() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "gnuplot failed: exit code 3: no terminal here");
  }
}

}  // namespace
}  // namespace why
