#include "experiments/tasks/explanation_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "discovery/graph/notation.h"
#include "experiments/tasks/explanation_words.h"
#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ItemTitles films() {
  ItemTitles out;
  out.add("1", "Alpha (1999)");
  out.add("2", "Beta (2001)");
  out.add("3", "Gamma (2003)");
  out.add("4", "Delta (2005)");
  return out;
}

// Alpha and Beta were watched, Gamma is recommended, Delta without Beta.
Sample explained() {
  Sample out;
  out.parts = {"1", "2"};
  out.excluded = 2;
  out.answer = "3";
  out.score = 8.5;
  out.top10 = {"3", "4"};
  out.graphs.push_back({0, parse_graph("nodes: 0 1 2, 1 o-> 2").graph});
  out.graphs.push_back({1, parse_graph("nodes: 0 1 2, 0 <-> 1").graph});
  FoundSet set;
  set.members = {1};
  set.parts = {"2"};
  set.replacement = "4";
  set.replacement_rank = 2;
  set.margin = -0.25;
  set.depth = 1;
  set.heads = {0};
  auto& method = out.methods["cleann"];
  method.status = SearchStatus::minimal;
  method.sets = {set};
  method.legal = {1, 0, 0};
  method.possible = {2, 1, 0};
  method.calls = {1, 0, 0};
  method.passes = 1;
  out.warnings = {"head 1: nothing is joined to the target, so it proposes no set"};
  return out;
}

std::string written(const Sample& sample) { return explanation_text(sample, films(), {"model", {}, 64}); }

TEST(ExplanationText, IsThis) {
  EXPECT_EQ(written(explained()),
            R"(From 2 items the model recommends

    Gamma (2003)

and next in line is Delta (2005).

It would recommend something else without

    Beta (2001)
        then: Delta (2005), number 2 of the original ten
        margin -0.25, proposed by head 0

The causal graphs around the recommendation (icd, alpha 1e-05, 64 samples)

    head 0: 1 edge among 3 items, 1 at the recommendation
        Beta (2001) o-> the recommendation: a cause of it, or both have a hidden cause
    head 1: 1 edge among 3 items, 0 at the recommendation
    head 1: nothing is joined to the target, so it proposes no set

Status: minimal among the sets that the graphs propose: no smaller one changes the recommendation

    items  sets there are  proposed  asked
        1               2         1      1
        2               1         0      0
        3               0         0      0
    1 model call in all
)");
}

TEST(ExplanationText, SaysWhichItemsTheModelDidNotSee) {
  auto sample = explained();
  sample.excluded = 60;
  EXPECT_THAT(written(sample), HasSubstr("The model sees the last 2 of 60 items; none of the others"));
}

TEST(ExplanationText, SaysWhyThereIsNoAnswer) {
  auto sample = explained();
  auto& method = sample.methods["cleann"];
  method.sets.clear();
  method.status = SearchStatus::none;
  EXPECT_THAT(written(sample), HasSubstr("No answer: no set of items that the graphs propose changes"));
  method.status = SearchStatus::budget;
  method.bound = SearchBound::max_set_size;
  EXPECT_THAT(written(sample), HasSubstr("no set of up to 3 items"));
  method.bound = SearchBound::max_calls;
  EXPECT_THAT(written(sample), HasSubstr("within 500 model calls"));
  ExplanationSettings strict;
  strict.options.sets.max_calls = strict.options.sets.max_set_size = 1;
  EXPECT_THAT(explanation_text(sample, films(), strict),
              HasSubstr("found within 1 model call (--max-calls)"));
  method.bound = SearchBound::max_set_size;
  EXPECT_THAT(explanation_text(sample, films(), strict), HasSubstr("no set of up to 1 item that the graphs"));
}

TEST(ExplanationText, DoesNotListEndlessly) {
  auto sample = explained();
  auto& method = sample.methods["cleann"];
  method.sets.resize(25, method.sets.front());
  const auto text = written(sample);
  EXPECT_THAT(text, HasSubstr("and 15 sets more"));
}

TEST(ExplanationText, OfATextIsThis) {
  Sample sample = made_up_text(0);
  sample.graphs.push_back({5, graph_of_numbers(7, "0 o-o 6")});
  sample.methods["cleann"].possible = {6, 15, 20};
  EXPECT_EQ(written(sample), R"(The model says

    negative (probability 0.875)

of

    A **<b>dull</b>** film,
    **dull** & <script>alert(1)</script> "long".

It would say something else without

    <b>dull</b>
    and dull
        then: positive
        margin -0.25, proposed by head 3

The causal graphs around the verdict (icd, alpha 1e-05, 64 samples)

    head 3: 5 edges among 6 words and the verdict, 2 at the verdict
        <b>dull</b> o-> the verdict: a cause of it, or both have a hidden cause
        dull o-o the verdict: tied to it, direction open
    head 5: 1 edge among 6 words and the verdict, 1 at the verdict

Status: minimal among the sets that the graphs propose: no smaller one changes the verdict

    words  sets there are  proposed  asked
        1               6         2      2
        2              15         1      1
        3              20         0      0
    3 model calls in all
)");
}

TEST(ExplanationText, ATextCannotCommandATerminal) {
  Sample sample = made_up_text(0);
  sample.text->text[0] = '\x1b';
  EXPECT_THAT(written(sample), HasSubstr("    \\x1b **<b>dull</b>** film,\n"));
}

TEST(ExplanationText, OfAMaskedWordSaysWhatIsPredicted) {
  Sample sample = made_up_text(0);
  sample.task = "masked-word";
  sample.answer = "whale";
  sample.top10 = {"whale", "positive"};
  EXPECT_THAT(written(sample),
              HasSubstr("The model predicts\n\n    whale (probability 0.875)\n\nat the mask in"));
  EXPECT_THAT(written(sample), HasSubstr("It would predict something else without"));
  EXPECT_THAT(written(sample), HasSubstr("then: positive, number 2 of the original ten"));
}

TEST(ExplanationText, EveryEdgeHasItsWords) {
  EXPECT_EQ(edge_in_words(Mark::tail, Mark::arrow), "a cause of it");
  EXPECT_EQ(edge_in_words(Mark::circle, Mark::arrow), "a cause of it, or both have a hidden cause");
  EXPECT_EQ(edge_in_words(Mark::arrow, Mark::arrow), "both have a hidden cause");
  EXPECT_EQ(edge_in_words(Mark::arrow, Mark::tail), "caused by it");
  EXPECT_EQ(edge_in_words(Mark::arrow, Mark::circle), "caused by it, or both have a hidden cause");
  EXPECT_EQ(edge_in_words(Mark::circle, Mark::circle), "tied to it, direction open");
  EXPECT_EQ(edge_in_words(Mark::tail, Mark::tail), "tied to it by selection, or direction open");
}

TEST(ExplanationJson, IsTheRecordWithTitles) {
  const auto json = nlohmann::json::parse(explanation_json(explained(), films(), {"model", {}, 64}));
  EXPECT_EQ(json["recommended"], "3");
  EXPECT_EQ(json["titles"]["4"], "Delta (2005)");
  EXPECT_EQ(json["titles"].size(), 4u);
  EXPECT_EQ(json["settings"]["model"], "model");
  EXPECT_EQ(json["settings"]["search"], "icd");
  EXPECT_EQ(json["settings"]["alpha"], 1e-5);
  EXPECT_EQ(json["settings"]["samples"], 64);
  EXPECT_EQ(json["settings"]["removal"], "auto");
  const auto line = explanation_json(made_up_text(0), {}, {}, JsonLayout::line);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  auto record = nlohmann::ordered_json::parse(line);
  record.erase("settings");
  EXPECT_EQ(record.dump(), to_json_line(made_up_text(0)));
  EXPECT_EQ(json["methods"]["cleann"]["sets"][0]["members"], nlohmann::json({1}));
}

}  // namespace
}  // namespace why
