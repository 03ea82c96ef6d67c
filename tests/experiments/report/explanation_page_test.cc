#include "experiments/report/explanation_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiments/report/tools.h"
#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t occurrences(const std::string& text, const std::string& what) {
  std::size_t out = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++out;
  return out;
}

TEST(ExplanationPage, ShowsTheTextWithItsExplanationMarkedAndEscaped) {
  const std::string html = explanation_page(made_up_text(0), {}, {"a <model>", {}, 384});
  EXPECT_THAT(html, HasSubstr("Why “negative”?"));
  EXPECT_THAT(
      html,
      HasSubstr("The model says negative (probability 0.875). Without “&lt;b&gt;dull&lt;/b&gt;” and “dull” "
                "it says positive."));
  EXPECT_THAT(html, HasSubstr("A <mark>&lt;b&gt;dull&lt;/b&gt;</mark> film,\n<mark>dull</mark> &amp; "
                              "&lt;script&gt;alert(1)&lt;/script&gt; &quot;long&quot;."));
  EXPECT_EQ(occurrences(html, "<mark>"), 2u);
  EXPECT_EQ(occurrences(html, "<script"), 0u);
  EXPECT_THAT(html, HasSubstr("a &lt;model&gt;"));
  EXPECT_THAT(
      html,
      HasSubstr("&lt;b&gt;dull&lt;/b&gt; o-&gt; the verdict: a cause of it, or both have a hidden cause"));
  EXPECT_THAT(html, HasSubstr("<td data-label=\"Margin\"><span>-0.25</span></td>"));
  for (const char* outside : {"http:", "https:", "{{", "url("}) EXPECT_THAT(html, Not(HasSubstr(outside)));
}

TEST(ExplanationPage, DrawsTheGraphOfTheHeadThatProposed) {
  if (!run_tool({"dot", "-V"}, "")) GTEST_SKIP() << "Graphviz is not installed";
  Sample sample = made_up_text(0);
  sample.graphs.push_back({5, graph_of_numbers(7, "0 o-o 6")});
  const std::string html = explanation_page(sample, {}, {"model", {}, 384});
  EXPECT_EQ(occurrences(html, "<svg"), 1u);
  EXPECT_THAT(html, HasSubstr("Head 3: drawn are 5 of 6 words and 5 of 5 edges"));
  EXPECT_EQ(occurrences(html, "<details>"), 2u);
  sample.methods["cleann"] = unexplained(SearchStatus::none, SearchBound::none, {2, 1, 0});
  const std::string none = explanation_page(sample, {}, {"model", {}, 384});
  EXPECT_THAT(none, HasSubstr("No answer: no set of words that the graphs propose changes the verdict"));
  EXPECT_THAT(none, HasSubstr("Head 3: drawn"));  // most neighbours
  EXPECT_EQ(occurrences(none, "<mark>"), 0u);
}

TEST(ExplanationPage, ShowsTheGraphOfTheChosenHeadAlone) {
  Sample sample = made_up_text(0);
  sample.graphs.push_back({5, graph_of_numbers(7, "0 o-o 6")});
  ExplanationSettings settings{"model", {}, 384};
  settings.options.sets.heads = "3";
  const std::string html = explanation_page(sample, {}, settings);
  EXPECT_THAT(html, HasSubstr("<summary>Head 3: "));
  EXPECT_THAT(html, Not(HasSubstr("Head 5")));
}

TEST(ExplanationPage, ShowsAHistoryWithItsTitles) {
  ItemTitles films;
  films.add("i2", "<i>Heat</i> (1995)");
  films.add("top", "Grease (1978)");
  const std::string html = explanation_page(made_up_sample(0), films, {"model", {}, 64});
  EXPECT_THAT(html, HasSubstr("Why “Grease (1978)”?"));
  EXPECT_THAT(html, HasSubstr("<li><mark>&lt;i&gt;Heat&lt;/i&gt; (1995)</mark></li>"));
  EXPECT_THAT(html, HasSubstr("r, number 2 of the original ten"));
  EXPECT_THAT(html, Not(HasSubstr("<i>")));
}

}  // namespace
}  // namespace why
